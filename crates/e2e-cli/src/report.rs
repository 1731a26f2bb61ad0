//! What people and programs read: the header, a line per event, the verdict, the summary.

use std::fmt::Write;

use chrono::NaiveTime;
use serde_json::{Value, json};

use crate::check::{Check, Outcome};
use crate::session::Session;
use crate::stream::StreamEvent;
use crate::watching::{End, Watched};
use kai_core::terminal;

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

/// What is about to be watched.
pub(crate) fn watch_header(session: &str, stream_url: &str) -> String {
    let rule = rule();
    format!(
        "{rule}\nKAI Session Watch\n{rule}\n{:<15}: {session}\n{:<15}: {stream_url}\n{rule}\n",
        "Session ID", "SSE stream URL",
    )
}

/// How a watch ended.
pub(crate) fn watched(watched: &Watched) -> String {
    let tally = &watched.tally;
    let mut text = format!("\nEvents: {}", tally.events);
    if let Some(complaint) = tally.complaint() {
        push(&mut text, format_args!(", {complaint}"));
    }
    if tally.unnumbered > 0 {
        let some = tally.unnumbered;
        push(
            &mut text,
            format_args!(", {some} without a number: whether others were lost is not known"),
        );
    }
    let how = match &watched.end {
        End::Done if watched.passed() => "[PASS] The run is over.".to_owned(),
        End::Done => {
            "[FAIL] The run is over; it failed, or not every event is known to have arrived once."
                .to_owned()
        }
        End::Silent => {
            "[FAIL] The receiver has no more events of this session; --replay shows those \
                        that it still has."
                .to_owned()
        }
        End::Lost(reason) => format!("[FAIL] {reason}"),
        End::TimedOut(after) => {
            format!(
                "[FAIL] The run was not over within {} s (--timeout).",
                after.as_secs()
            )
        }
        End::Interrupted => "Interrupted.".to_owned(),
    };
    push(&mut text, format_args!("\n{how}"));
    if let (true, Some(id)) = (watched.end != End::Done, &tally.last_event_id) {
        let session = &watched.session;
        push(
            &mut text,
            format_args!("\nTo go on: kai-e2e --watch '{session}' --last-event-id {id}"),
        );
    }
    text
}

/// What a watch saw, for a program.
pub(crate) fn watched_object(watched: &Watched) -> Value {
    let tally = &watched.tally;
    let (end, error) = match &watched.end {
        End::Done => ("done", None),
        End::Silent => ("silent", None),
        End::Lost(reason) => ("lost", Some(reason)),
        End::TimedOut(_) => ("timed_out", None),
        End::Interrupted => ("interrupted", None),
    };
    json!({
        "session_id": watched.session,
        "passed": watched.passed(),
        "end": end,
        "events": tally.events,
        "events_lost": tally.lost,
        "events_doubled": tally.doubled,
        "events_without_number": tally.unnumbered,
        "gaps": tally.gaps,
        "last_event_id": tally.last_event_id,
        "stream_error": error,
        "result": watched.result(),
    })
}

/// An event, as it arrives.
pub(crate) fn event_line(at: NaiveTime, event: &StreamEvent) -> String {
    let time = at.format("%H:%M:%S%.3f");
    format!(
        "[{time}] SSE event type='{}': {}",
        terminal::harmless(&event.kind),
        terminal::harmless(&preview(&event.data))
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
    let mark = if outcome.tally.events > 0 {
        "PASS"
    } else {
        "FAIL"
    };
    if let Some(complaint) = outcome.tally.complaint() {
        push(&mut text, format_args!("[stream] Events: {complaint}\n"));
    }
    if outcome.ending.is_ok() {
        let events = outcome.tally.events;
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
    let events = outcome.tally.events;
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
        "passed": outcome.passed(),
        "execution_time_ms": u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
        "events": outcome.tally.events,
        "events_lost": outcome.tally.lost,
        "events_doubled": outcome.tally.doubled,
        "gaps": outcome.tally.gaps,
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

    use std::time::{Duration, Instant};

    use crate::tally::Tally;
    use crate::validate::validate;
    use kai_temporal::Server;

    use super::*;

    fn session() -> Session {
        Session::named("e2e-test-a1b2c3d4".to_owned(), "http://localhost:8092")
    }

    fn tally(events: u64) -> Tally {
        let mut tally = Tally::of_new_session();
        for place in 1..=events {
            let event = StreamEvent {
                kind: "token".to_owned(),
                data: "{}".to_owned(),
                id: format!("k-{place}"),
            };
            tally.note(&event, Instant::now());
        }
        tally
    }

    fn outcome(ending: Result<Value, String>, events: u64) -> Outcome {
        let problems = ending
            .as_ref()
            .map_or(Vec::new(), |result| validate(result, events));
        let took = Duration::from_millis(12_340);
        Outcome {
            session: session(),
            tally: tally(events),
            stream_lost: None,
            started: Instant::now(),
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
            id: String::new(),
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

    fn watch(end: End, last: Option<&str>) -> Watched {
        let mut tally = Tally::default();
        for (id, kind, data) in [("k-1", "token", "{}")]
            .into_iter()
            .chain(last.map(|data| ("k-2", "done", data)))
        {
            let event = StreamEvent {
                kind: kind.to_owned(),
                data: data.to_owned(),
                id: id.to_owned(),
            };
            tally.note(&event, Instant::now());
        }
        Watched {
            session: "s-1".to_owned(),
            tally,
            end,
        }
    }

    #[test]
    fn a_watch_says_how_it_ended_and_how_to_go_on() {
        let completed = r#"{"type":"done","result":{"status":"completed"}}"#;
        let failed = r#"{"type":"done","result":{"status":"failed"}}"#;
        let all = [
            watch_header("s-1", "http://localhost:8092/stream/s-1"),
            watched(&watch(End::Done, Some(completed))),
            watched(&watch(End::Done, Some(failed))),
            watched(&watch(End::Silent, None)),
            watched(&watch(End::TimedOut(Duration::from_secs(9)), None)),
            watched(&watch(End::Interrupted, None)),
        ];
        insta::assert_snapshot!(all.join("\n"));
        let object = watched_object(&watch(End::Done, Some(completed)));
        insta::assert_json_snapshot!("watched", object);
    }

    #[test]
    fn an_event_cannot_steer_the_terminal() {
        let event = StreamEvent {
            kind: "a\u{9b}".to_owned(),
            data: "x\ny\u{1b}[2J".to_owned(),
            id: String::new(),
        };
        let line = event_line(NaiveTime::MIN, &event);
        assert_eq!(line, "[00:00:00.000] SSE event type='a ': x y [2J");
    }

    #[test]
    fn programs_get_one_object() {
        insta::assert_json_snapshot!("passed", object(&outcome(Ok(answered()), 4)));
        let failure = Err("Connection X not found".to_owned());
        insta::assert_json_snapshot!("failed", object(&outcome(failure, 0)));
    }
}
