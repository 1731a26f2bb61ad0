//! How long a run may take, and how often it is tried.

use std::time::Duration;

use temporalio_common::RetryPolicy;
use temporalio_sdk::{ActivityCancellationType, ActivityOptions};

/// What the workflow asks of Temporal for its activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunPolicy {
    /// How long one attempt may take.
    pub start_to_close: Duration,
    /// After so long without a heartbeat the run is given to another worker.
    pub heartbeat_timeout: Duration,
    /// How often a run is tried at most.
    pub max_attempts: u32,
    /// How long to wait before the second attempt; each further wait is twice as long.
    pub first_retry: Duration,
    /// The longest such wait.
    pub longest_retry: Duration,
}

impl RunPolicy {
    /// The policy as options of an activity.
    pub fn activity_options(&self) -> ActivityOptions {
        ActivityOptions::with_start_to_close_timeout(self.start_to_close)
            .heartbeat_timeout(self.heartbeat_timeout)
            .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
            .retry_policy(
                RetryPolicy::builder()
                    .initial_interval(self.first_retry)
                    .backoff_coefficient(2.0)
                    .maximum_interval(self.longest_retry.max(self.first_retry))
                    .maximum_attempts(self.max_attempts)
                    .build(),
            )
            .build()
    }
}
