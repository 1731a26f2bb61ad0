//! What people and programs read of a load.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Latency, Load, Measured};
use crate::check::{CheckError, Outcome};

/// The parts of the runs that are told.
const QUANTILES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

/// What is about to be asked.
pub(crate) fn header(load: &Load) -> String {
    let rule = "=".repeat(70);
    format!(
        "{rule}\nKAI Temporal E2E Load\n{rule}\n\
         {:<15}: {}, {} side by side\n{:<15}: {}\n{:<15}: {}\n{:<15}: {}\n{:<15}: {}\n{rule}\n",
        "Runs",
        load.runs,
        load.side_by_side,
        "Connection ID",
        load.check.connection_id,
        "Prompts",
        load.prompts.len(),
        "Temporal host",
        load.check.server.address,
        "Receiver",
        load.check.callback_host,
    )
}

/// How it goes, beside a bar.
pub(crate) fn so_far(measured: &Measured) -> String {
    match measured.failed() {
        0 => String::new(),
        failed => format!("{failed} failed"),
    }
}

/// One run that has ended.
pub(crate) fn line(
    number: usize,
    of: usize,
    session: &str,
    run: &Result<Outcome, CheckError>,
    reason: Option<&str>,
) -> String {
    let took = match run {
        Ok(outcome) => format!(
            "{:.3} s, {} events",
            outcome.took.as_secs_f64(),
            outcome.tally.events
        ),
        Err(_) => "no result".to_owned(),
    };
    let verdict = reason.map_or_else(|| "passed".to_owned(), |reason| format!("FAILED: {reason}"));
    format!("[load] {number}/{of} {session}: {took}, {verdict}")
}

/// The figures and the verdict, without a line break at its end.
pub(crate) fn summary(measured: &Measured) -> String {
    let rule = "-".repeat(70);
    let finished = measured.passed + measured.failed();
    let mut text = format!("\nLoad\n{rule}\n");
    let mut put = |name: &str, value: String| {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "  {name:<17}: {value}");
    };
    put(
        "Runs",
        format!(
            "{finished} of {}, {} passed, {} failed",
            measured.runs,
            measured.passed,
            measured.failed()
        ),
    );
    put("Time", format!("{:.2}s", measured.took.as_secs_f64()));
    put(
        "Throughput",
        format!(
            "{:.2} runs/s, {:.0} events/s",
            per_second(finished, measured.took),
            per_second(measured.events, measured.took)
        ),
    );
    put(
        "Events",
        format!(
            "{}, {} lost, {} doubled, {} streams cut short",
            measured.events, measured.lost, measured.doubled, measured.cut_short
        ),
    );
    if measured.unnumbered > 0 {
        put(
            "Without a number",
            format!(
                "{}: whether others were lost is not known",
                measured.unnumbered
            ),
        );
    }
    put("Seconds", "     p50      p95      p99  longest".to_owned());
    for (name, latency) in latencies(measured) {
        let cells = QUANTILES
            .map(|(_, part)| latency.quantile(part))
            .into_iter()
            .chain([latency.longest()])
            .map(|took| {
                took.map_or_else(|| "–".to_owned(), |it| format!("{:.3}", it.as_secs_f64()))
            })
            .map(|cell| format!("{cell:>8}"))
            .collect::<Vec<_>>();
        put(name, cells.join(" "));
    }
    text.push_str(&rule);
    for (reason, count) in &measured.failures {
        let _ = write!(text, "\n  {count} × {reason}");
    }
    text.push_str(if measured.interrupted {
        "\nInterrupted."
    } else if measured.passed() {
        "\n[PASS] Every run passed, and every event arrived once."
    } else {
        "\n[FAIL] Not every run passed."
    });
    text
}

/// The figures for a program.
pub(crate) fn object(measured: &Measured) -> Value {
    let finished = measured.passed + measured.failed();
    let latency: serde_json::Map<String, Value> = [
        ("first_event", &measured.first_event),
        ("last_event", &measured.last_event),
        ("result", &measured.result),
    ]
    .into_iter()
    .map(|(name, latency)| {
        let mut figures: serde_json::Map<String, Value> = QUANTILES
            .into_iter()
            .map(|(name, part)| (name.to_owned(), milliseconds(latency.quantile(part))))
            .collect();
        figures.insert("longest".to_owned(), milliseconds(latency.longest()));
        (name.to_owned(), Value::Object(figures))
    })
    .collect();
    let failures: Vec<Value> = measured
        .failures
        .iter()
        .map(|(reason, count)| json!({"reason": reason, "count": count}))
        .collect();
    json!({
        "passed": measured.passed(),
        "interrupted": measured.interrupted,
        "runs": {
            "wanted": measured.runs,
            "side_by_side": measured.side_by_side,
            "passed": measured.passed,
            "failed": measured.failed(),
        },
        "seconds": measured.took.as_secs_f64(),
        "runs_per_second": per_second(finished, measured.took),
        "events_per_second": per_second(measured.events, measured.took),
        "events": measured.events,
        "events_lost": measured.lost,
        "events_doubled": measured.doubled,
        "events_without_number": measured.unnumbered,
        "streams_cut_short": measured.cut_short,
        "latency_ms": latency,
        "failures": failures,
    })
}

