//! Tests of the log: bounds, cursors of every kind, and where a visit starts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;
use crate::frame::EventType;

const ROOMY: LogLimits = LogLimits {
    events: 100,
    bytes: 100_000,
};

fn draft(kind: &str) -> Draft {
    Draft::new(&EventType::try_from(kind.to_owned()).unwrap(), "{}")
}

/// A log with one event for each character; `d` stands for `done`.
fn log(limits: LogLimits, events: &str) -> Log {
    let mut log = Log::new(limits);
    for event in events.chars() {
        log.append(draft(if event == 'd' { "done" } else { "token" }));
    }
    log
}

fn few(events: usize) -> LogLimits {
    LogLimits { events, ..ROOMY }
}

fn plain() -> Visit {
    Visit::default()
}

fn all() -> Visit {
    Visit {
        cursor: None,
        replay_all: true,
    }
}

fn after(log: &Log, seq: u64) -> Visit {
    Visit {
        cursor: Some(log.id(seq).to_string()),
        replay_all: false,
    }
}

fn at(log: &Log, next: u64, ends_at: u64) -> Start {
    Start::At(Place {
        next: log.id(next),
        ends_at,
        gap: None,
    })
}

#[test]
fn a_plain_visitor_starts_behind_the_last_done_that_was_read() {
    let mut log = log(ROOMY, "ttdtt");
    assert_eq!(log.start(&plain()), at(&log, 1, 0));
    log.mark_read(3);
    assert_eq!(log.start(&plain()), at(&log, 4, 0));
    log.append(draft("done"));
    assert_eq!(log.start(&plain()), at(&log, 4, 0));
    log.mark_read(6);
    log.mark_read(3);
    assert_eq!(log.start(&plain()), at(&log, 7, 0));
}

#[test]
fn replay_all_starts_at_the_first_event_and_passes_earlier_ends() {
    let mut log = log(ROOMY, "tdtd");
    log.mark_read(4);
    assert_eq!(log.start(&all()), at(&log, 1, 4));
}

#[test]
fn a_cursor_resumes_right_behind_its_event() {
    let log = log(ROOMY, "tttt");
    assert_eq!(log.start(&after(&log, 2)), at(&log, 3, 0));
    assert_eq!(log.start(&after(&log, 4)), at(&log, 5, 0));
}

#[test]
fn a_cursor_on_a_done_is_finished_also_when_another_run_follows() {
    let log = log(ROOMY, "tdt");
    assert_eq!(log.start(&after(&log, 2)), Start::Finished);
    let everything = Visit {
        replay_all: true,
        ..after(&log, 2)
    };
    assert_eq!(log.start(&everything), at(&log, 3, 3));
}

#[test]
fn a_cursor_just_before_the_oldest_event_misses_nothing() {
    let log = log(few(2), "tttt");
    assert_eq!(log.start(&after(&log, 2)), at(&log, 3, 0));
    let ended = super::tests::log(few(2), "tdtt");
    assert_eq!(ended.start(&after(&ended, 2)), Start::Finished);
}

#[test]
fn a_cursor_that_leads_nowhere_gets_a_gap_and_the_oldest() {
    let log = log(few(2), "tttt");
    let epoch = log.epoch.as_str();
    let cursors = [
        format!("{epoch}-1"),
        format!("{epoch}-5"),
        format!("{epoch}-0"),
        format!("{epoch}-03"),
        format!("{epoch}-+3"),
        format!("{epoch}-18446744073709551616"),
        format!("{epoch}-"),
        epoch.to_owned(),
        "0000000-3".to_owned(),
        "nonsense".to_owned(),
        String::new(),
    ];
    for cursor in cursors {
        let start = log.start(&Visit {
            cursor: Some(cursor.clone()),
            replay_all: false,
        });
        let gap = Gap {
            requested: Some(cursor),
            oldest: Some(format!("{epoch}-3")),
            head: Some(format!("{epoch}-4")),
        };
        let place = Place {
            next: log.id(3),
            ends_at: 4,
            gap: Some(gap),
        };
        assert_eq!(start, Start::At(place));
    }
}

#[test]
fn a_gap_in_an_empty_log_names_nothing() {
    let gap = Log::new(ROOMY).gap(Some("old-\"1\"\n".to_owned()));
    assert_eq!(
        gap.frame(),
        "event: gap\ndata: {\"requested\":\"old-\\\"1\\\"\\n\",\"oldest\":null,\"head\":null}\n\n"
            .as_bytes()
    );
}

#[test]
fn bytes_are_bounded_too() {
    let frame = log(ROOMY, "t").bytes;
    let log = log(
        LogLimits {
            events: 100,
            bytes: 3 * frame,
        },
        "ttttt",
    );
    assert_eq!(log.oldest(), 3);
    assert_eq!(log.bytes, 3 * frame);
    assert_eq!(log.read(1, 10, &mut VecDeque::new()), Err(3));
}

#[test]
fn a_run_starts_behind_the_end_of_the_one_before() {
    let whole = log(ROOMY, "ttdtt");
    let starts: Vec<_> = (1..=6).map(|next| whole.run_start(next)).collect();
    assert_eq!(starts, [1, 1, 1, 4, 4, 4]);
    let rest = log(few(3), "ttdttt");
    let starts: Vec<_> = (1..=7).map(|next| rest.run_start(next)).collect();
    assert_eq!(starts, [1, 2, 3, 4, 4, 4, 4]);
    assert_eq!(log(ROOMY, "").run_start(1), 1);
}

proptest! {
    /// Whatever is written and read in whatever order, a reader sees each number once, in order,
    /// or is told from where on it may go on.
    #[test]
    fn a_reader_sees_every_number_once_or_is_told(
        steps in prop::collection::vec((any::<bool>(), 1_usize..5), 1..60),
        kept in 1_usize..8,
    ) {
        let mut log = Log::new(few(kept));
        let mut next = 1;
        for (write, count) in steps {
            if write {
                for _ in 0..count {
                    log.append(draft("token"));
                }
                continue;
            }
            let mut batch = VecDeque::new();
            if let Err(oldest) = log.read(next, count, &mut batch) {
                prop_assert!(oldest > next && oldest == log.oldest());
                next = oldest;
                log.read(next, count, &mut batch).unwrap();
            }
            for entry in batch {
                let start = format!("id: {}\n", log.id(next));
                prop_assert!(entry.frame.starts_with(start.as_bytes()));
                next += 1;
            }
        }
        prop_assert!(log.entries.len() <= kept);
        prop_assert_eq!(log.bytes, log.entries.iter().map(|entry| entry.frame.len()).sum::<usize>());
    }
}
