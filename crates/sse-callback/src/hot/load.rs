//! Whether this thread has more to do than time to do it.
//!
//! A thread that serves connections rests when nothing is left to do. One that has hardly rested lately is
//! saturated. How long it has computed would not tell: on a core that it shares, or in a container that may
//! use half a core, it is at its end long before it has computed all the time.

use std::cell::RefCell;
use std::time::Duration;

use tokio::time::Instant;

/// How long a visitor of a saturated thread waits for more events before it is sent any.
pub(super) const PAUSE: Duration = Duration::from_millis(10);

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(5);

/// How many parts in a hundred of its time a thread rests that is not saturated.
const RESTS_PERCENT: u128 = 20;

thread_local! {
    static LOAD: RefCell<Load> = const {
        RefCell::new(Load { looked: None, rests_since: None, rested: None, saturated: false })
    };
}

/// Whether the calling thread is saturated. One that does not tell when it rests never is.
pub(super) fn is_saturated(now: Instant) -> bool {
    LOAD.with_borrow_mut(|load| load.at(now))
}

/// To be called when the thread begins to rest.
pub(crate) fn rests() {
    LOAD.with_borrow_mut(|load| load.rests(Instant::now()));
}

/// To be called when it goes on.
pub(crate) fn goes_on() {
    LOAD.with_borrow_mut(|load| load.goes_on(Instant::now()));
}

struct Load {
    /// When it was last looked at.
    looked: Option<Instant>,
    rests_since: Option<Instant>,
    /// For how long it has rested since it was looked at; nothing before it first did.
    rested: Option<Duration>,
    saturated: bool,
}

impl Load {
    fn rests(&mut self, now: Instant) {
        self.rests_since = Some(now);
    }

    fn goes_on(&mut self, now: Instant) {
        if let Some(since) = self.rests_since.take() {
            let rested = now.saturating_duration_since(since);
            self.rested = Some(self.rested.unwrap_or_default() + rested);
        }
    }

    fn at(&mut self, now: Instant) -> bool {
        let Some(rested) = &mut self.rested else {
            return false;
        };
        let passed = match self.looked {
            Some(looked) => now.saturating_duration_since(looked),
            None => Duration::ZERO,
        };
        if self.looked.is_some() && passed < EVERY {
            return self.saturated;
        }
        let rested = std::mem::take(rested);
        self.saturated = rested.as_nanos() * 100 < passed.as_nanos() * RESTS_PERCENT;
        self.looked = Some(now);
        self.saturated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets a thread live through stretches of work and rest, in milliseconds; returns whether it was
    /// saturated after each.
    fn live(stretches: &[(u64, u64)]) -> Vec<bool> {
        let mut load = Load {
            looked: None,
            rests_since: None,
            rested: None,
            saturated: false,
        };
        let mut now = Instant::now();
        let mut seen = vec![load.at(now)];
        for (works, rests) in stretches {
            now += Duration::from_millis(*works);
            load.rests(now);
            now += Duration::from_millis(*rests);
            load.goes_on(now);
            seen.push(load.at(now));
        }
        seen
    }

    #[test]
    fn who_hardly_rests_is_saturated_until_it_rests_again() {
        let day = [
            (0, 100),
            (9, 1),
            (6, 0),
            (2, 2),
            (2, 0),
            (10, 1_000),
            (3, 2),
            (8, 1),
        ];
        let expected = [false, false, true, true, true, false, false, false, true];
        assert_eq!(live(&day), expected);
    }

    #[test]
    fn one_of_whom_nothing_is_known_is_not() {
        assert!(!is_saturated(Instant::now()));
        assert!(!is_saturated(Instant::now() + Duration::from_secs(1)));
    }
}
