//! What is measured: each row of the tables, its unit, and what is to be reached.

use std::fmt;
use std::time::Duration;

use kai_bench_common::numbers;

/// One thing that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// From the start of the process until it is ready, in seconds.
    Ready,
    /// Memory, in bytes.
    Memory(Moment, Kind),
    /// The median of runs, so many side by side, in seconds.
    Median(u32),
    /// The 95th of a hundred of them.
    Tail(u32),
    /// Processor time for each event, in seconds.
    EventCost(Streaming),
    /// A run against a receiver in some state, in seconds.
    Delivery(Pace, Health),
}

impl Row {
    /// How many times as much the Python worker's has to be at least.
    pub(crate) fn beside_python(self) -> Option<f64> {
        match self {
            Self::Median(8) => Some(8.0),
            Self::Memory(_, Kind::Resident) => Some(4.0),
            _ => None,
        }
    }

    /// How much ours may be at most by itself.
    pub(crate) fn alone(self) -> Option<f64> {
        match self {
            Self::Ready => Some(0.3),
            Self::EventCost(Streaming::Off) => Some(20e-6),
            _ => None,
        }
    }

    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Ready | Self::Median(_) | Self::Tail(_) | Self::Delivery(..) => {
                format!("{} ms", grouped(value * 1e3))
            }
            Self::Memory(..) => format!("{:.1} MiB", value / 1_048_576.0),
            Self::EventCost(_) => format!("{:.1} µs", value * 1e6),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("start of the process to ready"),
            Self::Memory(Moment::AtRest, kind) => write!(f, "memory at rest, {kind}"),
            Self::Memory(Moment::UnderLoad, Kind::Resident) => {
                write!(f, "most memory under load, {}", Kind::Resident)
            }
            Self::Memory(Moment::UnderLoad, kind) => write!(f, "memory after the load, {kind}"),
            Self::Median(width) => write!(f, "200-event run, {width} side by side, median"),
            Self::Tail(width) => write!(f, "200-event run, {width} side by side, p95"),
            Self::EventCost(Streaming::Off) => {
                f.write_str("processor time per event, no callback URL")
            }
            Self::EventCost(Streaming::On) => {
                f.write_str("processor time per event, with its HTTP exchange")
            }
            Self::Delivery(pace, health) => write!(f, "{pace}, receiver {health}"),
        }
    }
}

/// When memory is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    /// Before the first run.
    AtRest,
    /// At its most, or, where the kernel keeps no such figure, right after the last run.
    UnderLoad,
}

/// Which memory counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// All that is resident.
    Resident,
    /// The same, with what it shares with other processes divided among them.
    Proportional,
    /// What no file backs: heap, stacks and what was written to.
    Anonymous,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resident => "resident (RSS)",
            Self::Proportional => "its share (PSS)",
            Self::Anonymous => "not backed by files",
        })
    }
}

/// Whether a run has a callback URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Streaming {
    Off,
    On,
}

/// How a model's answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pace {
    AtOnce,
    /// 40 pieces a second, as a model writes.
    Written,
}

impl Pace {
    pub(crate) const ALL: [Self; 2] = [Self::AtOnce, Self::Written];

    /// How long the model thinks before each piece.
    pub(crate) fn pause(self) -> Duration {
        match self {
            Self::AtOnce => Duration::ZERO,
            Self::Written => Duration::from_millis(25),
        }
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtOnce => "answer all at once",
            Self::Written => "answer at 40 pieces a second",
        })
    }
}

/// How a receiver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Health {
    Healthy,
    Down,
    /// It answers after three seconds.
    Late,
}

impl Health {
    pub(crate) const ALL: [Self; 3] = [Self::Healthy, Self::Down, Self::Late];
    /// What an ill receiver may cost, as a multiple of a healthy one's run.
    pub(crate) const MAY_COST: f64 = 1.1;
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "healthy",
            Self::Down => "down",
            Self::Late => "answers after 3 s",
        })
    }
}

/// A whole number with commas between its thousands; below ten with one digit more.
fn grouped(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.1}");
    }
    numbers::grouped(&format!("{value:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_for_people() {
        assert_eq!(Row::Median(8).show(1.234_6), "1,235 ms");
        assert_eq!(Row::Ready.show(0.004_2), "4.2 ms");
        assert_eq!(
            Row::Memory(Moment::AtRest, Kind::Resident).show(19.5 * 1_048_576.0),
            "19.5 MiB"
        );
        assert_eq!(Row::EventCost(Streaming::Off).show(12.34e-6), "12.3 µs");
    }
}
