//! Whether this thread has more to do than time to do it.
//!
//! A thread that serves connections is saturated when it has computed nearly all the time lately. It says
//! so itself, by the time that the system has let it compute, so that neither the number of connections nor
//! the speed of the machine has to be known.

use std::cell::RefCell;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

/// How long a visitor of a saturated thread waits for more events before it is sent any. They would
/// wait as long anyway, once a few hundred others want something of the thread.
pub(super) const PAUSE: Duration = Duration::from_millis(10);

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(5);

/// From how many parts in a hundred of the time on a thread is saturated.
const SATURATED_PERCENT: u128 = 80;

thread_local! {
    static LOAD: RefCell<Load> = const { RefCell::new(Load { since: None, saturated: false }) };
}

/// Whether the calling thread is saturated, at this moment.
pub(super) fn is_saturated(now: Instant) -> bool {
    LOAD.with_borrow_mut(|load| load.at(now, computed))
}

/// For how long this thread has computed.
fn computed() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    // A thread's time is never negative.
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

struct Load {
    /// When it was last looked at, and how long the thread had computed then.
    since: Option<(Instant, Duration)>,
    saturated: bool,
}

impl Load {
    fn at(&mut self, now: Instant, computed: impl FnOnce() -> Duration) -> bool {
        let passed = self.since.map(|(at, _)| now.saturating_duration_since(at));
        if passed.is_some_and(|passed| passed < EVERY) {
            return self.saturated;
        }
        let computed = computed();
        if let (Some((_, before)), Some(passed)) = (self.since, passed) {
            let busy = computed.saturating_sub(before);
            self.saturated = busy.as_nanos() * 100 >= passed.as_nanos() * SATURATED_PERCENT;
        }
        self.since = Some((now, computed));
        self.saturated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_saturated_while_it_computes_all_the_time() {
        let start = Instant::now();
        let mut load = Load {
            since: None,
            saturated: false,
        };
        let mut at = |wall: u64, computed: u64| {
            load.at(start + Duration::from_millis(wall), || {
                Duration::from_millis(computed)
            })
        };
        // The first look says nothing, and neither does one too soon after it.
        assert!(!at(0, 100));
        assert!(!at(3, 103));
        assert!(at(10, 109));
        assert!(at(12, 109));
        // A long rest, and it is over.
        assert!(!at(1_000, 110));
        assert!(!at(1_005, 112));
        assert!(at(1_010, 116));
    }

    #[test]
    fn computing_takes_time() {
        let before = computed();
        let mut number = 0_u64;
        while computed() <= before {
            number = std::hint::black_box(number + 1);
        }
        assert!(computed() > before);
    }
}
