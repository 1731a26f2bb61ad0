//! Temporal's own metrics of a worker: a meter that the SDK records into, shown on our page.
//!
//! Names and labels are the SDK's. Times are in seconds, with the SDK's own bounds.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;
use temporalio_common::telemetry::METRIC_PREFIX;
use temporalio_common::telemetry::metrics::{
    CoreMeter, Counter, CounterBase, Gauge, GaugeBase, GaugeF64, GaugeF64Base, Histogram,
    HistogramBase, HistogramDuration, HistogramDurationBase, HistogramF64, HistogramF64Base,
    MetricAttributable, MetricAttributes, MetricParameters, NewAttributes, OrderedPromLabelSet,
    UpDownCounter, UpDownCounterBase, default_buckets_for,
};

/// What the SDK has recorded. Cloning it shares it.
#[derive(Debug, Clone, Default)]
pub struct TemporalMetrics(Arc<Mutex<BTreeMap<String, Arc<Family>>>>);

/// The metrics of one name.
#[derive(Debug)]
struct Family {
    help: String,
    kind: Kind,
    series: Mutex<BTreeMap<Labels, Arc<Series>>>,
}

type Labels = Vec<(String, String)>;

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Counter,
    Gauge,
    Histogram {
        bounds: &'static [f64],
        seconds: bool,
    },
}

/// One metric: its value, or the observations in each bucket and their sum.
#[derive(Debug)]
struct Series {
    /// A counter's number, else the bits of a floating point number.
    value: AtomicU64,
    bounds: &'static [f64],
    buckets: Vec<AtomicU64>,
}

impl Series {
    fn new(kind: &Kind) -> Self {
        let bounds: &'static [f64] = match kind {
            Kind::Histogram { bounds, .. } => bounds,
            Kind::Counter | Kind::Gauge => &[],
        };
        Self {
            value: AtomicU64::new(0),
            bounds,
            buckets: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    fn update(&self, change: impl Fn(f64) -> f64) {
        // The function never declines.
        let _ = self
            .value
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| {
                Some(change(f64::from_bits(bits)).to_bits())
            });
    }

    fn observe(&self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.update(|sum| sum + value);
    }

    fn float(&self) -> f64 {
        f64::from_bits(self.value.load(Ordering::Relaxed))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TemporalMetrics {
    fn family(&self, params: &MetricParameters, kind: Kind) -> Arc<Family> {
        // The page adds these endings by itself.
        let name = params.name.replace('-', "_");
        let name = name.strip_suffix("_total").unwrap_or(&name).to_owned();
        let family = || {
            Arc::new(Family {
                help: params.description.to_string(),
                kind,
                series: Mutex::default(),
            })
        };
        Arc::clone(lock(&self.0).entry(name).or_insert_with(family))
    }

    fn histogram_of(&self, params: &MetricParameters, seconds: bool) -> Arc<Family> {
        let name = params.name.strip_prefix(METRIC_PREFIX);
        let bounds = default_buckets_for(name.unwrap_or(&params.name), seconds);
        self.family(params, Kind::Histogram { bounds, seconds })
    }
}

impl CoreMeter for TemporalMetrics {
    fn new_attributes(&self, attributes: NewAttributes) -> MetricAttributes {
        MetricAttributes::Prometheus {
            labels: Arc::new(attributes.into()),
        }
    }

    fn extend_attributes(
        &self,
        existing: MetricAttributes,
        more: NewAttributes,
    ) -> MetricAttributes {
        let mut labels = match existing {
            MetricAttributes::Prometheus { labels } => OrderedPromLabelSet::clone(&labels),
            _ => OrderedPromLabelSet::new(),
        };
        for label in more.attributes {
            labels.add_kv(label);
        }
        MetricAttributes::Prometheus {
            labels: Arc::new(labels),
        }
    }

    fn counter(&self, params: MetricParameters) -> Counter {
        Counter::new(Arc::new(Instrument(self.family(&params, Kind::Counter))))
    }

    fn histogram(&self, params: MetricParameters) -> Histogram {
        Histogram::new(Arc::new(Instrument(self.histogram_of(&params, false))))
    }

    fn histogram_f64(&self, params: MetricParameters) -> HistogramF64 {
        HistogramF64::new(Arc::new(Instrument(self.histogram_of(&params, false))))
    }

    fn histogram_duration(&self, params: MetricParameters) -> HistogramDuration {
        HistogramDuration::new(Arc::new(Instrument(self.histogram_of(&params, true))))
    }

    fn gauge(&self, params: MetricParameters) -> Gauge {
        Gauge::new(Arc::new(Instrument(self.family(&params, Kind::Gauge))))
    }

    fn gauge_f64(&self, params: MetricParameters) -> GaugeF64 {
        GaugeF64::new(Arc::new(Instrument(self.family(&params, Kind::Gauge))))
    }

    fn up_down_counter(&self, params: MetricParameters) -> UpDownCounter {
        UpDownCounter::new(Arc::new(Instrument(self.family(&params, Kind::Gauge))))
    }
}

/// What the SDK records into, once it has said with which labels.
struct Instrument(Arc<Family>);

impl Instrument {
    fn series(&self, attributes: &MetricAttributes) -> Arc<Series> {
        let mut labels = Labels::new();
        if let MetricAttributes::Prometheus { labels: set } = attributes {
            let values = set.as_prom_labels();
            labels.extend(set.keys_ordered().filter_map(|key| {
                let value = values.get(key)?;
                Some((key.to_owned(), value.clone()))
            }));
        }
        let mut all = lock(&self.0.series);
        let series = all.entry(labels);
        Arc::clone(series.or_insert_with(|| Arc::new(Series::new(&self.0.kind))))
    }
}

/// One metric that the SDK records into.
struct Bound(Arc<Series>);

type Binding<T> = Result<T, Box<dyn std::error::Error>>;

macro_rules! bind {
    ($($base:ident),*) => {$(
        impl MetricAttributable<Box<dyn $base>> for Instrument {
            fn with_attributes(&self, attributes: &MetricAttributes) -> Binding<Box<dyn $base>> {
                Ok(Box::new(Bound(self.series(attributes))))
            }
        }
    )*};
}

bind!(
    CounterBase,
    HistogramBase,
    HistogramF64Base,
    HistogramDurationBase,
    GaugeBase,
    GaugeF64Base,
    UpDownCounterBase
);

impl CounterBase for Bound {
    fn adds(&self, value: u64) {
        self.0.value.fetch_add(value, Ordering::Relaxed);
    }
}

impl HistogramBase for Bound {
    fn records(&self, value: u64) {
        self.0.observe(as_float(value));
    }
}

impl HistogramF64Base for Bound {
    fn records(&self, value: f64) {
        self.0.observe(value);
    }
}

impl HistogramDurationBase for Bound {
    fn records(&self, value: Duration) {
        self.0.observe(value.as_secs_f64());
    }
}

impl GaugeBase for Bound {
    fn records(&self, value: u64) {
        self.0.update(|_| as_float(value));
    }
}

impl GaugeF64Base for Bound {
    fn records(&self, value: f64) {
        self.0.update(|_| value);
    }
}

impl UpDownCounterBase for Bound {
    fn adds(&self, value: i64) {
        let change = as_float(value.unsigned_abs());
        let change = if value < 0 { -change } else { change };
        self.0.update(|sum| sum + change);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the page shows floating point numbers; what is measured is far below 2^52"
)]
fn as_float(value: u64) -> f64 {
    value as f64
}

impl Collector for TemporalMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for (name, family) in lock(&self.0).iter() {
            let all = lock(&family.series);
            if all.is_empty() {
                continue;
            }
            let (kind, unit) = match family.kind {
                Kind::Counter => (MetricType::Counter, None),
                Kind::Gauge => (MetricType::Gauge, None),
                Kind::Histogram { seconds, .. } => {
                    (MetricType::Histogram, seconds.then_some(Unit::Seconds))
                }
            };
            let mut metrics = encoder.encode_descriptor(name, &family.help, unit.as_ref(), kind)?;
            for (labels, series) in all.iter() {
                series.encode(&family.kind, metrics.encode_family(labels)?)?;
            }
        }
        Ok(())
    }
}

