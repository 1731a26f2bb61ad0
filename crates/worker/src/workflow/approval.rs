//! The agreement on a plan, before the agent works.

use kai_core::agent::Plan;
use kai_core::wire::KaiChatInput;

use super::control::Decision;
use super::messages::Reason;
use super::steering::{Run, Why};

/// How many plans are made at most.
const MAX_PLANS: usize = 3;

/// Makes plans until a person accepts one. What was said against a plan becomes a part of the
/// question.
pub(super) async fn agree(run: Run<'_>, input: &mut KaiChatInput) -> Result<Plan, Why> {
    for remaining in (0..MAX_PLANS).rev() {
        run.ctx
            .state_mut(|workflow| workflow.control.begin_planning());
        let plan = run.plan(input).await?;
        run.ctx
            .state_mut(|workflow| workflow.control.propose(plan.clone(), remaining == 0));
        match decision(run, input).await? {
            Decision::Accepted => return Ok(plan),
            Decision::Rejected(Reason(Some(reason))) if remaining > 0 => {
                input.prompt = format!("{}\n{reason}", input.prompt);
            }
            Decision::Rejected(reason) => {
                return Err(Why::Stopped(reason.after("the plan was rejected")));
            }
        }
    }
    // The last round always returns: nothing remains of its plans.
    Err(Why::Stopped("the plan was rejected".to_owned()))
}

/// What a person makes of the plan. No activity runs while they think.
async fn decision(run: Run<'_>, input: &KaiChatInput) -> Result<Decision, Why> {
    let timeout = run.ctx.state(|workflow| workflow.times.plan_timeout);
    loop {
        if run.is_interrupted() {
            run.rest(input).await?;
        }
        let decided = run
            .ctx
            .state_mut(|workflow| workflow.control.take_decision());
        if let Some(decision) = decided {
            return Ok(decision);
        }
        let in_time = run
            .within(timeout, |workflow| {
                workflow.control.is_decided() || workflow.control.interrupts()
            })
            .await;
        if !in_time {
            return Err(Why::TimedOut(format!(
                "nobody accepted or rejected the plan within {} seconds",
                timeout.as_secs()
            )));
        }
    }
}
