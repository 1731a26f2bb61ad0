//! A worker's registration: made, kept alive by heartbeats, made again when it was forgotten, ended.

use std::time::Duration;

use kai_core::config::Secret;
use rand::Rng as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::ControlPlaneSettings;
use super::client::{ControlPlane, ControlPlaneError, WorkerId};
use crate::active_sessions::ActiveSessions;
use crate::metrics::HeartbeatCounts;

/// How long the start waits for the first answer before the worker polls without it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The first wait after a failure; each further one is twice as long.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// The longest wait after a failure.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// What a worker says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduction {
    /// The task queue that it polls.
    pub task_queue: String,
    /// The machine that it runs on.
    pub hostname: String,
    /// The name under which Temporal knows it.
    pub identity: String,
    /// The address of its Temporal server.
    pub temporal_host: String,
}

/// A registration that is kept in the background until it is closed.
#[derive(Debug)]
pub struct Registration {
    task: AbortOnDropHandle<()>,
    stop: CancellationToken,
}

impl Registration {
    /// Registers the worker, and keeps it registered.
    ///
    /// A control plane that is away costs the start at most five seconds: the worker polls without it,
    /// and registers when it is back.
    ///
    /// # Errors
    /// When the control plane answers that it does not want this worker.
    pub async fn begin(
        settings: &ControlPlaneSettings,
        key: &Secret,
        introduction: Introduction,
        sessions: ActiveSessions,
        heartbeats: HeartbeatCounts,
    ) -> Result<Self, ControlPlaneError> {
        let stop = CancellationToken::new();
        let (answered, first_answer) = oneshot::channel();
        let keeper = Keeper {
            control_plane: ControlPlane::new(settings, key)?,
            introduction,
            sessions,
            heartbeats,
            interval: settings.heartbeat_interval,
            stop: stop.clone(),
        };
        let registration = Self {
            task: AbortOnDropHandle::new(tokio::spawn(keeper.keep(answered))),
            stop,
        };
        match tokio::time::timeout(PATIENCE, first_answer).await {
            Ok(Ok(Err(refused))) => Err(refused),
            // Registered, away, or not answering in time.
            _ => Ok(registration),
        }
    }

    /// Tells the control plane that the worker leaves. Takes no longer than that call may.
    pub async fn close(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the task of the control plane did not end well");
        }
    }
}

/// The task that keeps the registration.
struct Keeper {
    control_plane: ControlPlane,
    introduction: Introduction,
    sessions: ActiveSessions,
    heartbeats: HeartbeatCounts,
    interval: Duration,
    stop: CancellationToken,
}

impl Keeper {
    /// Keeps the worker registered until it is stopped, or refused at once. Says over `answered` how
    /// the first attempt ended.
    async fn keep(self, answered: oneshot::Sender<Result<(), ControlPlaneError>>) {
        let Some(mut id) = self.register_first(answered).await else {
            return;
        };
        loop {
            tracing::info!(
                worker_id = id.0,
                "registered with the control plane as {}",
                id.0
            );
            if self.beat(&id).await == Beating::Stopped {
                return self.leave(&id).await;
            }
            tracing::warn!(
                worker_id = id.0,
                "the control plane forgot the worker {}",
                id.0
            );
            let Some(new) = self.register(Duration::ZERO).await else {
                return;
            };
            id = new;
        }
    }

    /// Registers for the first time; `None` when the worker is stopped or not wanted.
    async fn register_first(
        &self,
        answered: oneshot::Sender<Result<(), ControlPlaneError>>,
    ) -> Option<WorkerId> {
        let attempt = self.control_plane.register(&self.introduction);
        let error = match self.stop.run_until_cancelled(attempt).await? {
            Ok(id) => {
                // The start may have gone on without the answer; then nobody listens.
                let _ = answered.send(Ok(()));
                return Some(id);
            }
            Err(error) => error,
        };
        tracing::warn!("{error}");
        if matches!(error, ControlPlaneError::Away { .. }) {
            let _ = answered.send(Ok(()));
        } else if answered.send(Err(error)).is_ok() {
            return None;
        }
        self.register(FIRST_DELAY).await
    }

    /// Registers, however many attempts it takes; `None` when stopped. The first attempt comes after
    /// `delay`.
    async fn register(&self, mut delay: Duration) -> Option<WorkerId> {
        loop {
            let attempt = async {
                sleep(jittered(delay)).await;
                self.control_plane.register(&self.introduction).await
            };
            match self.stop.run_until_cancelled(attempt).await? {
                Ok(id) => return Some(id),
                Err(error) => tracing::warn!("{error}"),
            }
            delay = (delay * 2).clamp(FIRST_DELAY, LONGEST_DELAY);
        }
    }

    /// Sends heartbeats until the worker is stopped or forgotten.
    async fn beat(&self, id: &WorkerId) -> Beating {
        let mut next = Instant::now() + self.interval;
        let mut failures: u32 = 0;
        loop {
            let call = async {
                sleep_until(next).await;
                next = Instant::now() + self.interval;
                self.control_plane
                    .heartbeat(id, self.sessions.count())
                    .await
            };
            let Some(outcome) = self.stop.run_until_cancelled(call).await else {
                return Beating::Stopped;
            };
            self.heartbeats.note(outcome.is_ok());
            match outcome {
                Ok(()) => {
                    if failures > 0 {
                        tracing::info!(failures, "the control plane takes heartbeats again");
                    }
                    failures = 0;
                }
                Err(ControlPlaneError::Forgotten) => return Beating::Forgotten,
                Err(error) => {
                    // One line for an outage, however long it is.
                    if failures == 0 {
                        tracing::warn!("a heartbeat failed: {error}");
                    }
                    let delay = FIRST_DELAY * 2_u32.saturating_pow(failures.min(5));
                    next = Instant::now() + jittered(delay).min(self.interval);
                    failures = failures.saturating_add(1);
                }
            }
        }
    }

    async fn leave(&self, id: &WorkerId) {
        match self.control_plane.disconnect(id).await {
            Ok(()) => tracing::info!(worker_id = id.0, "left the control plane"),
            Err(error) => tracing::warn!("could not leave the control plane: {error}"),
        }
    }
}

/// Why heartbeats ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beating {
    Stopped,
    Forgotten,
}

/// Between half of the delay and all of it, by chance, so that workers do not all come back at once.
fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_spread_over_the_second_half_of_the_delay() {
        let (shortest, longest) = (FIRST_DELAY / 2, FIRST_DELAY);
        let tenths = |count: u32| shortest + FIRST_DELAY * count / 20;
        let waits: Vec<Duration> = (0..1000).map(|_| jittered(FIRST_DELAY)).collect();
        for wait in &waits {
            assert!((shortest..=longest).contains(wait), "{wait:?}");
        }
        // Of a thousand, each tenth of the range has about a hundred.
        for tenth in 0..10 {
            let (from, to) = (tenths(tenth), tenths(tenth + 1));
            let inside = waits.iter().filter(|wait| (from..=to).contains(wait));
            let inside = inside.count();
            assert!(
                (40..=200).contains(&inside),
                "{inside} from {from:?} to {to:?}"
            );
        }
        assert_eq!(jittered(Duration::ZERO), Duration::ZERO);
    }
}
