//! Every sample question, through the whole agent with the offline model, on all three databases: the
//! rows that come back are those of the gold query.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say where"
)]

use std::cmp::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{StreamExt as _, future, stream};
use kai_core::agent::grounding::Sources;
use kai_core::agent::tools::ToolContext;
use kai_core::agent::{Agent, AgentLimits, AgentMode, AgentTask, EventSink, Thread};
use kai_core::database::{self, Database, QueryLimits};
use kai_core::event::{AgentEvent, Row};
use kai_core::ids::TaskId;
use kai_core::knowledge::Briefing;
use kai_core::language::Language;
use kai_core::offline::OfflineModel;
use kai_core::wire::{AgentResult, RunStatus};
use koperasi::{Dialect, Question};
use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions as _, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const LIMITS: QueryLimits = QueryLimits {
    timeout: Duration::from_secs(30),
    max_rows: 10_000,
    max_bytes: 16 << 20,
};

/// Keeps the rows of the last result that a run showed, and what its tools returned.
#[derive(Default)]
struct Shown {
    rows: Mutex<Vec<Row>>,
    results: Mutex<Vec<(String, String)>>,
}

impl EventSink for Shown {
    fn emit(&self, event: AgentEvent) {
        match event {
            AgentEvent::SqlResult { data, .. } => *self.rows.lock().unwrap() = data,
            AgentEvent::ToolEnd { tool, output, .. } => {
                self.results.lock().unwrap().push((tool, output));
            }
            _ => {}
        }
    }
}

/// The numbers of the answer that come from nowhere: there must be none.
fn unverified(question: &str, result: &AgentResult, results: &[(String, String)]) -> Vec<String> {
    let mut sources = Sources::new(question, "");
    for (tool, content) in results {
        sources.add_result(tool, content);
    }
    for sql in &result.sql_queries {
        sources.add_text(sql);
    }
    sources.unverified(&result.final_answer)
}

/// A value as it compares: numbers by their value, however exactly they are written.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Null,
    Number(f64),
    Text(String),
}

impl Cell {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Number(number) => Self::Number(number.as_f64().unwrap()),
            Value::String(text) => text
                .parse()
                .map_or_else(|_| Self::Text(text.clone()), Self::Number),
            other => Self::Text(other.to_string()),
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (a, b) => format!("{a:?}").cmp(&format!("{b:?}")),
        }
    }

    fn is_close_to(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()),
            (a, b) => a == b,
        }
    }
}

/// The rows as cells; sorted where the question gives no order.
fn cells(rows: &[Row], ordered: bool) -> Vec<Vec<Cell>> {
    let mut cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| row.values().map(Cell::of).collect())
        .collect();
    if !ordered {
        cells.sort_by(|a, b| {
            let pairs = a.iter().zip(b).map(|(a, b)| a.order(b));
            pairs.fold(Ordering::Equal, Ordering::then)
        });
    }
    cells
}

fn same(found: &[Vec<Cell>], gold: &[Vec<Cell>]) -> bool {
    found.len() == gold.len()
        && found.iter().zip(gold).all(|(found, gold)| {
            found.len() == gold.len() && found.iter().zip(gold).all(|(a, b)| a.is_close_to(b))
        })
}

/// Asks one question; says what is wrong with the answer.
async fn miss(
    database: &Arc<dyn Database>,
    dialect: Dialect,
    question: &Question,
) -> Option<String> {
    let language = match question.language {
        koperasi::Language::Indonesian => Language::Indonesian,
        koperasi::Language::English => Language::English,
    };
    let limits = AgentLimits {
        max_turns: 20,
        language,
    };
    let agent = Agent::new(Arc::new(OfflineModel::new(language)), limits);
    let task = AgentTask {
        id: TaskId::generate(),
        prompt: question.question.clone(),
        mode: AgentMode::default(),
        plan: None,
        thread: Thread::default(),
    };
    let context = ToolContext {
        database: Arc::clone(database),
        limits: LIMITS,
        briefing: Briefing::default(),
    };
    let shown = Shown::default();
    let result = agent
        .run(&task, &context, &shown, &CancellationToken::new())
        .await
        .unwrap();

    let gold = database
        .guard()
        .check(question.sql.for_dialect(dialect))
        .unwrap();
    let gold = database.query(&gold, LIMITS).await.unwrap().rows;
    // A run shows the first hundred rows of a result.
    let gold = &gold[..gold.len().min(100)];
    let invented = unverified(&task.prompt, &result, &shown.results.into_inner().unwrap());
    let found = cells(&shown.rows.into_inner().unwrap(), question.ordered);
    let wanted = cells(gold, question.ordered);
    let answered = result.status == RunStatus::Completed && !result.final_answer.is_empty();
    (!answered || !invented.is_empty() || !same(&found, &wanted)).then(|| {
        format!(
            "{} {:?}\n  numbers from nowhere {invented:?} in {:?}\n  ran   {:?}\n  gold  {}\n  found {found:?}\n  not   {wanted:?}",
            question.id,
            question.question,
            result.final_answer,
            result.sql_queries,
            question.sql.for_dialect(dialect),
        )
    })
}

async fn all(database: Arc<dyn Database>, dialect: Dialect) {
    let questions = koperasi::questions().unwrap();
    assert!(questions.len() >= 40);
    // As many side by side as the database has connections.
    let misses: Vec<String> = stream::iter(&questions)
        .map(|question| miss(&database, dialect, question))
        .buffered(4)
        .filter_map(future::ready)
        .collect()
        .await;
    let (missed, asked) = (misses.len(), questions.len());
    assert!(
        misses.is_empty(),
        "{missed} of {asked} are wrong:\n{}",
        misses.join("\n")
    );
}

#[tokio::test]
async fn sqlite_gives_the_gold_rows() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("koperasi.db");
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    let sql = AssertSqlSafe(koperasi::sql(Dialect::Sqlite));
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    let uri = format!("sqlite://{}", path.display()).parse().unwrap();
    all(database::connect(&uri, &[]).await.unwrap(), Dialect::Sqlite).await;
}

#[tokio::test]
async fn postgresql_gives_the_gold_rows() {
    let Some(test) = kai_test_support::postgres::fresh_database().await else {
        return;
    };
    test.execute(&koperasi::sql(Dialect::Postgresql)).await;
    let uri = test.url().parse().unwrap();
    all(
        database::connect(&uri, &[]).await.unwrap(),
        Dialect::Postgresql,
    )
    .await;
}

#[tokio::test]
async fn mariadb_gives_the_gold_rows() {
    let Some(test) = kai_test_support::mysql::fresh_database().await else {
        return;
    };
    test.execute(&koperasi::sql(Dialect::Mysql)).await;
    let uri = test.url().parse().unwrap();
    all(database::connect(&uri, &[]).await.unwrap(), Dialect::Mysql).await;
}
