//! How often an activity reports to its workflow: so seldom that the history of a run of a minute stays
//! short, whatever it streams, also when its plan was agreed on before or it is paused once.

use std::time::Duration;

/// How many events the history of a run of a minute has at most.
const MOST: u32 = 60;

/// The time for which that holds, from the beginning of the activity.
const MINUTE: Duration = Duration::from_mins(1);

/// What a report costs: the signal, and a task of the workflow that is scheduled, started and completed.
const REPORT: u32 = 4;

/// What is kept free for the end: the last report, the end of the activity with a task of the workflow
/// and the end of the workflow.
const END: u32 = REPORT + 6;

/// What is kept free for a pause: the signal, the end of the activity, the announcement, the timer, the
/// signal that ends it, each with its task, and the next activity.
const PAUSE: u32 = 23;

/// The shortest time between two reports.
const SHORTEST: Duration = Duration::from_secs(7);

/// The shortest and the longest time between two reports after the first minute.
const LATER: (Duration, Duration) = (Duration::from_secs(15), Duration::from_mins(1));

/// Whether to report now, and how long to wait before the next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    pub(super) reports: bool,
    pub(super) wait: Duration,
}

/// The pace of an activity that has worked for so long, and whose workflow has a history of so many
/// events. Of a run that was paused before no further pause is expected.
pub(super) fn at(length: u32, worked: Duration, was_paused: bool) -> Pace {
    let left = MINUTE.saturating_sub(worked);
    if left.is_zero() {
        let wait = Duration::from_millis(250).saturating_mul(length);
        return Pace {
            reports: true,
            wait: wait.clamp(LATER.0, LATER.1),
        };
    }
    let kept_free = END + if was_paused { 0 } else { PAUSE };
    let reports = MOST.saturating_sub(kept_free).saturating_sub(length) / REPORT;
    Pace {
        reports: reports > 0,
        wait: left
            .checked_div(reports)
            .map_or(left, |wait| wait.max(SHORTEST)),
    }
}

/// Whether the last report of an activity fits in, too.
pub(super) fn may_report_end(length: u32, worked: Duration) -> bool {
    worked >= MINUTE || length.saturating_add(END) <= MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps end all the time: when reports are sent in the first minute, in seconds, and how long the
    /// history is at its end.
    fn minute(mut length: u32, was_paused: bool) -> (Vec<u64>, u32) {
        let mut now = Duration::from_secs(2);
        let mut sent = Vec::new();
        while now < MINUTE {
            let pace = at(length, now, was_paused);
            if pace.reports {
                sent.push(now.as_secs());
                length += REPORT;
            }
            now += pace.wait;
        }
        (sent, length)
    }

    #[test]
    fn the_reports_of_a_minute_are_spread_over_it_and_leave_room_for_a_pause() {
        let (sent, length) = minute(5, false);
        assert_eq!(sent, [2, 13, 25, 36, 48]);
        assert!(length + PAUSE + END <= MOST, "{length}");
        // After an agreed plan.
        let (sent, length) = minute(18, false);
        assert_eq!(sent, [2, 31]);
        assert!(length + PAUSE + END <= MOST, "{length}");
    }

    #[test]
    fn a_long_history_gets_few_reports_and_at_last_none() {
        for length in 0..=50 {
            for was_paused in [false, true] {
                let (_, length) = minute(length, was_paused);
                assert!(length + END <= MOST, "{length}");
            }
        }
        assert!(minute(47, true).0.is_empty());
        assert!(may_report_end(50, Duration::from_secs(30)));
        assert!(!may_report_end(51, Duration::from_secs(30)));
        assert!(may_report_end(500, MINUTE));
    }

    #[test]
    fn after_the_first_minute_the_pace_falls_with_the_length_of_the_history() {
        let wait = |length| at(length, MINUTE, false).wait.as_secs();
        assert_eq!([60, 100, 1000].map(wait), [15, 25, 60]);
    }
}
