//! What is measured: each row of the table, its unit, and what is to be reached.

use std::fmt;

use kai_bench_common::numbers;

/// One thing that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    Posts,
    Batches,
    FanOutMany,
    FanOutOne,
    LatencyMedian,
    LatencyTail,
    Memory,
    /// Deliveries with so many streams.
    Growth(usize),
    /// Memory with so many streams.
    MemoryGrowth(usize),
}

impl Row {
    pub(crate) const PLAIN: [Self; 7] = [
        Self::Posts,
        Self::Batches,
        Self::FanOutMany,
        Self::FanOutOne,
        Self::LatencyMedian,
        Self::LatencyTail,
        Self::Memory,
    ];

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Posts | Self::Batches | Self::FanOutMany | Self::FanOutOne | Self::Growth(_) => {
                Unit::PerSecond
            }
            Self::LatencyMedian | Self::LatencyTail => Unit::Micros,
            Self::Memory | Self::MemoryGrowth(_) => Unit::Kib,
        }
    }

    /// The row of a peer with which ours is compared: who has no batches sends single posts.
    pub(crate) fn of_peers(self) -> Self {
        match self {
            Self::Batches => Self::Posts,
            row => row,
        }
    }

    /// What ours has to reach, as a multiple of Nchan's.
    pub(crate) fn beside_nchan(self) -> Option<Target> {
        match self {
            Self::Posts => Some(Target::AtLeast(1.0)),
            Self::Batches => Some(Target::AtLeast(10.0)),
            Self::FanOutMany | Self::FanOutOne => Some(Target::AtLeast(2.0)),
            Self::LatencyTail => Some(Target::AtMost(1.0)),
            Self::LatencyMedian | Self::Memory | Self::Growth(_) | Self::MemoryGrowth(_) => None,
        }
    }

    /// What ours has to reach, as a multiple of the original design's.
    pub(crate) fn beside_fastapi(self) -> Option<Target> {
        (self == Self::Posts).then_some(Target::AtLeast(14.0))
    }

    /// What ours has to reach by itself.
    pub(crate) fn alone(self) -> Option<Target> {
        (self == Self::Memory).then_some(Target::AtMost(10.0))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Posts => f.write_str("events posted, 64 sessions, no subscriber"),
            Self::Batches => f.write_str("the same, 100 events a request (peers: one)"),
            Self::FanOutMany => f.write_str("delivered, 100 sessions × 1 subscriber"),
            Self::FanOutOne => f.write_str("delivered, 1 session × 500 subscribers"),
            Self::LatencyMedian => f.write_str("post to delivery at 2,000 posts/s, p50"),
            Self::LatencyTail => f.write_str("post to delivery at 2,000 posts/s, p99"),
            Self::Memory => f.write_str("memory per idle stream, 2,000 streams"),
            Self::Growth(streams) => write!(f, "delivered, {streams} sessions × 1 subscriber"),
            Self::MemoryGrowth(streams) => write!(f, "memory per stream, {streams} streams"),
        }
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    PerSecond,
    Micros,
    Kib,
}

impl Unit {
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{}/s", grouped(value)),
            Self::Micros => format!("{} µs", grouped(value)),
            Self::Kib => format!("{value:.1} KiB"),
        }
    }
}

/// A whole number with commas between its thousands.
fn grouped(value: f64) -> String {
    numbers::grouped(&format!("{value:.0}"))
}

/// A number that has to be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    pub(crate) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "≥ {least}"),
            Self::AtMost(most) => write!(f, "≤ {most}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let shown = [0.4, 999.0, 1_000.0, 1_234_567.8].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,568"]);
    }
}
