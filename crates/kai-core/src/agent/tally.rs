//! What a run has gathered so far, and the result it becomes.

use std::time::{Duration, Instant};

use super::grounding::Sources;
use super::step::ToolResult;
use crate::ids::TaskId;
use crate::wire::{AgentResult, Chart, RunStatus, SuggestedQuestion, SuggestionCategory};

/// After so many queries in a row that failed, no more are tried: each of those before was corrected.
const MOST_FAILURES: u32 = 3;

/// What a run has gathered so far.
pub(super) struct Tally {
    begun: Instant,
    spent: Duration,
    sql_queries: Vec<String>,
    charts: Vec<Chart>,
    suggested_questions: Vec<SuggestedQuestion>,
    empty_in_a_row: u32,
    failed_in_a_row: u32,
    last_failure: Option<String>,
    /// Where the numbers of the answer may come from; none where they are not looked at.
    sources: Option<Sources>,
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
            failed_in_a_row: 0,
            last_failure: None,
            sources: None,
        }
    }

    /// The same, at a run whose answer has to come from what it sees and from these.
    pub(super) fn with_sources(mut self, sources: Sources) -> Self {
        self.sources = Some(sources);
        self
    }

    /// Counts what a tool came to.
    pub(super) fn count(&mut self, result: &ToolResult) {
        if let Some(sources) = &mut self.sources {
            sources.add_result(&result.name, &result.content);
            if let Some(query) = &result.query {
                sources.add_text(&query.sql);
            }
        }
        if let Some(error) = &result.failed_query {
            self.failed_in_a_row += 1;
            self.last_failure = Some(error.clone());
        }
        self.charts.extend(result.charts.iter().cloned());
        let Some(query) = &result.query else { return };
        self.failed_in_a_row = 0;
        self.sql_queries.push(query.sql.clone());
        self.empty_in_a_row = if query.row_count == 0 {
            self.empty_in_a_row + 1
        } else {
            0
        };
    }

    /// The numbers of an answer that come from nowhere.
    pub(super) fn unverified(&self, answer: &str) -> Vec<String> {
        let sources = self.sources.as_ref();
        sources.map_or_else(Vec::new, |sources| sources.unverified(answer))
    }

    /// Why the last query failed, when so many did that no more are tried.
    pub(super) fn failure(&self) -> Option<&str> {
        let given_up = self.failed_in_a_row >= MOST_FAILURES;
        self.last_failure.as_deref().filter(|_| given_up)
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
