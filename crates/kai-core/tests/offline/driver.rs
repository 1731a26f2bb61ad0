//! The driver: a question through the agent with the offline model on a real database, and the rows
//! of its last query beside those of a gold query.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kai_core::agent::tools::ToolContext;
use kai_core::agent::{Agent, AgentLimits, AgentMode, AgentTask, EventSink, Thread};
use kai_core::database::{ConnectionUri, QueryLimits, connect};
use kai_core::event::AgentEvent;
use kai_core::ids::TaskId;
use kai_core::knowledge::Briefing;
use kai_core::language::Language;
use kai_core::offline::OfflineModel;
use kai_core::wire::AgentResult;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A question and the query that answers it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) question: String,
    pub(crate) gold: String,
    pub(crate) ordered: bool,
}

/// Questions with their gold queries. A gold query that ends in `--ordered` counts the order; one
/// that ends in `--declined` stands for a question that must be asked back.
pub(crate) fn cases(list: &[(&str, &str)]) -> Vec<Case> {
    list.iter()
        .map(|(question, gold)| Case {
            question: (*question).to_owned(),
            gold: (*gold).to_owned(),
            ordered: gold.ends_with("--ordered"),
        })
        .collect()
}

/// A database, and an agent that answers from it.
pub(crate) struct Bench {
    _folder: Option<TempDir>,
    context: ToolContext,
    agent: Agent,
}

/// What came of a question.
pub(crate) struct Run {
    pub(crate) result: AgentResult,
    pub(crate) events: Vec<AgentEvent>,
}

impl Run {
    /// Whether a note under the answer names numbers that come from nowhere.
    fn has_note(&self) -> bool {
        let notes = ["Note: the query results", "Catatan: hasil kueri"];
        let answer = &self.result.final_answer;
        notes.iter().any(|note| answer.contains(note))
    }
}

#[derive(Default)]
struct Recorder(Mutex<Vec<AgentEvent>>);

impl EventSink for Recorder {
    fn emit(&self, event: AgentEvent) {
        self.0.lock().unwrap().push(event);
    }
}

impl Bench {
    /// An SQLite database made by a script.
    pub(crate) async fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("data.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(script.to_owned()))
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        Self::open(&format!("sqlite://{}", path.display()), Some(folder)).await
    }

    /// A database that is there already.
    pub(crate) async fn at(uri: &str) -> Self {
        Self::open(uri, None).await
    }

    async fn open(uri: &str, folder: Option<TempDir>) -> Self {
        let database = connect(&ConnectionUri::parse(uri).unwrap(), &[])
            .await
            .unwrap();
        let limits = QueryLimits {
            timeout: Duration::from_mins(1),
            max_rows: 1000,
            max_bytes: 10_000_000,
        };
        let model = Arc::new(OfflineModel::new(Language::Indonesian));
        let limits_of_agent = AgentLimits {
            max_turns: 20,
            language: Language::Indonesian,
        };
        Self {
            _folder: folder,
            context: ToolContext {
                database,
                limits,
                briefing: Briefing::default(),
            },
            agent: Agent::new(model, limits_of_agent),
        }
    }

    /// Asks a question.
    pub(crate) async fn ask(&self, question: &str) -> Run {
        let recorder = Recorder::default();
        let task = AgentTask {
            id: TaskId::generate(),
            prompt: question.to_owned(),
            mode: AgentMode::default(),
            plan: None,
            thread: Thread::default(),
        };
        let result = self
            .agent
            .run(&task, &self.context, &recorder, &CancellationToken::new())
            .await
            .unwrap();
        Run {
            result,
            events: recorder.0.into_inner().unwrap(),
        }
    }

