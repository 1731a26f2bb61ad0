//! What a run has gathered so far, and the result it becomes.

use std::time::{Duration, Instant};

use super::tools::RanQuery;
use crate::ids::TaskId;
use crate::wire::{AgentResult, Chart, RunStatus, SuggestedQuestion, SuggestionCategory};

/// What a run has gathered so far.
pub(super) struct Tally {
    begun: Instant,
    spent: Duration,
    sql_queries: Vec<String>,
    charts: Vec<Chart>,
    suggested_questions: Vec<SuggestedQuestion>,
    empty_in_a_row: u32,
}

impl Tally {
    /// Nothing yet, at a run that goes on now and had taken so long before.
    pub(super) fn new(begun: Instant, spent: Duration) -> Self {
        Self {
            begun,
            spent,
            sql_queries: Vec::new(),
            charts: Vec::new(),
            suggested_questions: Vec::new(),
            empty_in_a_row: 0,
        }
    }

    /// Counts what a tool came to: the query that it ran, and how that can be drawn.
    pub(super) fn count(&mut self, query: Option<&RanQuery>, charts: Vec<Chart>) {
        let Some(query) = query else { return };
        self.sql_queries.push(query.sql.clone());
        self.empty_in_a_row = if query.row_count == 0 {
            self.empty_in_a_row + 1
        } else {
            0
        };
        self.charts.extend(charts);
    }

    /// Takes the questions that the model suggests, one per line.
    pub(super) fn suggest(&mut self, text: &str) {
        let questions = text
            .lines()
            .map(|line| line.trim().trim_start_matches(['-', '*', '•']).trim())
            .filter(|line| !line.is_empty());
        self.suggested_questions
            .extend(questions.map(|question| SuggestedQuestion {
                question: question.to_owned(),
                category: SuggestionCategory::DrillDown,
                rationale: "It follows from this answer.".to_owned(),
            }));
    }

    pub(super) fn empty_in_a_row(&self) -> u32 {
        self.empty_in_a_row
    }

    pub(super) fn has_queried(&self) -> bool {
        !self.sql_queries.is_empty()
    }

    pub(super) fn into_result(
        self,
        task_id: TaskId,
        status: RunStatus,
        answer: String,
    ) -> AgentResult {
        let took = self.spent + self.begun.elapsed();
        AgentResult {
            task_id,
            status,
            final_answer: answer,
            sql_queries: self.sql_queries,
            insights: Vec::new(),
            suggested_questions: self.suggested_questions,
            charts: self.charts,
            artifacts: Vec::new(),
            execution_time_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            error: None,
        }
    }
}
