//! A program that `kai-e2e` becomes ends with the one that started it.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::harness::{gone, kai_e2e, program, soon, stdout};

#[tokio::test]
async fn a_program_ends_with_its_parent_also_when_that_is_killed() {
    let script = format!(
        "'{}' --become-tied-to $$ sleep 1000 & echo $!; wait",
        program().display()
    );
    let mut parent = Command::new("/bin/sh")
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let child = soon("the child", lines.next_line()).await.unwrap().unwrap();
    let child: i32 = child.parse().unwrap();
    let became_sleep = async {
        let name = format!("/proc/{child}/comm");
        while std::fs::read_to_string(&name).is_ok_and(|name| name.trim() != "sleep") {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    soon("the program", became_sleep).await;
    parent.kill().await.unwrap();
    gone(child).await;
}

#[tokio::test]
async fn a_program_whose_parent_is_gone_is_not_started() {
    let started = kai_e2e(&["--become-tied-to", "1", "echo", "started"]).output();
    let output = soon("the end", started).await.unwrap();
    assert_eq!(output.status.code(), Some(126));
    assert_eq!(stdout(&output), "");
}
