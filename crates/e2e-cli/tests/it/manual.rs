//! Completions and manual pages of `kai-e2e`.

use kai_test_support::shells::SHELLS;

use crate::harness::{run, stdout};

#[tokio::test]
async fn the_manual_page_and_the_completions_name_every_option() {
    for arguments in [
        &["completions", "bash"][..],
        &["completions", "zsh"],
        &["completions", "fish"],
        &["man"],
    ] {
        let output = run(arguments).await;
        assert!(output.status.success(), "{output:?}");
        let said = stdout(&output).replace('\\', "");
        for option in [
            "connection-id",
            "prompt",
            "watch",
            "timeout",
            "json",
            "demo",
            "keep",
        ] {
            assert!(said.contains(option), "{arguments:?}: {option}");
        }
        assert!(!said.contains("become-tied-to"), "{arguments:?}");
    }
}

#[tokio::test]
async fn every_shell_reads_its_completions_and_offers_what_fits() {
    for shell in SHELLS {
        let script = stdout(&run(&["completions", &shell.to_string()]).await);
        for (line, fitting) in [
            ("kai-e2e --callback-ho", "--callback-host"),
            ("kai-e2e lo", "load"),
            ("kai-e2e load --concurr", "--concurrency"),
        ] {
            let offered = shell.offers("kai-e2e", &script, line).await;
            assert_eq!(offered, [fitting], "{shell}: {line}");
        }
    }
}
