//! The SQL guard: lets one read-only query statement through and refuses everything else.

/// A query that the guard let through, as it will run. Only the guard makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedQuery {
    sql: String,
}

impl CheckedQuery {
    /// The statement, printed from the parsed tree.
    pub fn sql(&self) -> &str {
        &self.sql
    }
}
