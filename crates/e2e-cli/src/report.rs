//! What people and programs read: the header, a line per event, the verdict, the summary.

use std::fmt::Write;

use chrono::NaiveTime;
use serde_json::{Value, json};

use crate::check::{Check, Outcome};
use crate::session::Session;
use crate::stream::StreamEvent;

/// How many characters of an event or an answer are shown.
const PREVIEW: usize = 200;

fn rule() -> String {
    "=".repeat(70)
}

/// What is about to be checked.
pub(crate) fn header(check: &Check, session: &Session) -> String {
    let rule = rule();
    let mut text = format!("{rule}\nKAI Temporal E2E Streaming Test\n{rule}\n");
    for (name, value) in [
        ("Session ID", session.id.as_str()),
        ("Workflow ID", &session.workflow_id),
        ("Connection ID", &check.connection_id),
        ("Prompt", &check.prompt),
        ("Temporal host", &check.server.address),
        ("Callback URL", &session.callback_url),
        ("SSE stream URL", &session.stream_url),
    ] {
        push(&mut text, format_args!("{name:<15}: {value}\n"));
    }
    push(&mut text, format_args!("{rule}\n"));
    text
}

/// An event, as it arrives.
pub(crate) fn event_line(at: NaiveTime, event: &StreamEvent) -> String {
    let time = at.format("%H:%M:%S%.3f");
    format!(
        "[{time}] SSE event type='{}': {}",
        event.kind,
        preview(&event.data)
    )
}

/// Everything after the events: verdict and summary.
pub(crate) fn finished(outcome: &Outcome) -> String {
    let mut text = ending(outcome);
    push(&mut text, format_args!("{}\n", verdict(outcome)));
    if let Ok(result) = &outcome.ending {
        push(&mut text, format_args!("\n{}", summary(outcome, result)));
    }
    text
}

/// How the workflow ended, and what of the stream was seen.
pub(crate) fn ending(outcome: &Outcome) -> String {
    let rule = rule();
    let how = if outcome.ending.is_ok() {
        "completed"
    } else {
        "failed"
    };
    let mut text = format!("\n{rule}\nWorkflow {how}\n{rule}\n");
    let mark = if outcome.events > 0 { "PASS" } else { "FAIL" };
    if outcome.ending.is_ok() {
        let events = outcome.events;
        push(
            &mut text,
            format_args!("[validation] SSE events received  : {events}  ({mark})\n"),
        );
    }
    text
}

/// The verdict, without a line break at its end.
pub(crate) fn verdict(outcome: &Outcome) -> String {
    if let Err(failure) = &outcome.ending {
        return format!("[FAIL] {failure}");
    }
    if outcome.problems.is_empty() {
        return "[PASS] All validations passed.".to_owned();
    }
    let mut text = "[FAIL] Validation errors:".to_owned();
    for (number, problem) in (1..).zip(&outcome.problems) {
        push(&mut text, format_args!("\n  {number}. {problem}"));
    }
    text
}

/// The figures of the run, without a line break at its end.
pub(crate) fn summary(outcome: &Outcome, result: &Value) -> String {
    let rule = "-".repeat(70);
    let status = result
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or("unknown");
    let queries = result
        .get("sql_queries")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let answer = result
        .get("final_answer")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let answer = preview(answer).replace('\n', "\\n");
    let took = outcome.took.as_secs_f64();
    let events = outcome.events;
    format!(
        "Summary\n\
         {rule}\n\
         \x20 Execution time   : {took:.2}s\n\
         \x20 Workflow status  : {status}\n\
         \x20 SSE events total : {events}\n\
         \x20 SQL queries      : {queries}\n\
         \x20 Final answer     : '{answer}'\n\
         {rule}"
    )
}

/// The whole answer and the queries that found it.
pub(crate) fn answer(result: &Value) -> String {
    let answer = result
        .get("final_answer")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut text = format!("Answer\n{}\n{}\n", "-".repeat(70), answer.trim_end());
    push(&mut text, format_args!("\nSQL\n{}\n", "-".repeat(70)));
    let queries = result.get("sql_queries").and_then(Value::as_array);
    for query in queries.into_iter().flatten().filter_map(Value::as_str) {
        push(
            &mut text,
            format_args!("{};\n", query.trim_end_matches(';')),
        );
    }
    text
}

/// The outcome for a program.
pub(crate) fn object(outcome: &Outcome) -> Value {
    let mut errors: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    errors.extend(outcome.ending.as_ref().err().cloned());
    json!({
        "session_id": outcome.session.id,
        "workflow_id": outcome.session.workflow_id,
        "events": outcome.events,
        "stream_error": outcome.stream_lost,
        "result": outcome.ending.as_ref().ok(),
        "validation_errors": errors,
    })
}

/// The beginning of a text.
fn preview(text: &str) -> String {
    text.chars().take(PREVIEW).collect()
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = text.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use crate::validate::validate;
    use kai_temporal::Server;

    use super::*;

    fn session() -> Session {
        Session::named("e2e-test-a1b2c3d4".to_owned(), "http://localhost:8092")
    }

    fn outcome(ending: Result<Value, String>, events: usize) -> Outcome {
        let problems = ending
            .as_ref()
            .map_or(Vec::new(), |result| validate(result, events));
        let took = Duration::from_millis(12_340);
        Outcome {
            session: session(),
            events,
            stream_lost: None,
            took,
            ending,
            problems,
        }
    }

    fn answered() -> Value {
        json!({
            "status": "completed",
            "final_answer": "Berikut adalah 5 provinsi:\n1. DKI Jakarta",
            "sql_queries": ["SELECT p.nama FROM provinsi p;", "SELECT 1"],
        })
    }

    #[test]
    fn the_header_names_everything() {
        let check = Check {
            connection_id: "abc123".to_owned(),
            prompt: "Berapa jumlah koperasi?".to_owned(),
            server: Server::plain("localhost:7233", "kai-agent-queue"),
            callback_host: "http://localhost:8092".to_owned(),
            subscribe_token: None,
            timeout: Duration::from_mins(15),
        };
        insta::assert_snapshot!(header(&check, &session()));
    }

    #[test]
    fn an_event_is_one_line_of_two_hundred_characters() {
        let data = format!(r#"{{"type":"token","content":"{}"}}"#, "é".repeat(300));
        let event = StreamEvent {
            kind: "token".to_owned(),
            data,
        };
        let at = NaiveTime::from_hms_milli_opt(12, 34, 1, 123).unwrap();
        insta::assert_snapshot!(event_line(at, &event));
    }

    #[test]
    fn a_run_that_passed() {
        insta::assert_snapshot!(finished(&outcome(Ok(answered()), 4)));
    }

    #[test]
    fn a_run_with_validation_errors() {
        let result = json!({"status": "failed", "final_answer": "", "sql_queries": [],
                            "error": "no tables"});
        insta::assert_snapshot!(finished(&outcome(Ok(result), 0)));
    }

    #[test]
    fn a_workflow_that_failed() {
        let failure = Err("Connection X not found".to_owned());
        insta::assert_snapshot!(finished(&outcome(failure, 0)));
    }

    #[test]
    fn the_answer_is_shown_whole() {
        insta::assert_snapshot!(answer(&answered()));
    }

    #[test]
    fn programs_get_one_object() {
        insta::assert_json_snapshot!("passed", object(&outcome(Ok(answered()), 4)));
        let failure = Err("Connection X not found".to_owned());
        insta::assert_json_snapshot!("failed", object(&outcome(failure, 0)));
    }
}