    /// Asks a question; what is wrong with the answer, if anything.
    pub(crate) async fn check(&self, case: &Case) -> Result<(), String> {
        let run = self.ask(&case.question).await;
        if run.has_note() {
            return Err(format!("numbers from nowhere: {}", run.result.final_answer));
        }
        let declined = case.gold.ends_with("--declined");
        let Some(sql) = run
            .result
            .sql_queries
            .last()
            .filter(|sql| !sql.contains("AS source"))
        else {
            if declined {
                return Ok(());
            }
            return Err(format!("declined: {}", run.result.final_answer));
        };
        let got = self
            .rows(sql)
            .await
            .map_err(|error| format!("{sql}: {error}"))?;
        let gold = self
            .rows(&case.gold)
            .await
            .map_err(|error| format!("gold: {error}"))?;
        if same(&got, &gold, case.ordered) {
            return Ok(());
        }
        let first = |rows: &[Vec<Cell>]| {
            format!(
                "{} rows, {:?}",
                rows.len(),
                rows.iter().take(3).collect::<Vec<_>>()
            )
        };
        Err(format!(
            "{sql}\n    got  {}\n    gold {}",
            first(&got),
            first(&gold)
        ))
    }

    /// Asks all questions and fails with a report of those that were answered wrongly.
    pub(crate) async fn check_all(&self, cases: &[Case]) {
        let mut report = Vec::new();
        for case in cases {
            if let Err(wrong) = self.check(case).await {
                report.push(format!("{}\n    {wrong}", case.question));
            }
        }
        assert!(
            report.is_empty(),
            "{} of {} wrong:\n{}",
            report.len(),
            cases.len(),
            report.join("\n")
        );
    }

    /// Asks questions that have no answer here, and fails with those that were answered.
    pub(crate) async fn check_declined(&self, questions: &[&str]) {
        let mut report = Vec::new();
        for question in questions {
            let run = self.ask(question).await;
            let answered = run.events.iter().any(|event| {
                matches!(event, AgentEvent::SqlResult { columns, .. } if *columns != ["source", "value"])
            });
            if answered || run.has_note() {
                report.push(format!(
                    "{question}\n    {:?}\n    {}",
                    run.result.sql_queries, run.result.final_answer
                ));
            }
        }
        assert!(
            report.is_empty(),
            "{} answered:\n{}",
            report.len(),
            report.join("\n")
        );
    }

    async fn rows(&self, sql: &str) -> Result<Vec<Vec<Cell>>, String> {
        let database = &self.context.database;
        let bare = sql.split("--").next().unwrap_or_default();
        let query = database
            .guard()
            .check(bare)
            .map_err(|error| error.to_string())?;
        let limits = QueryLimits {
            max_rows: 100_000,
            ..self.context.limits
        };
        let result = database
            .query(&query, limits)
            .await
            .map_err(|error| error.to_string())?;
        Ok(result
            .rows
            .iter()
            .map(|row| row.values().map(Cell::from).collect())
            .collect())
    }
}

#[derive(Debug, Clone)]
enum Cell {
    Null,
    Text(String),
    Number(f64),
}

impl Cell {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()),
            _ => false,
        }
    }
}

impl From<&Value> for Cell {
    /// Databases differ in the types that they give to the same number, and an exact decimal is text.
    fn from(value: &Value) -> Self {
        let text = match value {
            Value::Null => return Self::Null,
            Value::String(text) => text.clone(),
            Value::Bool(truth) => u8::from(*truth).to_string(),
            other => other.to_string(),
        };
        text.parse().map_or(Self::Text(text), Self::Number)
    }
}

/// Whether the rows are the gold rows; columns beyond the gold's may follow.
fn same(got: &[Vec<Cell>], gold: &[Vec<Cell>], ordered: bool) -> bool {
    let fits = |got: &[Cell], gold: &[Cell]| {
        got.len() >= gold.len() && gold.iter().zip(got).all(|(a, b)| a.same(b))
    };
    if got.len() != gold.len() {
        return false;
    }
    if ordered {
        return gold.iter().zip(got).all(|(gold, got)| fits(got, gold));
    }
    let mut rest: Vec<&Vec<Cell>> = got.iter().collect();
    gold.iter().all(|gold| {
        let at = rest.iter().position(|got| fits(got, gold));
        at.map(|at| rest.swap_remove(at)).is_some()
    })
}
