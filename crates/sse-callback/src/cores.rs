//! A thread with a runtime of its own for each core: connections stay where they are put.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::hot::load;
use crate::turns;

/// The threads. Dropping them ends whatever runs there, and waits until it has.
#[derive(Debug)]
pub(crate) struct Cores(Vec<Core>);

#[derive(Debug)]
struct Core {
    handle: Handle,
    connections: Arc<AtomicUsize>,
    /// Both are there until the end.
    until: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A place on a core, taken up while it exists.
#[derive(Debug)]
pub(crate) struct Place(Arc<AtomicUsize>);

impl Cores {
    /// As many threads as the system lets this program use cores.
    pub(crate) fn start() -> io::Result<Self> {
        let count = thread::available_parallelism()?.get();
        let cores = (0..count).map(Core::start).collect::<io::Result<_>>()?;
        Ok(Self(cores))
    }

    /// The core that serves the fewest connections.
    pub(crate) fn quietest(&self) -> Option<(&Handle, Place)> {
        let connections = |core: &&Core| core.connections.load(Ordering::Relaxed);
        let core = self.0.iter().min_by_key(connections)?;
        core.connections.fetch_add(1, Ordering::Relaxed);
        Some((&core.handle, Place(Arc::clone(&core.connections))))
    }
}

impl Core {
    fn start(number: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .on_thread_park(load::rests)
            .on_thread_unpark(load::goes_on)
            .build()?;
        let handle = runtime.handle().clone();
        let (until, end) = oneshot::channel();
        let thread = thread::Builder::new()
            .name(format!("core-{number}"))
            .spawn(move || {
                if let Err(error) = turns::ask_for(turns::SHORT) {
                    tracing::debug!("the system grants no short turns: {error}");
                }
                // It ends when the other side is dropped; dropping the runtime ends its tasks.
                let _ = runtime.block_on(end);
            })?;
        Ok(Self {
            handle,
            connections: Arc::default(),
            until: Some(until),
            thread: Some(thread),
        })
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        for core in &mut self.0 {
            core.until = None;
        }
        for thread in self.0.iter_mut().filter_map(|core| core.thread.take()) {
            if thread.join().is_err() {
                tracing::error!("a thread that served connections has panicked");
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn places_are_shared_out_evenly_and_come_back() {
        let cores = Cores::start().unwrap();
        let count = cores.0.len();
        let places: Vec<_> = (0..3 * count)
            .map(|_| cores.quietest().unwrap().1)
            .collect();
        let taken = || -> Vec<_> {
            let taken = |core: &Core| core.connections.load(Ordering::Relaxed);
            cores.0.iter().map(taken).collect()
        };
        assert_eq!(taken(), vec![3; count]);
        drop(places);
        assert_eq!(taken(), vec![0; count]);
    }

    #[test]
    fn what_runs_there_has_ended_when_they_are_dropped() {
        let cores = Cores::start().unwrap();
        let (handle, place) = cores.quietest().unwrap();
        let (started, waits) = std::sync::mpsc::channel();
        let held = Arc::clone(&place.0);
        handle.spawn(async move {
            let _place = place;
            started.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        waits.recv().unwrap();
        drop(cores);
        assert_eq!(held.load(Ordering::Relaxed), 0);
    }
}
