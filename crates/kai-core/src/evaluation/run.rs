//! Asks questions through the whole agent and judges what came of them.

use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};
use tokio_util::sync::CancellationToken;

use super::compare::{Comparison, Difference, compare};
use super::observer::Observer;
use super::question::{Expected, Question, QuestionLanguage};
use crate::agent::{AgentError, AgentMode, AgentTask, Thread};
use crate::analyst::{Analyst, AnalystError};
use crate::database::{Database, QueryResult};
use crate::ids::TaskId;
use crate::model::Usage;
use crate::wire::{AgentResult, RunStatus};

/// Questions on one connection, with the model of an analyst.
pub struct Evaluation<'a> {
    analyst: &'a Analyst,
    connection: String,
    database: Arc<dyn Database>,
}

/// What came of one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The question's id.
    pub id: String,
    /// The question.
    pub question: String,
    /// Its kind, for the table.
    pub class: String,
    /// The language that it was asked in, if the file says so.
    pub language: Option<QuestionLanguage>,
    /// Whether the database can answer it.
    pub answerable: bool,
    /// How it was met.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The queries that ran, in their order. The rows of the last are what was compared.
    pub sql: Vec<String>,
    /// The gold query; none where the database cannot answer.
    pub gold: Option<String>,
    /// What was said.
    pub answer: String,
    /// How many turns of the model and calls of tools it took.
    pub steps: usize,
    /// How many tokens it took; none where the model's service does not tell.
    pub usage: Option<Usage>,
    /// How long it took, in milliseconds.
    #[serde(rename = "time_ms", serialize_with = "milliseconds")]
    pub time: Duration,
    /// How long it took until the first query was written, in milliseconds.
    #[serde(rename = "time_to_sql_ms", serialize_with = "some_milliseconds")]
    pub time_to_sql: Option<Duration>,
}

/// How a question was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// With the gold rows.
    Right {
        /// How many columns stand beside those that were asked for.
        extra_columns: usize,
    },
    /// With other rows.
    Wrong {
        /// How they differ.
        #[serde(flatten)]
        difference: Difference,
    },
    /// Without a query, though the database could answer.
    AskedBack,
    /// Without a query, and rightly so: the database cannot answer.
    Declined,
    /// With an answer that the database cannot give.
    Answered,
    /// With an error: of the model, or of the database.
    Failed {
        /// Which one.
        error: String,
    },
}

impl Verdict {
    /// Whether there was nothing better to do.
    pub fn is_right(&self) -> bool {
        matches!(self, Self::Right { .. } | Self::Declined)
    }
}

