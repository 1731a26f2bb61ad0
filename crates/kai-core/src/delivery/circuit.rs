//! When to leave a receiver alone that does not answer.

use std::time::Duration;

use tokio::time::Instant;

/// After so many failures in a row the circuit opens.
const THRESHOLD: u32 = 3;

/// How long it stays open the first time; twice as long each further time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How long it stays open at most.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Counts failures in a row, and says when nothing should be tried.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    failures: u32,
    open_until: Option<Instant>,
}

impl Circuit {
    /// Until when nothing should be tried, if there is such a time.
    pub(super) fn open_until(&self) -> Option<Instant> {
        self.open_until
    }

    /// The receiver asked for a pause, which is granted up to the longest.
    pub(super) fn pause(&mut self, now: Instant, pause: Duration) {
        let until = now + pause.min(LONGEST_PAUSE);
        self.open_until = self.open_until.max(Some(until));
    }

    /// The receiver answered.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The receiver did not answer. `true` when this opened the circuit for the first time.
    pub(super) fn failed(&mut self, now: Instant) -> bool {
        self.failures = self.failures.saturating_add(1);
        let Some(openings) = self.failures.checked_sub(THRESHOLD) else {
            return false;
        };
        let pause = FIRST_PAUSE
            .saturating_mul(2_u32.saturating_pow(openings))
            .min(LONGEST_PAUSE);
        self.open_until = Some(now + pause);
        openings == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Circuit {
        fn is_open(&self, now: Instant) -> bool {
            self.open_until.is_some_and(|until| now < until)
        }
    }

    #[test]
    fn opens_after_three_failures_and_stays_open_longer_each_time() {
        let start = Instant::now();
        let mut circuit = Circuit::default();
        assert!(!circuit.failed(start));
        assert!(!circuit.failed(start));
        assert!(!circuit.is_open(start));
        assert!(circuit.failed(start));
        assert!(circuit.is_open(start + Duration::from_millis(999)));
        let later = start + Duration::from_secs(1);
        assert!(!circuit.is_open(later));
        assert!(!circuit.failed(later));
        assert!(circuit.is_open(later + Duration::from_millis(1999)));
        circuit.succeeded();
        assert!(!circuit.is_open(later));
    }

    #[test]
    fn a_pause_that_is_asked_for_is_granted_up_to_the_longest() {
        let start = Instant::now();
        let mut circuit = Circuit::default();
        circuit.pause(start, Duration::from_secs(3));
        circuit.pause(start, Duration::from_secs(1));
        assert!(circuit.is_open(start + Duration::from_millis(2999)));
        assert!(!circuit.is_open(start + Duration::from_secs(3)));
        circuit.pause(start, Duration::MAX);
        assert_eq!(circuit.open_until(), Some(start + LONGEST_PAUSE));
    }

    #[test]
    fn never_stays_open_for_more_than_half_a_minute() {
        let start = Instant::now();
        let mut circuit = Circuit::default();
        for _ in 0..100 {
            circuit.failed(start);
        }
        assert!(circuit.is_open(start + Duration::from_secs(29)));
        assert!(!circuit.is_open(start + LONGEST_PAUSE));
    }
}
