//! Completions and manual pages of `kai-worker`.

use std::process::Stdio;

use clap::{Command as Declared, CommandFactory as _};
use kai_worker::cli::Cli;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

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
async fn bash_reads_its_completions_and_offers_what_fits() {
    let script = printed(&["completions", "bash"]).await;
    let ask = "\nCOMP_WORDS=(kai-worker --temporal-ho); COMP_CWORD=1\n\
               _kai-worker kai-worker --temporal-ho kai-worker\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    let mut bash = Command::new("bash")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = bash.stdin.take().unwrap();
    let text = format!("{script}{ask}");
    tokio::spawn(async move { input.write_all(text.as_bytes()).await.unwrap() });
    let output = soon("bash", bash.wait_with_output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(stdout(&output), "--temporal-host\n", "{said}");
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
