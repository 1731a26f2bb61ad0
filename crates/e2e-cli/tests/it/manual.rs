//! Completions and manual pages of `kai-e2e`.

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
