//! The settings as they are listed and as the documentation has them.

use clap::CommandFactory as _;
use kai_core::config;
use kai_test_support::documented::{Row, assert_settings};
use kai_worker::cli::Cli;
use tempfile::TempDir;

use crate::harness::{kai_worker, stdout};

#[test]
fn the_documentation_has_every_setting_as_it_is() {
    let matches = Cli::command().try_get_matches_from(["kai-worker"]).unwrap();
    let settings = config::settings::<Cli>(&matches);
    let rows = settings.into_iter().map(|setting| Row {
        name: setting.name,
        flag: setting.flag,
        default: setting.default,
        meaning: setting.meaning,
        secret: setting.secret,
    });
    assert_settings("kai-worker", rows);
}

#[tokio::test]
async fn config_says_where_each_value_comes_from_and_hides_secrets() {
    let folder = TempDir::new().unwrap();
    std::fs::write(
        folder.path().join(".env"),
        "AGENT_LANGUAGE=en\nOPENAI_API_KEY=sk-abcdef\n",
    )
    .unwrap();
    std::fs::write(folder.path().join(".env.local"), "AGENT_LANGUAGE=id\n").unwrap();
    let output = kai_worker(folder.path(), &["--sql-max-rows", "7", "config"])
        .env("TEMPORAL_NAMESPACE", "shop")
        .output()
        .await
        .unwrap();
    let listed = stdout(&output);
    let line = |name: &str| {
        let line = listed
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name));
        line.unwrap()
            .split_whitespace()
            .skip(1)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("SQL_MAX_ROWS"), "flag 7");
    assert_eq!(line("TEMPORAL_NAMESPACE"), "environment shop");
    assert_eq!(line("AGENT_LANGUAGE"), ".env file id");
    assert_eq!(line("OPENAI_API_KEY"), ".env file sk-a*****");
    assert_eq!(line("AGENT_MAX_ITERATIONS"), "default 20");
    assert!(!listed.contains("abcdef"));
}
