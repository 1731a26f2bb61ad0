//! Watches one run of an evaluation: its steps, its tokens, and when its first query came.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::agent::{EventSink, RunLog, RunLogError, Step};
use crate::event::AgentEvent;
use crate::model::Usage;

/// The tool that runs queries.
const QUERY_TOOL: &str = "sql_query";

/// What is seen of a run from outside.
pub(super) struct Observer {
    begun: Instant,
    first_query: Mutex<Option<Duration>>,
    steps: AtomicUsize,
    usage: Mutex<Option<Usage>>,
}

impl Observer {
    /// Begins to watch now.
    pub(super) fn new() -> Self {
        Self {
            begun: Instant::now(),
            first_query: Mutex::new(None),
            steps: AtomicUsize::new(0),
            usage: Mutex::new(None),
        }
    }

    /// How long the run has taken so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// How long it took until the first query was about to run.
    pub(super) fn first_query(&self) -> Option<Duration> {
        *self
            .first_query
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many turns and tools it took.
    pub(super) fn steps(&self) -> usize {
        self.steps.load(Ordering::Relaxed)
    }

    /// How many tokens it took, if the model's service told.
    pub(super) fn usage(&self) -> Option<Usage> {
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventSink for Observer {
    fn emit(&self, event: AgentEvent) {
        if let AgentEvent::ToolStart { tool, .. } = event
            && tool == QUERY_TOOL
        {
            let mut first = self
                .first_query
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| self.begun.elapsed());
        }
    }
}

#[async_trait]
impl RunLog for Observer {
    async fn save(&self, step: &Step) -> Result<(), RunLogError> {
        self.steps.fetch_add(1, Ordering::Relaxed);
        let spent = match step {
            Step::Turn(turn) => turn.usage,
            Step::Summary(summary) => summary.usage,
            Step::ToolResult(_) => None,
        };
        if let Some(spent) = spent {
            let mut usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner);
            *usage.get_or_insert_default() += spent;
        }
        Ok(())
    }
}
