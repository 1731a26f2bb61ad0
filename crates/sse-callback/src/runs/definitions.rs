//! The workflows that questions are asked through, known by their names and the shape of what crosses.

use kai_core::wire::KaiChatInput;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use temporalio_common::{
    HasWorkflowDefinition, QueryDefinition, SignalDefinition, WorkflowDefinition,
};

/// `KaiChatWorkflow`: one question. Its result is read field by field.
pub(super) struct Chat;

impl Chat {
    pub(super) const NAME: &str = "KaiChatWorkflow";
}

impl WorkflowDefinition for Chat {
    type Input = KaiChatInput;
    type Output = Value;

    fn name(&self) -> &'static str {
        Self::NAME
    }
}

impl HasWorkflowDefinition for Chat {
    type Run = Self;
}

/// `KaiConnectionsWorkflow`: the databases that the workers of a queue can be asked of.
pub(super) struct Connections;

impl WorkflowDefinition for Connections {
    type Input = ();
    type Output = Vec<ConnectionSummary>;

    fn name(&self) -> &'static str {
        "KaiConnectionsWorkflow"
    }
}

impl HasWorkflowDefinition for Connections {
    type Run = Self;
}

/// A database that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionSummary {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub alias: String,
    /// What kind of database it is.
    pub dialect: String,
}

/// What a person tells a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The plan is good.
    AcceptPlan,
    /// It is not; with a reason, another one is made.
    RejectPlan,
    /// Rest.
    Pause,
    /// Go on.
    Resume,
    /// End for good.
    Stop,
}

impl Order {
    /// The order of this name.
    pub fn named(name: &str) -> Option<Self> {
        let orders = [
            Self::AcceptPlan,
            Self::RejectPlan,
            Self::Pause,
            Self::Resume,
            Self::Stop,
        ];
        orders.into_iter().find(|order| order.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::AcceptPlan => "accept_plan",
            Self::RejectPlan => "reject_plan",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
        }
    }
}

/// An order as the workflow's signal of the same name; its argument says why, or is null.
pub(super) struct Signal(pub(super) Order);

impl SignalDefinition for Signal {
    type Workflow = Chat;
    type Input = Option<String>;

    fn name(&self) -> &str {
        self.0.name()
    }
}

/// The query that tells how a run stands.
pub(super) struct GetStatus;

impl QueryDefinition for GetStatus {
    type Workflow = Chat;
    type Input = ();
    type Output = RunStatus;

    fn name(&self) -> &'static str {
        "get_status"
    }
}

/// What that query answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RunStatus {
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) plan: Option<Vec<String>>,
}
