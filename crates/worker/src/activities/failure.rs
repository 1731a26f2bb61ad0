//! How an error of the library becomes a failure of an activity.

use std::time::Duration;

use kai_core::analyst::AnalystError;
use kai_core::delivery::CallbackUrlError;
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::activities::ActivityError;

/// The type of the failure of an attempt whose worker was stopped.
pub(super) const WORKER_SHUTDOWN: &str = "WorkerShutdown";

/// The type of the failure of an attempt that did not beat in time.
pub(super) const LOST: &str = "Lost";

/// A failure that ends the run. Its type names the kind of error.
pub(super) fn of_analyst(error: AnalystError) -> ActivityError {
    let kind = error.kind();
    application(error, kind, false)
}

/// The same, to be tried again after a pause.
pub(super) fn of_analyst_later(error: &AnalystError, pause: Duration) -> ActivityError {
    ActivityError::application(
        ApplicationFailure::builder(error.to_string())
            .type_name(error.kind().to_owned())
            .next_retry_delay(pause)
            .build(),
    )
}

/// A failure that an earlier attempt has told already.
pub(super) fn told_before(reason: String, kind: &str) -> ActivityError {
    application(reason, kind, false)
}

/// A callback URL that may not be posted to never becomes one that may.
pub(super) fn of_callback_url(error: CallbackUrlError) -> ActivityError {
    application(error, "BadCallbackUrl", false)
}

/// The worker stops; another one can take the run at once.
pub(super) fn worker_shutdown() -> ActivityError {
    application(
        "the worker was stopped before the run had finished",
        WORKER_SHUTDOWN,
        true,
    )
}

/// Nobody asked this attempt to stop: another one goes on, or is to.
pub(super) fn lost() -> ActivityError {
    application(
        "this worker did not beat in time, so the run is another one's",
        LOST,
        true,
    )
}

/// Something of this machine failed that may be well on another one.
pub(super) fn of_worker(error: impl std::error::Error + Send + Sync + 'static) -> ActivityError {
    application(error, "Worker", true)
}

fn application(
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    kind: &str,
    retryable: bool,
) -> ActivityError {
    ActivityError::application(
        ApplicationFailure::builder(error)
            .type_name(kind.to_owned())
            .non_retryable(!retryable)
            .build(),
    )
}
