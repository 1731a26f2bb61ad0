//! A counter in several cells, so that cores do not fight over one cache line.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use prometheus_client::metrics::counter::Atomic;

/// Enough for the threads that serve connections; more of them share.
const CELLS: usize = 8;

/// Something of which there is one for each thread, or almost.
#[derive(Debug, Default)]
pub(super) struct PerThread<T>([Apart<T>; CELLS]);

/// On cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart<T>(T);

thread_local! {
    static INDEX: Cell<Option<usize>> = const { Cell::new(None) };
}

impl<T> PerThread<T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "a remainder is below what it was divided by"
    )]
    pub(super) fn mine(&self) -> &T {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let index = INDEX.with(|index| {
            index.get().unwrap_or_else(|| {
                let next = NEXT.fetch_add(1, Ordering::Relaxed) % CELLS;
                index.set(Some(next));
                next
            })
        });
        &self.0[index % CELLS].0
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|cell| &cell.0)
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Sharded(PerThread<AtomicU64>);

impl Atomic<u64> for Sharded {
    fn inc(&self) -> u64 {
        self.inc_by(1)
    }

    /// Returns what the cell of this thread held, not the sum: nobody needs it, and it would cost.
    fn inc_by(&self, more: u64) -> u64 {
        self.0.mine().fetch_add(more, Ordering::Relaxed)
    }

    fn get(&self) -> u64 {
        self.0.all().map(|cell| cell.load(Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::thread;

    use super::*;

    #[test]
    fn nothing_is_lost_between_threads() {
        let counter = Sharded::default();
        thread::scope(|scope| {
            for _ in 0..CELLS + 3 {
                scope.spawn(|| {
                    (0..1_000).for_each(|_| {
                        counter.inc();
                    });
                });
            }
        });
        assert_eq!(counter.get(), 1_000 * (CELLS as u64 + 3));
    }
}
