//! When a turn is asked for again, and after how long.

use std::time::{Duration, SystemTime};

use super::ModelLimits;
use super::refusal::Failure;
use crate::model::ModelError;

/// The pause before the first try again; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause that the service has not asked for.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The tries that a turn has left.
pub(super) struct Tries {
    limits: ModelLimits,
    taken: u32,
    waited: Duration,
}

impl Tries {
    pub(super) fn new(limits: ModelLimits) -> Self {
        Self {
            limits,
            taken: 0,
            waited: Duration::ZERO,
        }
    }

    /// Waits until the turn can be asked for again.
    ///
    /// # Errors
    /// The failure itself, where another try would not help or none is left.
    pub(super) async fn pause_after(&mut self, failure: Failure) -> Result<(), ModelError> {
        match self.pause(&failure, rand::random_range(0.5..1.0)) {
            Some(pause) => {
                let (error, pause_ms) = (&failure.error, pause.as_millis());
                tracing::info!(%error, pause_ms, "the model is asked again");
                tokio::time::sleep(pause).await;
                Ok(())
            }
            None => Err(failure.error),
        }
    }

    /// How long to wait; `None` where it is over. `share` is how much of a pause of ours is taken, so
    /// that workers which were refused together do not come back together.
    fn pause(&mut self, failure: &Failure, share: f64) -> Option<Duration> {
        if !failure.error.is_retryable() || self.taken >= self.limits.max_retries {
            return None;
        }
        let own = FIRST_PAUSE
            .saturating_mul(2_u32.saturating_pow(self.taken))
            .min(LONGEST_PAUSE)
            .mul_f64(share);
        // Where the service says how long, our own pause only keeps those apart that it told the same.
        let pause = failure.retry_after.map_or(own, |asked| asked + own / 10);
        // Waiting less than it asks for would only be refused again.
        if self.waited + pause > self.limits.max_wait {
            return None;
        }
        self.taken += 1;
        self.waited += pause;
        Some(pause)
    }
}

/// How long a `Retry-After` asks to wait: seconds, or the date until when.
pub(super) fn asked_pause(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(header).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(retry_after: Option<u64>) -> Failure {
        Failure {
            error: ModelError::Unavailable {
                model: "m".to_owned(),
                reason: "r".to_owned(),
            },
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn tries(max_retries: u32, max_wait: u64) -> Tries {
        Tries::new(ModelLimits {
            max_retries,
            max_wait: Duration::from_secs(max_wait),
            ..ModelLimits::default()
        })
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut tries = tries(4, 60);
        let pauses: Vec<Option<u128>> = (0..5)
            .map(|_| {
                tries
                    .pause(&failure(None), 1.0)
                    .map(|pause| pause.as_millis())
            })
            .collect();
        assert_eq!(
            pauses,
            [Some(500), Some(1000), Some(2000), Some(4000), None]
        );
    }

    #[test]
    fn the_service_may_ask_for_a_longer_pause_within_the_limit() {
        let mut tries = tries(9, 30);
        let mut pause = |asked| tries.pause(&failure(Some(asked)), 1.0);
        assert_eq!(pause(0), Some(Duration::from_millis(50)));
        assert_eq!(pause(20), Some(Duration::from_millis(20_100)));
        assert_eq!(pause(10), None, "that would be more than 30 s in all");
        assert_eq!(pause(5), Some(Duration::from_millis(5_200)));
    }

    #[test]
    fn what_stays_wrong_is_not_tried_again() {
        let refused = Failure {
            error: ModelError::Refused {
                model: "m".to_owned(),
                reason: "r".to_owned(),
            },
            retry_after: Some(Duration::ZERO),
        };
        assert_eq!(tries(9, 30).pause(&refused, 1.0), None);
    }

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_until_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let asked = |header| asked_pause(header, now);
        assert_eq!(asked(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(asked("0.25"), Some(Duration::from_millis(250)));
        assert_eq!(
            asked("Sun, 06 Nov 1994 08:50:00 GMT"),
            Some(Duration::from_secs(23))
        );
        assert_eq!(asked("Sat, 06 Nov 1993 08:50:00 GMT"), Some(Duration::ZERO));
        for odd in ["-3", "soon", "", "NaN", "1e300"] {
            assert_eq!(asked(odd), None, "{odd}");
        }
    }
}
