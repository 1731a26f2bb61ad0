//! Delivers what lost workers have left: the last events of runs that were reported already.

use std::time::Duration;

use super::{RunRecorder, TakenRun};
use crate::delivery::{CallbackUrl, Deliveries};
use crate::store::{Cipher, LeftTail, Store};

/// How many tails are taken in one go.
const AT_ONCE: usize = 20;

/// Looks for tails that lost workers have left, and delivers them.
#[derive(Debug, Clone)]
pub struct LeftTails {
    store: Store,
    cipher: Cipher,
    deliveries: Deliveries,
    allowed_hosts: Vec<String>,
}

impl LeftTails {
    /// Those in the store, for callback URLs at these hosts; with an empty list, at any.
    pub fn new(
        store: Store,
        cipher: Cipher,
        deliveries: Deliveries,
        allowed_hosts: Vec<String>,
    ) -> Self {
        Self {
            store,
            cipher,
            deliveries,
            allowed_hosts,
        }
    }

    /// Takes those that are due and lets them go on beside, as tails of this process. What goes wrong
    /// is logged, and tried again at the next look.
    pub async fn look(&self) {
        for _ in 0..AT_ONCE {
            match self.store.take_left_tail(&self.cipher).await {
                Ok(Some(tail)) => self.deliver(tail).await,
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(%error, "what lost workers have not delivered cannot be looked for");
                    return;
                }
            }
        }
    }

    async fn deliver(&self, tail: LeftTail) {
        let LeftTail {
            run,
            so_far,
            session,
            callback,
        } = tail;
        let callback = match CallbackUrl::parse(&callback, &self.allowed_hosts) {
            Ok(callback) => callback,
            Err(error) => {
                tracing::warn!(%session, %error, "session {session}: the last events cannot be delivered");
                return;
            }
        };
        let mut taken = match TakenRun::read(run, so_far, &session) {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(%session, %error, "session {session}: the last events cannot be read");
                return;
            }
        };
        tracing::info!(%session, "session {session}: delivering what a lost worker has left");
        let (position, backlogs) = taken.undelivered();
        let producer = taken.producer();
        let delivery = self
            .deliveries
            .go_on(callback, session, producer, position, backlogs);
        let mut recorder = RunRecorder::new(taken, Some(delivery));
        // A receiver that keeps up has it when this returns; another one gets it beside.
        recorder.finish(Duration::ZERO).await;
    }
}
