//! What `init` finds on a machine, each machine being a network of its own with what a test puts there.

use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::{soon, stderr, stdout};

/// Before anything else there is a way from the machine to itself.
const MACHINE: &str = "PATH=$PATH:/usr/sbin:/sbin; ip link set dev lo up || exit\n";

/// Services on their usual ports; Ollama's list of models is what a file says. They end with the shell
/// that starts them, which is the first process of a namespace.
const SERVICES: &str = r#"
"$KAI_TEST_TEMPORAL_CLI" server start-dev --headless --log-level error >temporal.log 2>&1 &
python3 -m http.server 11434 --bind 127.0.0.1 --directory ollama >ollama.log 2>&1 &
python3 -m http.server 5432 --bind 127.0.0.1 --directory ollama >database.log 2>&1 &
until "$KAI_TEST_TEMPORAL_CLI" operator cluster health >/dev/null 2>&1; do sleep 0.1; done
until curl -sf http://127.0.0.1:11434/v1/models >/dev/null; do sleep 0.1; done
until curl -sf http://127.0.0.1:5432/ >/dev/null; do sleep 0.1; done
"#;

/// `kai-worker init` in the folder, on a machine with these services; with the file that it wrote.
async fn init(folder: &Path, services: &str, settings: &[(&str, &str)]) -> (Output, String) {
    let script = format!("{MACHINE}{services}\"$1\" init");
    // Who is not root is root in a network of its own, where the system allows that.
    for flags in [&["--net"][..], &["--user", "--map-root-user", "--net"]] {
        let may = Command::new("unshare").args(flags).arg("true").output();
        if !soon("unshare", may).await.unwrap().status.success() {
            continue;
        }
        let mut command = Command::new("unshare");
        command
            .args(flags)
            .args(["--pid", "--fork", "--kill-child", "sh", "-c", &script, "sh"])
            .arg(env!("CARGO_BIN_EXE_kai-worker"))
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("TEMPORAL_CONFIG_FILE", "/dev/null")
            .envs(settings.iter().copied())
            .kill_on_drop(true);
        if let Some(temporal) = std::env::var_os("KAI_TEST_TEMPORAL_CLI") {
            command.env("KAI_TEST_TEMPORAL_CLI", temporal);
        }
        let output = soon("init", command.output()).await.unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let written = std::fs::read_to_string(folder.join(".env")).unwrap();
        return (output, written);
    }
    panic!(
        "this test makes a network of its own, which the system does not allow here: run it as root, \
         or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
    );
}

/// A folder with what an Ollama would say of its models.
fn machine() -> TempDir {
    let folder = TempDir::new().unwrap();
    let list = folder.path().join("ollama/v1");
    std::fs::create_dir_all(&list).unwrap();
    let models = r#"{"object": "list", "data": [{"id": "qwen3:8b"}, {"id": "llama3.2:latest"}]}"#;
    std::fs::write(list.join("models"), models).unwrap();
    folder
}

#[tokio::test]
async fn init_on_an_empty_machine_names_nothing() {
    let folder = machine();
    let (output, written) = init(folder.path(), "", &[]).await;
    let said = stdout(&output);
    assert!(said.contains("[--] temporal: "), "{said}");
    assert!(!said.contains("Databases at hand"), "{said}");
    for line in ["#TEMPORAL_HOST=", "#CHAT_FAMILY=", "#CHAT_MODEL="] {
        assert!(written.lines().any(|written| written == line), "{written}");
    }
    assert!(!written.contains("It answered there"), "{written}");
    assert!(!written.contains("Ollama of this machine"), "{written}");
}

#[tokio::test]
async fn init_writes_what_answers_at_its_usual_place() {
    if kai_test_support::service("KAI_TEST_TEMPORAL_CLI").is_none() {
        return;
    }
    let folder = machine();
    let (output, written) = init(folder.path(), SERVICES, &[]).await;
    let said = stdout(&output);
    assert!(said.contains("[ok] temporal: localhost:7233\n"), "{said}");
    assert!(
        said.contains("'postgresql://USER:PASSWORD@localhost:5432/DATABASE' -a NAME\n"),
        "{said}"
    );
    assert!(!said.contains("mysql://"), "{said}");
    for line in [
        "TEMPORAL_HOST=localhost:7233",
        "#CHAT_FAMILY=ollama",
        "#CHAT_MODEL=qwen3:8b",
    ] {
        assert!(written.lines().any(|written| written == line), "{written}");
    }
    assert!(
        written.contains("The Ollama of this machine has qwen3:8b, llama3.2:latest."),
        "{written}"
    );

    // What a person has chosen already, nobody proposes to change.
    let folder = machine();
    let chosen = [("CHAT_FAMILY", "offline"), ("TEMPORAL_HOST", "127.0.0.1:1")];
    let (output, written) = init(folder.path(), SERVICES, &chosen).await;
    assert!(stdout(&output).contains("[--] temporal: "));
    assert!(
        !written.contains("TEMPORAL_HOST=localhost:7233"),
        "{written}"
    );
    assert!(!written.contains("Ollama of this machine"), "{written}");
}
