//! The settings as they are listed and as the documentation has them.

use std::fmt::Write as _;
use std::path::Path;

use clap::CommandFactory as _;
use kai_core::config;
use kai_worker::cli::Cli;
use tempfile::TempDir;

use crate::harness::{kai_worker, stdout};

#[test]
fn the_documentation_has_every_setting_as_it_is() {
    let matches = Cli::command().try_get_matches_from(["kai-worker"]).unwrap();
    let mut table =
        String::from("| variable | flag | default | meaning |\n| --- | --- | --- | --- |\n");
    for setting in config::settings::<Cli>(&matches) {
        let code = |text: &Option<String>| {
            text.as_ref()
                .map_or_else(|| "–".to_owned(), |text| format!("`{text}`"))
        };
        let flag = code(&setting.flag.map(|flag| format!("--{flag}")));
        let secret = if setting.secret { " (secret)" } else { "" };
        let (name, default, meaning) = (setting.name, code(&setting.default), setting.meaning);
        writeln!(
            table,
            "| `{name}` | {flag} | {default} | {meaning}{secret} |"
        )
        .unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page
        .split_once("<!-- settings of kai-worker -->\n")
        .unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let wanted = format!("{before}<!-- settings of kai-worker -->\n{table}<!-- end -->{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        page, wanted,
        "run `UPDATE_DOCS=1 cargo test -p kai-worker configuration`"
    );
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
