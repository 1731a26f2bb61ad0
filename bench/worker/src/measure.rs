//! The measurements: each starts its worker afresh, loads it, and says what was seen.

use std::time::Duration;

use tokio::time::sleep;

use crate::error::BenchError;
use crate::model::Script;
use crate::peer::{Peer, Prepared, Programs};
use crate::row::{Health, Kind, Moment, Pace, Row, Streaming};
use crate::served::{free_port, late_receiver};
use crate::stand::{Receiver, Worker};
use crate::temporal::Temporal;

/// The events of a run, `done` not counted.
const EVENTS: u32 = 200;
/// How many runs go side by side.
const WIDTHS: [u32; 3] = [1, 8, 32];
/// The width at which costs are measured.
const COST_WIDTH: u32 = 8;
/// After so long a worker that has nothing to do is at rest.
const RESTS_AFTER: Duration = Duration::from_secs(1);

/// Samples of one measurement.
pub(crate) type Samples = Vec<(Row, f64)>;

/// What is measured in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Measure {
    /// Time to ready, memory, and runs side by side.
    Runs,
    /// Processor time for each event.
    Cost,
    /// Runs against receivers that are ill; kai-worker only.
    Delivery,
}

/// How to measure.
pub(crate) struct Bench<'a> {
    pub(crate) programs: &'a Programs,
    pub(crate) prepared: &'a Prepared<'a>,
    pub(crate) temporal: &'a Temporal,
    /// How many runs are made at each width; at least one for each that goes side by side.
    pub(crate) runs: u32,
}

impl Bench<'_> {
    /// Makes one measurement.
    pub(crate) async fn measure(
        &self,
        measure: Measure,
        peer: Peer,
    ) -> Result<Samples, BenchError> {
        let worker = Worker::start(self.prepared, peer).await?;
        match measure {
            Measure::Runs => self.side_by_side(&worker).await,
            Measure::Cost => self.cost(&worker).await,
            Measure::Delivery => self.delivery(&worker).await,
        }
    }

    async fn side_by_side(&self, worker: &Worker) -> Result<Samples, BenchError> {
        sleep(RESTS_AFTER).await;
        let mut samples = vec![(Row::Ready, worker.ready_after.as_secs_f64())];
        memory(worker, Moment::AtRest, &mut samples)?;
        let script = Script::of_events(EVENTS);
        self.streamed(worker, 1, 1, script).await?;
        for width in WIDTHS {
            let mut took = self
                .streamed(worker, width, self.runs.max(width), script)
                .await?;
            took.sort();
            samples.push((Row::Median(width), at_percent(&took, 50)));
            samples.push((Row::Tail(width), at_percent(&took, 95)));
        }
        memory(worker, Moment::UnderLoad, &mut samples)?;
        Ok(samples)
    }

    /// What one more event costs: runs of 200 events, less as many runs of four.
    async fn cost(&self, worker: &Worker) -> Result<Samples, BenchError> {
        let (long, short) = (Script::of_events(EVENTS), Script::of_events(1));
        let runs = self.runs.max(COST_WIDTH);
        let more = u32::try_from(long.events() - short.events()).unwrap_or(u32::MAX) * runs;
        let mut samples = Vec::new();
        for streaming in [Streaming::Off, Streaming::On] {
            self.spent(worker, streaming, COST_WIDTH, short).await?;
            let base = self.spent(worker, streaming, runs, short).await?;
            let whole = self.spent(worker, streaming, runs, long).await?;
            samples.push((Row::EventCost(streaming), (whole - base) / f64::from(more)));
        }
        Ok(samples)
    }

    /// The processor time that runs took, in seconds.
    async fn spent(
        &self,
        worker: &Worker,
        streaming: Streaming,
        runs: u32,
        script: Script,
    ) -> Result<f64, BenchError> {
        let before = worker.program.processor_seconds()?;
        match streaming {
            Streaming::Off => {
                worker
                    .load(self.temporal, COST_WIDTH, runs, script, None)
                    .await?;
            }
            Streaming::On => {
                self.streamed(worker, COST_WIDTH, runs, script).await?;
            }
        }
        Ok(worker.program.processor_seconds()? - before)
    }

    /// Runs that are streamed to a receiver of their own, which has to get every event.
    async fn streamed(
        &self,
        worker: &Worker,
        width: u32,
        runs: u32,
        script: Script,
    ) -> Result<Vec<Duration>, BenchError> {
        let receiver = Receiver::start(self.programs).await?;
        let took = worker
            .load(self.temporal, width, runs, script, Some(&receiver.url))
            .await?;
        receiver.took_all(worker.peer, runs, script).await?;
        Ok(took)
    }

    async fn delivery(&self, worker: &Worker) -> Result<Samples, BenchError> {
        let late = late_receiver().await?;
        let late = format!("http://{}", late.address);
        let mut samples = Vec::new();
        self.streamed(worker, 1, 1, Script::of_events(EVENTS))
            .await?;
        for pace in Pace::ALL {
            let script = Script::of_events(EVENTS).paced(pace.pause());
            for health in Health::ALL {
                let runs = match pace {
                    Pace::AtOnce => 15,
                    Pace::Written => 1,
                };
                let mut took = match health {
                    Health::Healthy => self.streamed(worker, 1, runs, script).await?,
                    Health::Down => {
                        let nobody = format!("http://127.0.0.1:{}", free_port()?);
                        worker
                            .load(self.temporal, 1, runs, script, Some(&nobody))
                            .await?
                    }
                    Health::Late => {
                        worker
                            .load(self.temporal, 1, runs, script, Some(&late))
                            .await?
                    }
                };
                took.sort();
                samples.push((Row::Delivery(pace, health), at_percent(&took, 50)));
            }
        }
        Ok(samples)
    }
}

fn memory(worker: &Worker, moment: Moment, samples: &mut Samples) -> Result<(), BenchError> {
    for kind in [Kind::Resident, Kind::Proportional, Kind::Anonymous] {
        let bytes = worker.program.memory(moment, kind)?;
        samples.push((Row::Memory(moment, kind), bytes));
    }
    Ok(())
}

/// The value below which so many of a hundred sorted ones lie, in seconds.
fn at_percent(sorted: &[Duration], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted
        .get(at.min(last))
        .map_or(f64::NAN, Duration::as_secs_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles() {
        let seconds: Vec<_> = (1..=40).map(Duration::from_secs).collect();
        assert_eq!(at_percent(&seconds, 50).to_bits(), 20.0_f64.to_bits());
        assert_eq!(at_percent(&seconds, 95).to_bits(), 38.0_f64.to_bits());
        let one = at_percent(seconds.get(..1).unwrap(), 95);
        assert_eq!(one.to_bits(), 1.0_f64.to_bits());
        assert!(at_percent(&[], 50).is_nan());
    }
}
