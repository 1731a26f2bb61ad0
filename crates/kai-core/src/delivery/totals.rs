//! What all deliveries together have sent, failed to send and not sent yet.

use std::sync::{Arc, Mutex, PoisonError};

use super::DeliveryCounts;

/// The deliveries there are, and the sums of those that have ended.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch(Arc<Mutex<Watched>>);

#[derive(Debug, Default)]
struct Watched {
    running: Vec<Arc<DeliveryCounts>>,
    ended: Totals,
}

/// The sums over all deliveries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Events that receivers took.
    pub sent: u64,
    /// Events that they did not take.
    pub failed: u64,
    /// Events that wait to be sent, or for an answer.
    pub queued: u64,
    /// Deliveries whose receiver is left alone for a while.
    pub open_circuits: u64,
}

impl Totals {
    fn add(&mut self, counts: &DeliveryCounts) {
        self.sent += counts.sent();
        self.failed += counts.failed();
    }
}

impl Watch {
    /// Counts a delivery's events, too, for as long as somebody else has its counters.
    pub(super) fn add(&self, counts: Arc<DeliveryCounts>) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.settle();
        watched.running.push(counts);
    }

    pub(super) fn totals(&self) -> Totals {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.settle();
        let mut totals = watched.ended;
        for counts in &watched.running {
            totals.add(counts);
            totals.queued += counts.queued();
            totals.open_circuits += u64::from(counts.is_circuit_open());
        }
        totals
    }
}

impl Watched {
    /// Adds up and forgets the deliveries that have ended.
    fn settle(&mut self) {
        let ended = &mut self.ended;
        self.running.retain(|counts| {
            let is_running = Arc::strong_count(counts) > 1;
            if !is_running {
                ended.add(counts);
            }
            is_running
        });
    }
}
