//! Why a run was cut short before this attempt goes on with it.

use kai_core::interruption::Interruption;
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_sdk::activities::ActivityContext;

use super::described::describe;
use super::failure;
use crate::workflow::WORKFLOW_TYPE;

/// Finds out what ended the attempt before this one; none when nobody can tell.
pub(super) async fn before(ctx: &ActivityContext) -> Option<Interruption> {
    let info = ctx.info();
    if info.attempt > 1 {
        let described = describe(ctx).await.ok()?;
        return described.last_failure(info).map(read);
    }
    // Our workflow begins another activity for the same run only when it is resumed.
    (info.workflow_type.as_deref() == Some(WORKFLOW_TYPE)).then_some(Interruption::Pause)
}

fn read(failure: &Failure) -> Interruption {
    match &failure.failure_info {
        Some(FailureInfo::TimeoutFailureInfo(_)) => Interruption::Lost,
        Some(FailureInfo::ApplicationFailureInfo(info)) => match info.r#type.as_str() {
            failure::WORKER_SHUTDOWN => Interruption::Shutdown,
            failure::LOST => Interruption::Lost,
            _ => Interruption::Failure,
        },
        _ => Interruption::Failure,
    }
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::failure::v1::{
        ApplicationFailureInfo, TimeoutFailureInfo,
    };

    use super::*;

    #[test]
    fn the_failure_of_an_attempt_tells_what_cut_it() {
        let of = |info| {
            read(&Failure {
                failure_info: Some(info),
                ..Failure::default()
            })
        };
        let application = |kind: &str| {
            FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
                r#type: kind.to_owned(),
                ..ApplicationFailureInfo::default()
            })
        };
        let timeout = FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo::default());
        assert_eq!(of(timeout), Interruption::Lost);
        assert_eq!(of(application("WorkerShutdown")), Interruption::Shutdown);
        assert_eq!(of(application("Lost")), Interruption::Lost);
        assert_eq!(of(application("ModelUnavailable")), Interruption::Failure);
    }
}
