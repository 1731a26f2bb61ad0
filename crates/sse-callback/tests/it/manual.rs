//! Completions and manual pages of `kai-sse-callback`.

use std::process::{Command, Stdio};

use clap::CommandFactory as _;
use kai_sse_callback::settings::Settings;
use kai_test_support::shells::SHELLS;

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

#[tokio::test]
async fn every_shell_reads_its_completions_and_offers_what_fits() {
    for shell in SHELLS {
        let output = Command::new(env!("CARGO_BIN_EXE_kai-sse-callback"))
            .args(["completions", &shell.to_string()])
            .output()
            .unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        for (line, fitting) in [
            ("kai-sse-callback --jwt-se", "--jwt-secret"),
            ("kai-sse-callback compl", "completions"),
        ] {
            let offered = shell.offers("kai-sse-callback", &script, line).await;
            assert_eq!(offered, [fitting], "{shell}: {line}");
        }
    }
}

/// Nobody reads what it says, on either of its outputs.
#[test]
fn a_reader_that_went_away_changes_nothing_about_how_it_ends() {
    for (arguments, status) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["man"], 0),
        (&["completions", "zsh"], 0),
        (&["--port", "http"], 2),
        (&["--backend", "redis"], 2),
        (&["--host", "192.0.2.1"], 1),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_kai-sse-callback"))
            .args(arguments)
            .stdout(nobody())
            .stderr(nobody())
            .status()
            .unwrap();
        assert_eq!(output.code(), Some(status), "{arguments:?}");
    }
}

/// A pipe whose other end is closed.
fn nobody() -> Stdio {
    let (_, writer) = std::io::pipe().unwrap();
    writer.into()
}
