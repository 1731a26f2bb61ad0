//! The measurements: each starts a peer afresh, loads it, and says what was seen.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::error::BenchError;
use crate::pace::pace;
use crate::peer::{Peer, Programs};
use crate::priority::First;
use crate::publish::{self, Load, Publishers};
use crate::row::Row;
use crate::server::{Server, cpu_nanos};
use crate::subscribe::{Counter, Delivery, Stopwatch, Subscribers};
use crate::trace::Trace;

/// Sessions of the rows for posts and for latency.
const SESSIONS: usize = 64;
/// Events in one request, where there are many.
const BATCH: u32 = 100;
/// Posts a second of the rows for latency.
const RATE: u32 = 2_000;
/// Streams of the row for memory.
const IDLE: usize = 2_000;
/// Streams that are open before memory is first looked at, so that what is made once is there.
const FIRST: usize = 16;
/// Below so many streams, the memory of one is lost in the rest.
const MEMORY_FROM: usize = 1_000;

const WARM_UP: Duration = Duration::from_millis(300);
const DRAINS_WITHIN: Duration = Duration::from_secs(5);
const SETTLES_WITHIN: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// One number, and what was seen beside it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) value: f64,
    /// Microseconds that the peer computed for each event.
    pub(crate) cpu_micros: Option<f64>,
    /// How much of its core the load generator used, from 0 to 1.
    pub(crate) generator_busy: Option<f64>,
    /// How many events never came.
    pub(crate) lost: u64,
}

impl Sample {
    fn plain(value: f64) -> Self {
        Self {
            value,
            cpu_micros: None,
            generator_busy: None,
            lost: 0,
        }
    }
}

/// What is measured in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Posts,
    Batches,
    FanOutMany,
    FanOutOne,
    Latency,
    Memory,
    Growth(usize),
}

impl Measure {
    /// How many times it is made in a round. A tail is made of few events, so one stall of the machine
    /// decides it; the median of many is what tells.
    pub(crate) fn times(self) -> u32 {
        if self == Self::Latency { 7 } else { 1 }
    }
}

/// How to measure.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) programs: Programs,
    pub(crate) core: usize,
    pub(crate) window: Duration,
    pub(crate) trace: Option<Trace>,
}

impl Bench {
    /// Makes one measurement; nothing comes back where the peer has no such thing.
    pub(crate) async fn measure(
        &self,
        measure: Measure,
        peer: Peer,
    ) -> Result<Vec<(Row, Sample)>, BenchError> {
        let server = Server::start(&self.programs, peer, self.core)?;
        match measure {
            Measure::Posts => {
                let load = Load::single(SESSIONS);
                let sample = self.posted(&server, load).await?;
                Ok(vec![(Row::Posts, sample)])
            }
            Measure::Batches => {
                if !publish::takes_batches(server.address).await? {
                    return Ok(Vec::new());
                }
                let load = Load::batches(SESSIONS, BATCH);
                let sample = self.posted(&server, load).await?;
                Ok(vec![(Row::Batches, sample)])
            }
            Measure::FanOutMany => {
                let sample = self.delivered(&server, 100, 1).await?;
                Ok(vec![(Row::FanOutMany, sample)])
            }
            Measure::FanOutOne => {
                let sample = self.delivered(&server, 1, 500).await?;
                Ok(vec![(Row::FanOutOne, sample)])
            }
            Measure::Latency => self.latency(&server).await,
            Measure::Memory => {
                let mut subscribers = Subscribers::new();
                let kib = memory_per_stream(&server, &mut subscribers, IDLE).await?;
                Ok(vec![(Row::Memory, Sample::plain(kib))])
            }
            Measure::Growth(streams) => {
                let sample = self.delivered(&server, streams, 1).await?;
                let mut samples = vec![(Row::Growth(streams), sample)];
                if streams >= MEMORY_FROM {
                    drop(server);
                    let server = Server::start(&self.programs, peer, self.core)?;
                    let mut subscribers = Subscribers::new();
                    let kib = memory_per_stream(&server, &mut subscribers, streams).await?;
                    samples.push((Row::MemoryGrowth(streams), Sample::plain(kib)));
                }
                Ok(samples)
            }
        }
    }

    /// Events posted a second, as fast as they are answered.
    async fn posted(&self, server: &Server, load: Load) -> Result<Sample, BenchError> {
        let publishers = Publishers::start(server.address, load).await?;
        let sample = self.watch(server, || publishers.events()).await;
        publishers.stop(server.peer).await?;
        Ok(sample)
    }

    /// Events delivered a second, while they are posted as fast as they are answered.
    async fn delivered(
        &self,
        server: &Server,
        sessions: usize,
        copies: usize,
    ) -> Result<Sample, BenchError> {
        let counter = Counter::default();
        let mut subscribers = Subscribers::new();
        let each = (0..sessions).flat_map(|session| std::iter::repeat_n(session, copies));
        subscribers
            .open(server.address, each, || counter.clone())
            .await?;
        let publishers = Publishers::start(server.address, Load::single(sessions)).await?;
        let mut sample = self.watch(server, || counter.events()).await;
        let wanted = publishers.stop(server.peer).await? * copies as u64;
        sample.lost = self.drained(wanted, || counter.events()).await;
        report_ended(&mut subscribers);
        Ok(sample)
    }

