//! What a workflow knows of itself: how far it is, and what people have asked of it.

use std::time::SystemTime;

use kai_core::agent::Plan;
use kai_core::wire::{AgentResult, RunStatus};

use super::messages::{ProgressReport, Reason, Status, StatusName};

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
    AwaitingApproval,
    Running,
    Ended {
        status: StatusName,
        reason: Option<String>,
        at: Option<SystemTime>,
    },
}

/// The state of a workflow. It changes only by signals and by the workflow's own progress.
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
        if !self.has_ended() && self.stop.is_none() {
            self.pause.get_or_insert(reason);
        }
    }

    pub(super) fn resume(&mut self) {
        self.pause = None;
    }

    /// Stopping is final: the first one counts.
    pub(super) fn stop(&mut self, reason: Reason) {
        if !self.has_ended() {
            self.stop.get_or_insert(reason);
        }
    }

    /// Counts only while a plan waits: nobody can have seen the one that is still being made.
    pub(super) fn decide(&mut self, decision: Decision) {
        if self.stage == Stage::AwaitingApproval {
            self.decision.get_or_insert(decision);
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

    pub(super) fn propose(&mut self, plan: Plan) {
        self.stage = Stage::AwaitingApproval;
        self.decision = None;
        self.plan = Some(plan);
    }

    pub(super) fn take_decision(&mut self) -> Option<Decision> {
        self.decision.take()
    }

    pub(super) fn begin_running(&mut self) {
        self.stage = Stage::Running;
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

    fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended { .. })
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
            (_, None, Some(reason)) if self.rests => (StatusName::Paused, reason.0.clone()),
            (_, None, Some(reason)) => (StatusName::Pausing, reason.0.clone()),
            (Stage::Planning, None, None) => (StatusName::Planning, None),
            (Stage::AwaitingApproval, None, None) => (StatusName::AwaitingApproval, None),
            (Stage::Running, None, None) => (StatusName::Running, None),
        };
        Status {
            status,
            reason,
            plan: self.plan.clone(),
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
        control.propose(Plan::new(["Count".to_owned()]));
        assert_eq!(status(&control), StatusName::AwaitingApproval);
        assert!(!control.is_running());
        control.decide(Decision::Accepted);
        control.decide(Decision::Rejected(Reason::default()));
        assert_eq!(control.take_decision(), Some(Decision::Accepted));
    }
}
