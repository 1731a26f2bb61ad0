//! What the worker prints when it starts: the original's lines.

use std::fmt;

/// The configuration that is printed at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner<'a> {
    /// The address of the Temporal server.
    pub temporal_host: &'a str,
    /// The task queue.
    pub task_queue: &'a str,
}

impl fmt::Display for Banner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "KAI Worker Configuration:")?;
        writeln!(f, "  Temporal Host: {}", self.temporal_host)?;
        writeln!(f, "  Task Queue: {}", self.task_queue)?;
        writeln!(f, "  Multi-tenant: False")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_is_the_originals() {
        let banner = Banner {
            temporal_host: "localhost:7233",
            task_queue: "kai-agent-queue",
        };
        assert_eq!(
            banner.to_string(),
            "KAI Worker Configuration:\n  Temporal Host: localhost:7233\n  Task Queue: \
             kai-agent-queue\n  Multi-tenant: False\n"
        );
    }
}
