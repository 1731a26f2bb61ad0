//! How long a run may take, and how often it is tried.

use std::time::Duration;

/// How long the parts of a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunTimes {
    /// How long one attempt to answer may take.
    pub start_to_close: Duration,
    /// After so long without a heartbeat the activity is given to another worker.
    pub heartbeat_timeout: Duration,
    /// How long a plan waits for a person.
    pub plan_timeout: Duration,
}

/// How often a run may fail in a way that may pass. The attempts of workers that were lost do not
/// count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// How often it is tried at most.
    pub most: u32,
    /// The pause after the first failure; twice as long after each further one.
    pub first_pause: Duration,
    /// The longest such pause.
    pub longest_pause: Duration,
}

impl Tries {
    /// The pause before the next try of a run that had failed so often before it failed now; none
    /// when it was the last one.
    pub fn pause(&self, failures: u32) -> Option<Duration> {
        let pause = self
            .first_pause
            .saturating_mul(2_u32.saturating_pow(failures));
        let longest = self.longest_pause.max(self.first_pause);
        (failures.saturating_add(1) < self.most).then(|| pause.min(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end_with_the_last_try() {
        let tries = |most, first, longest| Tries {
            most,
            first_pause: Duration::from_secs(first),
            longest_pause: Duration::from_secs(longest),
        };
        let pauses = |tries: Tries| -> Vec<_> {
            let seconds = |failures| tries.pause(failures).map(|pause| pause.as_secs());
            (0..6).map_while(seconds).collect()
        };
        assert_eq!(pauses(tries(5, 1, 30)), [1, 2, 4, 8]);
        assert_eq!(pauses(tries(6, 3, 9)), [3, 6, 9, 9, 9]);
        assert_eq!(pauses(tries(3, 3, 1)), [3, 3]);
        assert!(pauses(tries(1, 1, 30)).is_empty());
        let most = tries(u32::MAX, 1, 30);
        assert_eq!(most.pause(u32::MAX - 2), Some(Duration::from_secs(30)));
        assert_eq!(most.pause(u32::MAX), None);
    }
}
