//! Completions and manual pages of `kai-worker`.

use clap::{Command as Declared, CommandFactory as _};
use kai_test_support::shells::{SHELLS, Shell};
use kai_worker::cli::Cli;
use tempfile::TempDir;

use crate::harness::{kai_worker, soon, stdout};

async fn printed(arguments: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    let output = soon("the end", kai_worker(folder.path(), arguments).output())
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    stdout(&output)
}

/// The flags of the command and of all below it.
fn flags(command: &Declared) -> Vec<String> {
    let own = command
        .get_arguments()
        .filter_map(|argument| argument.get_long());
    let below = command.get_subcommands().flat_map(flags);
    own.map(ToOwned::to_owned).chain(below).collect()
}

#[tokio::test]
async fn every_shell_completes_every_option() {
    let mut command = Cli::command();
    command.build();
    let mut flags = flags(&command);
    flags.sort();
    flags.dedup();
    assert!(flags.len() > 60, "{}", flags.len());
    for (shell, prefix) in [("bash", "--"), ("zsh", "--"), ("fish", "-l ")] {
        let script = printed(&["completions", shell]).await;
        for flag in &flags {
            assert!(
                script.contains(&format!("{prefix}{flag}")),
                "{shell}: {flag}"
            );
        }
        for name in ["connection", "status", "init", "completions"] {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
}

#[tokio::test]
async fn every_shell_reads_its_completions_and_offers_what_fits() {
    for shell in SHELLS {
        let script = printed(&["completions", &shell.to_string()]).await;
        // fish completes values behind an = only.
        let (family, google) = match shell {
            Shell::Fish => ("kai-worker --chat-family=goo", "--chat-family=google"),
            Shell::Bash | Shell::Zsh => ("kai-worker --chat-family goo", "google"),
        };
        for (line, fitting) in [
            (family, google),
            ("kai-worker --temporal-ho", "--temporal-host"),
            ("kai-worker connec", "connection"),
            ("kai-worker connection cr", "create"),
            ("kai-worker connection create --ali", "--alias"),
        ] {
            let offered = shell.offers("kai-worker", &script, line).await;
            assert_eq!(offered, [fitting], "{shell}: {line}");
        }
    }
}

#[tokio::test]
async fn there_is_a_page_for_each_command() {
    let page = printed(&["man"]).await;
    assert!(page.contains(".TH kai-worker 1"), "{page}");
    let unescaped = page.replace('\\', "");
    for setting in [
        "TEMPORAL_HOST",
        "ENCRYPT_KEY",
        "KAI_STORE_URL",
        "CHAT_MODEL",
    ] {
        assert!(unescaped.contains(setting), "{setting}");
    }
    let folder = TempDir::new().unwrap();
    let at = folder.path().join("man/man1");
    printed(&["man", "--folder", at.to_str().unwrap()]).await;
    for name in [
        "kai-worker",
        "kai-worker-ask",
        "kai-worker-connection-create",
        "kai-worker-status",
    ] {
        assert!(at.join(format!("{name}.1")).is_file(), "{name}");
    }
}

#[tokio::test]
async fn no_secret_of_the_environment_is_printed() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["man"][..], &["completions", "bash"]] {
        let output = kai_worker(folder.path(), arguments)
            .env("OPENAI_API_KEY", "sk-hush-hush")
            .env("KAI_STORE_URL", "postgres://kai:hush-hush@db/kai")
            .output();
        let output = soon("the end", output).await.unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(!stdout(&output).contains("hush"), "{arguments:?}");
    }
}
