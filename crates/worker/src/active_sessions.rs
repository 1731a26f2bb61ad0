//! How many questions the worker answers at this moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use temporalio_sdk::interceptors::{
    ActivityInboundInterceptor, ExecuteActivityInput, ExecuteActivityOutput, Next,
};

/// The activities that answer a question; the others are housekeeping.
const ANSWERING: [&str; 3] = ["chat_streaming", "chat", "autonomous_chat"];

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
        let activity = input.activity_info().activity_type.as_str();
        let guard = ANSWERING.contains(&activity).then(|| self.enter());
        let running = next.run(input);
        Box::pin(async move {
            let _guard = guard;
            running.await
        })
    }
}
