//! Completions and manual pages of `kai-sse-callback`.

use std::process::Command;

use clap::CommandFactory as _;
use kai_sse_callback::settings::Settings;

#[test]
fn the_manual_page_and_the_completions_name_every_setting() {
    for arguments in [
        &["completions", "bash"][..],
        &["completions", "zsh"],
        &["completions", "fish"],
        &["man"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_kai-sse-callback"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap().replace('\\', "");
        for setting in Settings::command().get_arguments() {
            if let Some(flag) = setting.get_long() {
                assert!(said.contains(flag), "{arguments:?}: {flag}");
            }
        }
    }
}