impl Series {
    fn encode(&self, kind: &Kind, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        match kind {
            Kind::Counter => {
                let value = self.value.load(Ordering::Relaxed);
                encoder.encode_counter::<NoLabelSet, _, u64>(&value, None)
            }
            Kind::Gauge => encoder.encode_gauge(&self.float()),
            Kind::Histogram { .. } => {
                let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
                let counts = self
                    .buckets
                    .iter()
                    .map(|count| count.load(Ordering::Relaxed));
                let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
                let count = buckets.iter().map(|(_, count)| count).sum();
                encoder.encode_histogram::<NoLabelSet>(self.float(), count, &buckets, None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text;
    use prometheus_client::registry::Registry;
    use temporalio_common::telemetry::metrics::MetricKeyValue;

    use super::*;

    #[test]
    fn what_the_sdk_records_is_on_the_page() {
        let metrics = TemporalMetrics::default();
        let queue = metrics.new_attributes([MetricKeyValue::new("task_queue", "q")].into());
        let failed = metrics.extend_attributes(
            queue.clone(),
            [MetricKeyValue::new("reason", "x\"y")].into(),
        );
        metrics
            .counter("temporal_local_activity_total".into())
            .add(2, &queue);
        metrics
            .counter("temporal_workflow_failed".into())
            .add(1, &failed);
        let pollers = metrics.gauge("temporal_num_pollers".into());
        pollers.record(7, &queue);
        pollers.record(5, &queue);
        let latency = metrics.histogram_duration("temporal_activity_execution_latency".into());
        latency.record(Duration::from_millis(70), &queue);
        latency.record(Duration::from_secs(3), &queue);

        let mut registry = Registry::default();
        registry.register_collector(Box::new(metrics));
        let mut page = String::new();
        text::encode(&mut page, &registry).unwrap();
        for line in [
            r#"temporal_local_activity_total{task_queue="q"} 2"#,
            r#"temporal_workflow_failed_total{reason="x\"y",task_queue="q"} 1"#,
            r#"temporal_num_pollers{task_queue="q"} 5.0"#,
            "# TYPE temporal_activity_execution_latency_seconds histogram",
            r#"temporal_activity_execution_latency_seconds_count{task_queue="q"} 2"#,
            r#"temporal_activity_execution_latency_seconds_sum{task_queue="q"} 3.07"#,
            r#"temporal_activity_execution_latency_seconds_bucket{le="0.1",task_queue="q"} 1"#,
            r#"temporal_activity_execution_latency_seconds_bucket{le="+Inf",task_queue="q"} 2"#,
        ] {
            assert!(page.lines().any(|shown| shown == line), "{line}\n{page}");
        }
    }
}
