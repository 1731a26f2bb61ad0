//! The settings of `kai-e2e` as the documentation has them.

use std::collections::HashSet;

use clap::{Args as _, CommandFactory as _};
use kai_core::config;
use kai_e2e::cli::Cli;
use kai_temporal::TemporalSettings;
use kai_test_support::documented::{Row, assert_settings};

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
    let settings = config::settings::<Cli>(&matches);
    let of_its_own: Vec<_> = settings
        .into_iter()
        .filter(|setting| !elsewhere.contains(&setting.name))
        .collect();
    for name in ["KAI_TEMPORAL_CLI", "SSE_SUBSCRIBE_TOKEN"] {
        assert!(of_its_own.iter().any(|setting| setting.name == name));
    }
    let rows = of_its_own.into_iter().map(|setting| Row {
        name: setting.name,
        flag: setting.flag,
        default: setting.default,
        meaning: setting.meaning,
        secret: setting.secret,
    });
    assert_settings("kai-e2e", rows);
}