fn latencies(measured: &Measured) -> [(&'static str, &Latency); 3] {
    [
        ("First event", &measured.first_event),
        ("Last event", &measured.last_event),
        ("Result", &measured.result),
    ]
}

fn milliseconds(took: Option<Duration>) -> Value {
    took.map_or(Value::Null, |took| json!(took.as_secs_f64() * 1000.0))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure for people, far below 2^53"
)]
fn per_second(count: u64, took: Duration) -> f64 {
    let seconds = took.as_secs_f64();
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::num::NonZeroUsize;
    use std::time::Instant;

    use kai_temporal::Server;

    use super::*;
    use crate::check::Check;
    use crate::session::Session;
    use crate::stream::StreamEvent;
    use crate::tally::Tally;

    fn load() -> Load {
        Load {
            check: Check {
                connection_id: "koperasi".to_owned(),
                prompt: String::new(),
                server: Server::plain("localhost:7233", "kai-agent-queue"),
                callback_host: "http://localhost:8092".to_owned(),
                subscribe_token: None,
                timeout: Duration::from_mins(15),
            },
            prompts: vec!["Berapa?".to_owned()],
            runs: 3,
            side_by_side: NonZeroUsize::new(2).unwrap(),
        }
    }

    fn outcome(ids: &[&str], took: u64) -> Outcome {
        let started = Instant::now();
        let mut tally = Tally::of_new_session();
        for (id, place) in ids.iter().zip(1_u64..) {
            let kind = if place == u64::try_from(ids.len()).unwrap() {
                "done"
            } else {
                "token"
            };
            let event = StreamEvent {
                kind: kind.to_owned(),
                data: "{}".to_owned(),
                id: (*id).to_owned(),
            };
            tally.note(&event, started + Duration::from_millis(10 * place));
        }
        Outcome {
            session: Session::named("e2e-test-1".to_owned(), "http://localhost:8092"),
            tally,
            stream_lost: None,
            started,
            took: Duration::from_millis(took),
            ending: Ok(json!({"status": "completed"})),
            problems: Vec::new(),
        }
    }

    fn measured(runs: &[Result<Outcome, CheckError>]) -> Measured {
        let mut measured = Measured::new(&load());
        for run in runs {
            measured.note(run);
        }
        measured.took = Duration::from_secs(2);
        measured
    }

    #[test]
    fn a_load_that_passed() {
        let good = measured(&[
            Ok(outcome(&["a-1", "a-2"], 30)),
            Ok(outcome(&["b-1", "b-2", "b-3"], 50)),
            Ok(outcome(&["c-1"], 20)),
        ]);
        assert!(good.passed());
        insta::assert_snapshot!(format!("{}{}", header(&load()), summary(&good)));
        insta::assert_json_snapshot!("load_that_passed", object(&good));
    }

    #[test]
    fn a_load_with_an_event_lost_one_doubled_and_a_run_without_result() {
        let late = CheckError::TimedOut {
            timeout: Duration::from_secs(9),
            queue: "kai-agent-queue".to_owned(),
        };
        let bad = measured(&[
            Ok(outcome(&["a-1", "a-3"], 30)),
            Ok(outcome(&["b-1", "b-1"], 50)),
            Err(late),
        ]);
        assert!(!bad.passed());
        assert_eq!((bad.lost, bad.doubled, bad.failed()), (1, 1, 3));
        insta::assert_snapshot!(summary(&bad));
    }

    #[test]
    fn events_without_numbers_are_not_said_to_have_arrived_once() {
        let unknown = measured(&[Ok(outcome(&["", "", ""], 30)), Ok(outcome(&["a-1"], 20))]);
        assert!(!unknown.passed());
        assert_eq!((unknown.unnumbered, unknown.failed()), (3, 1));
        insta::assert_snapshot!(summary(&unknown));
    }

    #[test]
    fn a_line_for_a_run() {
        let run = Ok(outcome(&["a-1", "a-2"], 30));
        assert_eq!(
            line(1, 3, "e2e-test-1", &run, None),
            "[load] 1/3 e2e-test-1: 0.030 s, 2 events, passed"
        );
        assert_eq!(
            line(
                2,
                3,
                "e2e-test-1",
                &Err(CheckError::Interrupted),
                Some("interrupted")
            ),
            "[load] 2/3 e2e-test-1: no result, FAILED: interrupted"
        );
    }
}