    /// Watches a count grow, after a warm-up.
    async fn watch(&self, server: &Server, events: impl Fn() -> u64) -> Sample {
        let look = || {
            let own = cpu_nanos(std::process::id());
            (Instant::now(), events(), server.cpu_nanos(), own)
        };
        sleep(WARM_UP).await;
        let (start, events_before, cpu_before, own_before) = look();
        sleep(self.window).await;
        let (end, events_after, cpu_after, own_after) = look();
        let seconds = (end - start).as_secs_f64();
        let events = float(events_after - events_before);
        let micros = float(cpu_after.saturating_sub(cpu_before)) / 1e3;
        Sample {
            value: events / seconds,
            cpu_micros: (events > 0.0).then(|| micros / events),
            generator_busy: Some(float(own_after.saturating_sub(own_before)) / 1e9 / seconds),
            lost: 0,
        }
    }

    /// Waits until all that is wanted has come, or nothing comes any more; returns what is missing.
    async fn drained(&self, wanted: u64, events: impl Fn() -> u64) -> u64 {
        let until = Instant::now() + DRAINS_WITHIN;
        let mut before = 0;
        let mut quiet = 0;
        while events() < wanted && Instant::now() < until && quiet < 10 {
            let now = events();
            quiet = if now == before { quiet + 1 } else { 0 };
            before = now;
            sleep(LOOK_EVERY).await;
        }
        wanted.saturating_sub(events())
    }

    async fn latency(&self, server: &Server) -> Result<Vec<(Row, Sample)>, BenchError> {
        let origin = Instant::now();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let mut subscribers = Subscribers::new();
        let reader = || Stopwatch::new(origin, &taken);
        subscribers
            .open(server.address, 0..SESSIONS, reader)
            .await?;
        let _first = First::claim();
        let (address, window) = (server.address, self.window);
        let run =
            |duration| spawn_blocking(move || pace(address, SESSIONS, RATE, duration, origin));
        let count = || lock(&taken).len() as u64;
        // It neither panics nor is it aborted.
        let warmed = run(WARM_UP).await.unwrap_or(Ok(Vec::new()))?;
        self.drained(warmed.len() as u64, count).await;
        lock(&taken).clear();
        let posts = run(window).await.unwrap_or(Ok(Vec::new()))?;
        let lost = self.drained(posts.len() as u64, count).await;
        report_ended(&mut subscribers);
        let deliveries = std::mem::take(&mut *lock(&taken));
        if let Some(trace) = &self.trace {
            trace.add(server.peer, origin, &posts, &deliveries)?;
        }
        let mut nanos: Vec<u64> = deliveries.into_iter().map(Delivery::nanos).collect();
        nanos.sort_unstable();
        let rows = [(Row::LatencyMedian, 50), (Row::LatencyTail, 99)];
        let sample = |percent| Sample {
            lost,
            ..Sample::plain(percentile(&nanos, percent) / 1e3)
        };
        Ok(rows.map(|(row, percent)| (row, sample(percent))).to_vec())
    }
}

/// How much a peer's memory grows by each of so many idle streams, in KiB.
async fn memory_per_stream(
    server: &Server,
    subscribers: &mut Subscribers,
    streams: usize,
) -> Result<f64, BenchError> {
    let counter = || Counter::default();
    subscribers.open(server.address, 0..FIRST, counter).await?;
    let before = settled_memory(server).await;
    subscribers
        .open(server.address, FIRST..FIRST + streams, counter)
        .await?;
    let after = settled_memory(server).await;
    report_ended(subscribers);
    Ok(float(after.saturating_sub(before)) / float(streams as u64))
}

/// A peer's memory, once it stays the same.
async fn settled_memory(server: &Server) -> u64 {
    let until = Instant::now() + SETTLES_WITHIN;
    let mut before = server.memory_kib();
    loop {
        sleep(LOOK_EVERY).await;
        let now = server.memory_kib();
        if now == before || Instant::now() > until {
            return now;
        }
        before = now;
    }
}

fn report_ended(subscribers: &mut Subscribers) {
    let ended = subscribers.ended();
    if ended > 0 {
        eprintln!("    {ended} streams ended before their time");
    }
}

fn lock(taken: &Mutex<Vec<Delivery>>) -> std::sync::MutexGuard<'_, Vec<Delivery>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The value that so many percent of the sorted values do not exceed.
fn percentile(sorted: &[u64], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().map_or(f64::NAN, float)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "what is measured here has fewer than 16 digits"
)]
fn float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]

    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let values: Vec<u64> = (1..=200).collect();
        assert_eq!(percentile(&values, 50), 100.0);
        assert_eq!(percentile(&values, 99), 198.0);
        assert_eq!(percentile(&[7], 99), 7.0);
        assert!(percentile(&[], 50).is_nan());
    }
}
