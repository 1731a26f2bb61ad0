//! A moment by which something has to happen, cheap to move.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

/// A deadline. Its timer is made when it is first waited for; later it is touched only when it
/// fires too early, so that moving the deadline into the future costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Deadline {
    at: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    pub(crate) fn set(&mut self, at: Instant) {
        self.at = Some(at);
    }

    pub(crate) fn clear(&mut self) {
        self.at = None;
    }

    pub(crate) fn is_set(&self) -> bool {
        self.at.is_some()
    }

    /// Ready when the deadline has passed; otherwise the task is woken by then.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else {
            return Poll::Pending;
        };
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if alarm.deadline() > at || alarm.is_elapsed() {
            alarm.as_mut().reset(at);
        }
        while alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= at {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(at);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_follows_when_it_is_moved() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut deadline = Deadline::default();
        let poll = async |deadline: &mut Deadline| {
            poll_fn(|context| Poll::Ready(deadline.poll(context).is_ready())).await
        };
        assert!(!poll(&mut deadline).await);
        deadline.set(after(10));
        assert!(!poll(&mut deadline).await);
        deadline.set(after(20));
        poll_fn(|context| deadline.poll(context)).await;
        assert_eq!(start.elapsed().as_secs(), 20);
        deadline.set(after(40));
        assert!(!poll(&mut deadline).await);
        deadline.set(after(30));
        poll_fn(|context| deadline.poll(context)).await;
        assert_eq!(start.elapsed().as_secs(), 30);
        deadline.clear();
        assert!(!poll(&mut deadline).await);
    }
}
