//! Whether a receiver keeps up, which decides how long the end of a run waits for it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// A receiver that takes longer for an answer does not keep up.
const PROMPT: Duration = Duration::from_secs(1);

/// What the last post has shown of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Nothing yet: the first answer is still to come.
    Unknown,
    /// It answered in time.
    Prompt,
    /// It answered late, or not at all, or that it takes nothing now.
    Late,
}

impl Pace {
    /// What an answer shows that took so long.
    pub(super) fn of_answer(took: Duration) -> Self {
        if took <= PROMPT {
            Self::Prompt
        } else {
            Self::Late
        }
    }
}

/// Waits until there is no point in waiting for the receiver any longer: it does not keep up, or has
/// shown nothing of itself by `until`. Of one that kept up until now, its next answer decides.
pub(super) async fn is_late(mut pace: watch::Receiver<Pace>, until: Instant) {
    let shown = pace.wait_for(|pace| *pace != Pace::Unknown);
    if timeout_at(until, shown).await.is_err() {
        return;
    }
    if pace.wait_for(|pace| *pace == Pace::Late).await.is_err() {
        // The sender has ended, which is what the other side of the race waits for.
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    /// Whether there is no point in waiting any longer.
    async fn now(pace: &watch::Receiver<Pace>, until: Instant) -> bool {
        let late = std::pin::pin!(is_late(pace.clone(), until));
        futures::poll!(late).is_ready()
    }

    #[tokio::test]
    async fn one_that_has_not_answered_yet_is_waited_for_until_its_time_is_over() {
        let (_sender, pace) = watch::channel(Pace::Unknown);
        assert!(!now(&pace, in_a_minute()).await);
        is_late(pace, Instant::now() + Duration::from_millis(1)).await;
    }

    #[tokio::test]
    async fn one_that_keeps_up_is_waited_for_until_it_does_not() {
        let (sender, pace) = watch::channel(Pace::of_answer(PROMPT));
        assert!(!now(&pace, Instant::now()).await);
        sender.send_replace(Pace::of_answer(PROMPT + Duration::from_millis(1)));
        assert!(now(&pace, in_a_minute()).await);
    }

    #[tokio::test]
    async fn a_sender_that_has_ended_makes_no_receiver_late() {
        for pace in [Pace::Unknown, Pace::Prompt] {
            let (sender, pace) = watch::channel(pace);
            drop(sender);
            assert!(!now(&pace, Instant::now()).await);
        }
    }
}
