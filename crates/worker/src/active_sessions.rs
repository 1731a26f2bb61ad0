//! How many questions the worker answers at this moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use temporalio_sdk::activities::ActivityInfo;
use temporalio_sdk::interceptors::{
    ActivityInboundInterceptor, ExecuteActivityInput, ExecuteActivityOutput, Next,
};

/// The activities that answer a question; the others are housekeeping.
const ANSWERING: [&str; 3] = ["chat_streaming", "chat", "autonomous_chat"];

/// Whether this activity answers a question.
pub(crate) fn answers_questions(activity: &ActivityInfo) -> bool {
    ANSWERING.contains(&activity.activity_type.as_str())
}

/// Counts the activities that answer questions while they run.
#[derive(Debug, Clone, Default)]
pub struct ActiveSessions(Arc<AtomicUsize>);

impl ActiveSessions {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn enter(&self) -> Guard {
        self.0.fetch_add(1, Ordering::Relaxed);
        Guard(Arc::clone(&self.0))
    }
}

/// One session, for as long as it lives.
struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ActivityInboundInterceptor for ActiveSessions {
    fn execute_activity<'a>(
        &'a self,
        input: ExecuteActivityInput,
        next: Next<'a, ExecuteActivityInput, ExecuteActivityOutput<'a>>,
    ) -> ExecuteActivityOutput<'a> {
        let guard = answers_questions(input.activity_info()).then(|| self.enter());
        let running = next.run(input);
        Box::pin(async move {
            let _guard = guard;
            running.await
        })
    }
}
