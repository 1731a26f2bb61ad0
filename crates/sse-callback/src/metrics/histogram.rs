//! A histogram of durations without a lock; the one of `prometheus-client` has one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

use super::sharded::PerThread;

/// The upper bounds of the buckets; behind them comes one without.
const BOUNDS: [Duration; 13] = [
    Duration::from_micros(10),
    Duration::from_micros(25),
    Duration::from_micros(50),
    Duration::from_micros(100),
    Duration::from_micros(250),
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2_500),
    Duration::from_millis(10),
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(10),
];

/// How long things took.
#[derive(Debug, Clone, Default)]
pub struct Durations(Arc<PerThread<Cell>>);

#[derive(Debug, Default)]
struct Cell {
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

impl Durations {
    /// Adds one.
    pub fn observe(&self, duration: Duration) {
        let cell = self.0.mine();
        let bucket = BOUNDS.partition_point(|bound| *bound < duration);
        if let Some(count) = cell.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        cell.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

impl TypedMetric for Durations {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Durations {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let bounds = BOUNDS
            .iter()
            .map(Duration::as_secs_f64)
            .chain([f64::INFINITY]);
        let mut buckets: Vec<_> = bounds.map(|bound| (bound, 0)).collect();
        let mut sum = Duration::ZERO;
        for cell in self.0.all() {
            for ((_, total), count) in buckets.iter_mut().zip(&cell.counts) {
                *total += count.load(Ordering::Relaxed);
            }
            sum += Duration::from_nanos(cell.nanoseconds.load(Ordering::Relaxed));
        }
        let count = buckets.iter().map(|(_, count)| count).sum();
        encoder.encode_histogram::<NoLabelSet>(sum.as_secs_f64(), count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}
