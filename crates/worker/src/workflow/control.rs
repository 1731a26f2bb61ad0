//! What a workflow knows of itself: how far it is, and what people have asked of it.

use std::time::SystemTime;

use kai_core::agent::Plan;
use kai_core::wire::{AgentResult, RunStatus};

use super::messages::{ProgressReport, Reason, Status, StatusName};
use super::request::Refusal;

/// What a person made of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is to be carried out.
    Accepted,
    /// It is not.
    Rejected(Reason),
}

/// What a workflow does, apart from what people have asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Planning,
    /// A plan waits for a person. Another one can be made, unless this is the last.
    AwaitingApproval {
        is_last: bool,
    },
    Running,
    /// No activity of the agent runs any more; the viewers are being told why.
    Ending {
        reason: String,
    },
    Ended {
        status: StatusName,
        reason: Option<String>,
        at: Option<SystemTime>,
    },
}

/// The state of a workflow. It changes only by signals, by updates and by the workflow's own progress.
pub(super) struct Control {
    stage: Stage,
    pause: Option<Reason>,
    /// Whether the pause has come into force: no activity of the agent runs.
    rests: bool,
    stop: Option<Reason>,
    plan: Option<Plan>,
    decision: Option<Decision>,
    report: ProgressReport,
}

impl Control {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::Running,
            pause: None,
            rests: false,
            stop: None,
            plan: None,
            decision: None,
            report: ProgressReport::default(),
        }
    }

    pub(super) fn pause(&mut self, reason: Reason) {
        if !self.is_over() && self.stop.is_none() {
            self.pause.get_or_insert(reason);
        }
    }

    pub(super) fn resume(&mut self) {
        self.pause = None;
    }

    /// Stopping is final: the first one counts.
    pub(super) fn stop(&mut self, reason: Reason) {
        if !self.is_over() {
            self.stop.get_or_insert(reason);
        }
    }

    /// Counts only while a plan waits: nobody can have seen the one that is still being made.
    pub(super) fn decide(&mut self, decision: Decision) {
        if matches!(self.stage, Stage::AwaitingApproval { .. }) {
            self.decision.get_or_insert(decision);
        }
    }

    /// Whether a pause would mean anything now.
    pub(super) fn may_pause(&self) -> Result<(), Refusal> {
        self.may_change()?;
        match self.pause {
            Some(_) => Err(Refusal::PausedAlready),
            None => Ok(()),
        }
    }

    /// Whether there is a pause to end.
    pub(super) fn may_resume(&self) -> Result<(), Refusal> {
        self.may_change()?;
        match self.pause {
            Some(_) => Ok(()),
            None => Err(Refusal::NotPaused),
        }
    }

    /// Whether the run can still be stopped.
    pub(super) fn may_stop(&self) -> Result<(), Refusal> {
        self.may_change()
    }

    /// Whether a plan waits for a decision.
    pub(super) fn may_decide(&self) -> Result<(), Refusal> {
        self.may_change()?;
        match (&self.stage, &self.decision) {
            (Stage::AwaitingApproval { .. }, None) => Ok(()),
            (Stage::AwaitingApproval { .. }, Some(Decision::Accepted)) => {
                Err(Refusal::AcceptedAlready)
            }
            (Stage::AwaitingApproval { .. }, Some(Decision::Rejected(_))) => {
                Err(Refusal::RejectedAlready)
            }
            (Stage::Planning, _) => Err(Refusal::StillPlanning),
            (Stage::Running, _) if self.plan.is_some() => Err(Refusal::AcceptedAlready),
            _ => Err(Refusal::NoPlan),
        }
    }

    /// Nothing can be asked of a run that has ended, or was told to.
    fn may_change(&self) -> Result<(), Refusal> {
        match (&self.stage, &self.stop) {
            (Stage::Ended { status, .. }, _) => Err(Refusal::Ended(*status)),
            (Stage::Ending { .. }, _) | (_, Some(_)) => Err(Refusal::Ending),
            _ => Ok(()),
        }
    }

    pub(super) fn report(&mut self, report: ProgressReport) {
        self.report = report;
    }

    /// Whether what runs now is to be left.
    pub(super) fn interrupts(&self) -> bool {
        self.pause.is_some() || self.stop.is_some()
    }

    pub(super) fn is_decided(&self) -> bool {
        self.decision.is_some()
    }

    pub(super) fn pause_reason(&self) -> Option<&Reason> {
        self.pause.as_ref()
    }

    pub(super) fn stop_reason(&self) -> Option<&Reason> {
        self.stop.as_ref()
    }

    pub(super) fn set_rests(&mut self, rests: bool) {
        self.rests = rests;
    }

    pub(super) fn begin_planning(&mut self) {
        self.stage = Stage::Planning;
        self.plan = None;
    }

    /// Shows a plan; the last one, where no further one would be made.
    pub(super) fn propose(&mut self, plan: Plan, is_last: bool) {
        self.stage = Stage::AwaitingApproval { is_last };
        self.decision = None;
        self.plan = Some(plan);
    }

    pub(super) fn take_decision(&mut self) -> Option<Decision> {
        self.decision.take()
    }

    pub(super) fn begin_running(&mut self) {
        self.stage = Stage::Running;
    }

    /// The run ends for this reason, once its viewers are told.
    pub(super) fn begin_ending(&mut self, reason: String) {
        self.stage = Stage::Ending { reason };
    }

    pub(super) fn end_with(&mut self, result: &AgentResult, at: Option<SystemTime>) {
        let status = match result.status {
            RunStatus::Completed => StatusName::Completed,
            RunStatus::Partial => StatusName::Partial,
            RunStatus::Failed => StatusName::Failed,
            RunStatus::Cancelled => StatusName::Cancelled,
        };
        self.end(status, result.error.clone(), at);
    }

    pub(super) fn end(
        &mut self,
        status: StatusName,
        reason: Option<String>,
        at: Option<SystemTime>,
    ) {
        self.stage = Stage::Ended { status, reason, at };
    }

    fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Ending { .. } | Stage::Ended { .. })
    }

    /// Whether the agent is at work now.
    pub(super) fn is_running(&self) -> bool {
        let works = matches!(self.stage, Stage::Planning | Stage::Running);
        works && !(self.pause.is_some() && self.rests)
    }

    pub(super) fn status(&self) -> Status {
        let (status, reason) = match (&self.stage, &self.stop, &self.pause) {
            (Stage::Ended { status, reason, .. }, ..) => (*status, reason.clone()),
            (_, Some(reason), _) => (StatusName::Stopping, reason.0.clone()),
            (Stage::Ending { reason }, None, _) => (StatusName::Stopping, Some(reason.clone())),
            (_, None, Some(reason)) if self.rests => (StatusName::Paused, reason.0.clone()),
            (_, None, Some(reason)) => (StatusName::Pausing, reason.0.clone()),
            (Stage::Planning, None, None) => (StatusName::Planning, None),
            (Stage::AwaitingApproval { is_last }, None, None) => self.decided(*is_last),
            (Stage::Running, None, None) => (StatusName::Running, None),
        };
        Status {
            status,
            reason,
            plan: self.plan.clone(),
        }
    }

    /// The status of a plan that waits, or of what follows from the decision on it.
    fn decided(&self, is_last: bool) -> (StatusName, Option<String>) {
        match &self.decision {
            None => (StatusName::AwaitingApproval, None),
            Some(Decision::Accepted) => (StatusName::Running, None),
            Some(Decision::Rejected(Reason(Some(_)))) if !is_last => (StatusName::Planning, None),
            Some(Decision::Rejected(reason)) => (StatusName::Stopping, reason.0.clone()),
        }
    }

    /// What was told of the progress last.
    pub(super) fn progress(&self) -> &ProgressReport {
        &self.report
    }

    /// When the workflow ended, if it has.
    pub(super) fn ended_at(&self) -> Option<SystemTime> {
        match &self.stage {
            Stage::Ended { at, .. } => *at,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(control: &Control) -> StatusName {
        control.status().status
    }

    #[test]
    fn a_pause_comes_into_force_when_the_agent_has_left_its_work() {
        let mut control = Control::new();
        assert!(control.is_running());
        control.pause(Reason(Some("lunch".to_owned())));
        assert_eq!(status(&control), StatusName::Pausing);
        assert!(control.is_running() && control.interrupts());
        control.set_rests(true);
        assert_eq!(status(&control), StatusName::Paused);
        assert_eq!(control.status().reason.as_deref(), Some("lunch"));
        assert!(!control.is_running());
        control.resume();
        control.set_rests(false);
        assert_eq!(status(&control), StatusName::Running);
        assert!(!control.interrupts());
    }

    #[test]
    fn the_first_stop_is_final_and_what_comes_after_the_end_changes_nothing() {
        let mut control = Control::new();
        control.stop(Reason(Some("first".to_owned())));
        control.stop(Reason(Some("second".to_owned())));
        control.pause(Reason::default());
        control.resume();
        assert_eq!(status(&control), StatusName::Stopping);
        assert_eq!(control.status().reason.as_deref(), Some("first"));

        let mut control = Control::new();
        control.end(StatusName::Completed, None, None);
        control.stop(Reason::default());
        control.pause(Reason::default());
        assert_eq!(status(&control), StatusName::Completed);
        assert!(!control.interrupts() && !control.is_running());
    }

    #[test]
    fn only_a_plan_that_was_proposed_can_be_decided_on() {
        let mut control = Control::new();
        control.begin_planning();
        control.decide(Decision::Accepted);
        assert!(!control.is_decided());
        control.propose(Plan::new(["Count".to_owned()]), false);
        assert_eq!(status(&control), StatusName::AwaitingApproval);
        assert!(!control.is_running());
        control.decide(Decision::Accepted);
        control.decide(Decision::Rejected(Reason::default()));
        assert_eq!(control.take_decision(), Some(Decision::Accepted));
    }
    #[test]
    fn what_a_decision_leads_to_is_its_status() {
        let proposed = |is_last| {
            let mut control = Control::new();
            control.begin_planning();
            control.propose(Plan::new(["Count".to_owned()]), is_last);
            control
        };
        let reason = || Reason(Some("only Bali".to_owned()));
        for (is_last, decision, expected) in [
            (false, Decision::Accepted, StatusName::Running),
            (false, Decision::Rejected(reason()), StatusName::Planning),
            (true, Decision::Rejected(reason()), StatusName::Stopping),
            (
                false,
                Decision::Rejected(Reason(None)),
                StatusName::Stopping,
            ),
        ] {
            let mut control = proposed(is_last);
            control.decide(decision.clone());
            assert_eq!(status(&control), expected, "{is_last} {decision:?}");
        }
    }

    #[test]
    fn what_fits_no_state_is_refused_with_the_reason() {
        let mut control = Control::new();
        assert_eq!(control.may_pause(), Ok(()));
        assert_eq!(control.may_stop(), Ok(()));
        assert_eq!(control.may_resume(), Err(Refusal::NotPaused));
        assert_eq!(control.may_decide(), Err(Refusal::NoPlan));
        control.begin_planning();
        assert_eq!(control.may_decide(), Err(Refusal::StillPlanning));
        control.propose(Plan::new(["Count".to_owned()]), false);
        assert_eq!(control.may_decide(), Ok(()));
        control.decide(Decision::Rejected(Reason::default()));
        assert_eq!(control.may_decide(), Err(Refusal::RejectedAlready));
        control.propose(Plan::new(["Count".to_owned()]), false);
        control.decide(Decision::Accepted);
        assert_eq!(control.may_decide(), Err(Refusal::AcceptedAlready));
        control.begin_running();
        assert_eq!(control.may_decide(), Err(Refusal::AcceptedAlready));
        control.pause(Reason::default());
        assert_eq!(control.may_pause(), Err(Refusal::PausedAlready));
        assert_eq!(control.may_resume(), Ok(()));
        control.stop(Reason::default());
        control.begin_ending("the run was stopped".to_owned());
        assert_eq!(status(&control), StatusName::Stopping);
        control.end(StatusName::Cancelled, None, None);
        for refused in [
            control.may_pause(),
            control.may_resume(),
            control.may_stop(),
            control.may_decide(),
        ] {
            assert_eq!(refused, Err(Refusal::Ended(StatusName::Cancelled)));
        }
    }
}
