//! How long the workflow's activities may take, and how often they are tried.

use std::time::Duration;

use temporalio_common::RetryPolicy;
use temporalio_sdk::{
    ActivityCancellationType, ActivityCloseTimeouts, ActivityOptions, WorkflowCancellationToken,
};

use crate::run_policy::RunTimes;

/// How often a run is tried at most. Each worker that is lost costs an attempt; failures that may
/// pass are fewer, and counted by the activity.
const MAX_ATTEMPTS: u32 = 50;

/// How soon the run of a worker that was lost is given to another one; twice as late each further
/// time. After a failure that may pass, the activity itself asks for a longer pause.
const FIRST_RETRY: Duration = Duration::from_millis(100);

/// The longest such pause.
const LATEST_RETRY: Duration = Duration::from_secs(2);

/// How long one attempt to plan may take: one turn of a model.
const PLAN_START_TO_CLOSE: Duration = Duration::from_mins(5);

/// How long an attempt to tell the viewers something may take: longer than a receiver is tried.
const TELL_START_TO_CLOSE: Duration = Duration::from_secs(30);

/// How long viewers are told something at most, in all attempts.
const TELL_SCHEDULE_TO_CLOSE: Duration = Duration::from_mins(5);

/// For `chat_streaming`, ended early by the token.
pub(super) fn answering(times: RunTimes, token: WorkflowCancellationToken) -> ActivityOptions {
    working(times.start_to_close, times.heartbeat_timeout, token)
}

/// For `make_plan`, ended early by the token.
pub(super) fn planning(
    heartbeat_timeout: Duration,
    token: WorkflowCancellationToken,
) -> ActivityOptions {
    working(PLAN_START_TO_CLOSE, heartbeat_timeout, token)
}

fn working(
    start_to_close: Duration,
    heartbeat_timeout: Duration,
    token: WorkflowCancellationToken,
) -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(start_to_close)
        .heartbeat_timeout(heartbeat_timeout)
        .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
        .cancellation_token(token)
        .retry_policy(
            RetryPolicy::builder()
                .initial_interval(FIRST_RETRY)
                .backoff_coefficient(2.0)
                .maximum_interval(LATEST_RETRY)
                .maximum_attempts(MAX_ATTEMPTS)
                .build(),
        )
        .build()
}

/// For what viewers are told by the workflow itself, whatever becomes of the workflow.
pub(super) fn telling() -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        start_to_close: TELL_START_TO_CLOSE,
        schedule_to_close: TELL_SCHEDULE_TO_CLOSE,
    })
    .cancellation_token(WorkflowCancellationToken::new())
    .retry_policy(
        RetryPolicy::builder()
            .initial_interval(FIRST_RETRY)
            .backoff_coefficient(2.0)
            .maximum_interval(LATEST_RETRY)
            .build(),
    )
    .build()
}
