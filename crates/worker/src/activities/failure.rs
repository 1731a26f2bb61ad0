//! How an error of the library becomes a failure of an activity.

use kai_core::analyst::AnalystError;
use kai_core::delivery::CallbackUrlError;
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::activities::ActivityError;

/// A failure that Temporal tries again only where that may help. Its type names the kind of error.
pub(super) fn of_analyst(error: AnalystError) -> ActivityError {
    let (kind, retryable) = (error.kind(), error.is_retryable());
    application(error, kind, retryable)
}

/// A callback URL that may not be posted to never becomes one that may.
pub(super) fn of_callback_url(error: CallbackUrlError) -> ActivityError {
    application(error, "BadCallbackUrl", false)
}

/// The worker stops; another one can take the run at once.
pub(super) fn worker_shutdown() -> ActivityError {
    application(
        "the worker was stopped before the run had finished",
        "WorkerShutdown",
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
