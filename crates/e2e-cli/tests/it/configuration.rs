//! The settings of `kai-e2e` as the documentation has them.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

use clap::{Args as _, CommandFactory as _};
use kai_core::config;
use kai_e2e::cli::Cli;
use kai_temporal::TemporalSettings;

/// The names of the settings by which Temporal is reached, which the worker's table has.
fn of_temporal() -> HashSet<String> {
    let command = TemporalSettings::augment_args(clap::Command::new("temporal"));
    let named = command.get_arguments().filter_map(clap::Arg::get_env);
    named
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn the_documentation_has_every_setting_as_it_is() {
    let matches = Cli::command()
        .try_get_matches_from(["kai-e2e", "--demo"])
        .unwrap();
    let elsewhere = of_temporal();
    let mut table =
        String::from("| variable | flag | default | meaning |\n| --- | --- | --- | --- |\n");
    for setting in config::settings::<Cli>(&matches) {
        if elsewhere.contains(&setting.name) {
            continue;
        }
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
    assert!(table.contains("KAI_TEMPORAL_CLI") && table.contains("SSE_SUBSCRIBE_TOKEN"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- settings of kai-e2e -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let wanted = format!("{before}<!-- settings of kai-e2e -->\n{table}<!-- end -->{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        page, wanted,
        "run `UPDATE_DOCS=1 cargo test -p kai-e2e configuration`"
    );
}