/// Why an evaluation cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// A gold query of the file cannot be compared with.
    #[error("the gold query of {id} {reason}")]
    Gold {
        /// The question's id.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The connection cannot be used.
    #[error(transparent)]
    Analyst(#[from] AnalystError),
}

impl<'a> Evaluation<'a> {
    /// Connects to the database of the connection with this id or alias.
    ///
    /// # Errors
    /// When there is no such connection, or its database cannot be reached.
    pub async fn open(analyst: &'a Analyst, connection: &str) -> Result<Self, EvaluationError> {
        let found = analyst.find(connection).await?;
        Ok(Self {
            analyst,
            connection: connection.to_owned(),
            database: analyst.connect(&found).await?,
        })
    }

    /// Runs every gold query, so that a mistake in the file is found before a model is paid.
    ///
    /// # Errors
    /// When one is refused, fails, or returns more rows than a query may (`SQL_MAX_ROWS`).
    pub async fn check(&self, questions: &[Question]) -> Result<(), EvaluationError> {
        for question in questions {
            self.gold(question).await?;
        }
        Ok(())
    }

    /// Asks one question as `kai-worker ask` does, and judges what comes of it.
    ///
    /// # Errors
    /// When the gold query or the connection cannot be used, or `cancel` was cancelled. What fails
    /// while the question is answered is a verdict.
    pub async fn ask(
        &self,
        question: &Question,
        cancel: &CancellationToken,
    ) -> Result<Outcome, EvaluationError> {
        let gold = self.gold(question).await?;
        let task = AgentTask {
            id: TaskId::generate(),
            prompt: question.text.clone(),
            mode: AgentMode::default(),
            plan: None,
            thread: Thread::default(),
        };
        let observer = Observer::new();
        let run = self
            .analyst
            .go_on(&self.connection, &task, None, &observer, &observer, cancel)
            .await;
        let time = observer.elapsed();
        let (verdict, run) = match run {
            Ok(run) => (self.judge(question, &run, &gold).await, Some(run)),
            Err(AnalystError::Agent(error @ (AgentError::Model(_) | AgentError::Database(_)))) => (
                Verdict::Failed {
                    error: error.to_string(),
                },
                None,
            ),
            Err(error) => return Err(error.into()),
        };
        let (sql, answer) =
            run.map_or_else(Default::default, |run| (run.sql_queries, run.final_answer));
        Ok(Outcome {
            id: question.id.clone(),
            question: question.text.clone(),
            class: question.class.clone(),
            language: question.language,
            answerable: matches!(question.expected, Expected::Rows { .. }),
            verdict,
            sql,
            gold: match &question.expected {
                Expected::Rows { queries, .. } => queries.first().cloned(),
                Expected::Decline { .. } => None,
            },
            answer,
            steps: observer.steps(),
            usage: observer.usage(),
            time,
            time_to_sql: observer.first_query(),
        })
    }

    async fn judge(&self, question: &Question, run: &AgentResult, gold: &[QueryResult]) -> Verdict {
        let answered = run.status == RunStatus::Completed;
        let ordered = match (&question.expected, answered) {
            (Expected::Decline { .. }, true) => return Verdict::Answered,
            (Expected::Decline { .. }, false) => return Verdict::Declined,
            (Expected::Rows { .. }, false) => return Verdict::AskedBack,
            (Expected::Rows { ordered, .. }, true) => *ordered,
        };
        // The run showed at most the first hundred rows; asking again gives all of them.
        let last = run.sql_queries.last().map_or("", String::as_str);
        let found = match self.query(last).await {
            Ok(found) => found,
            Err(error) => return Verdict::Failed { error },
        };
        let mut nearest = Difference::Values;
        for (index, gold) in gold.iter().enumerate() {
            match compare(&found, gold, ordered) {
                Comparison::Same { extra_columns } => return Verdict::Right { extra_columns },
                Comparison::Different(difference) if index == 0 => nearest = difference,
                Comparison::Different(_) => {}
            }
        }
        Verdict::Wrong {
            difference: nearest,
        }
    }

    /// The rows of the question's gold queries.
    async fn gold(&self, question: &Question) -> Result<Vec<QueryResult>, EvaluationError> {
        let Expected::Rows { queries, .. } = &question.expected else {
            return Ok(Vec::new());
        };
        let mut results = Vec::with_capacity(queries.len());
        for query in queries {
            let result = self.query(query).await;
            let wrong = |reason| EvaluationError::Gold {
                id: question.id.clone(),
                reason,
            };
            let result = result.map_err(|error| wrong(format!("cannot run: {error}")))?;
            if result.truncated {
                return Err(wrong("returns more rows than a query may".to_owned()));
            }
            results.push(result);
        }
        Ok(results)
    }

    async fn query(&self, sql: &str) -> Result<QueryResult, String> {
        let checked = self.database.guard().check(sql);
        let checked = checked.map_err(|error| error.to_string())?;
        let result = self.database.query(&checked, self.analyst.limits()).await;
        result.map_err(|error| error.to_string())
    }
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64() * 1000.0)
}

#[expect(clippy::ref_option, reason = "serde hands fields over like this")]
fn some_milliseconds<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => milliseconds(time, serializer),
        None => serializer.serialize_none(),
    }
}
