//! How far a task goes: the modes of the original. All of them only read.

/// What is wanted of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AgentMode {
    /// What the figures mean, looked at from more than one side.
    Analysis,
    /// The rows that were asked for, and no more.
    Query,
    /// The statement, so that it can be run again elsewhere.
    Script,
    /// Whatever the question needs.
    #[default]
    FullAutonomy,
}

impl AgentMode {
    /// The names, as callers send them.
    pub const NAMES: &[&str] = &["analysis", "query", "script", "full_autonomy"];

    /// The mode of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "analysis" => Some(Self::Analysis),
            "query" => Some(Self::Query),
            "script" => Some(Self::Script),
            "full_autonomy" => Some(Self::FullAutonomy),
            _ => None,
        }
    }

    /// What a model is told; nothing where it decides itself.
    pub(super) fn guidance(self) -> Option<&'static str> {
        match self {
            Self::Analysis => Some(
                "This is an analysis: compare the figures, and say what stands out and what may \
                 explain it, as far as the rows show it.",
            ),
            Self::Query => Some(
                "Only the rows are wanted: find them with as few queries as possible, and answer \
                 with them alone.",
            ),
            Self::Script => Some(
                "The statement is wanted: try it with sql_query, then put it into the answer, as \
                 it ran, in a block of code.",
            ),
            Self::FullAutonomy => None,
        }
    }
}
