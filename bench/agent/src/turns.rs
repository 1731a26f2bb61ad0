//! What the agent itself adds to each turn of a model: the time of a run without that of its tools, over a
//! model that answers at once.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::{StreamExt as _, stream};
use kai_core::agent::tools::ToolContext;
use kai_core::agent::{Agent, AgentLimits, AgentMode, AgentTask, EventSink, Thread};
use kai_core::database::{self, ConnectionUri, QueryLimits};
use kai_core::event::AgentEvent;
use kai_core::ids::TaskId;
use kai_core::knowledge::Briefing;
use kai_core::language::Language;
use kai_core::model::openai::{Family, ModelLimits, OpenAiModel};
use kai_core::model::{
    ChatModel, ChatRequest, Message, ModelError, ToolCall, TurnPiece, TurnStream,
};
use kai_test_support::model::{PlayedModel, Reply};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tokio_util::sync::CancellationToken;

use crate::report::Samples;

/// What the model is called that costs nothing itself.
pub(crate) const IN_THE_PROCESS: &str = "in the process";

/// How many pieces of text a turn has.
const PIECES: usize = 200;

const PIECE: &str = "kata yang ";

const QUERY: &str = "SELECT id, name, city, since FROM customer ORDER BY id";

/// Measures `runs` runs of so many turns each, over a model in the process and over one behind HTTP.
pub(crate) async fn measure_all(
    folder: &Path,
    turns: usize,
    runs: usize,
) -> anyhow::Result<Vec<(&'static str, Samples)>> {
    let uri = format!("sqlite://{}", folder.join("shop.db").display());
    fill(&uri).await?;
    let uri: ConnectionUri = uri.parse()?;
    let context = ToolContext {
        database: database::connect(&uri, &[]).await?,
        limits: QueryLimits {
            timeout: Duration::from_secs(10),
            max_rows: 1000,
            max_bytes: 1 << 20,
        },
        briefing: Briefing::default(),
    };
    let service = PlayedModel::answering(move |request| Some(reply(request, turns))).await;
    let limits = ModelLimits::default();
    let over_http = OpenAiModel::new(Family::Ollama, "played", &service.url(), None, limits)?;
    let models: [(&str, Arc<dyn ChatModel>); 2] = [
        (IN_THE_PROCESS, Arc::new(AtOnce { turns })),
        ("over HTTP, its service included", Arc::new(over_http)),
    ];
    let mut all = Vec::new();
    for (name, model) in models {
        let agent = Agent::new(
            model,
            AgentLimits {
                max_turns: turns,
                language: Language::English,
            },
        );
        let mut costs = Vec::with_capacity(runs * turns);
        // The first run warms up.
        for run in 0..=runs {
            let measured = measure(&agent, &context).await?;
            if run > 0 {
                costs.extend(measured);
            }
        }
        all.push((name, Samples::new(costs)));
    }
    Ok(all)
}

/// A table whose hundred rows are about ten kilobytes of JSON.
async fn fill(uri: &str) -> anyhow::Result<()> {
    let mut connection = sqlx::SqliteConnection::connect(&format!("{uri}?mode=rwc")).await?;
    sqlx::raw_sql(
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT, since TEXT);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO customer SELECT i, 'Koperasi Sejahtera ' || i, 'Bandung', '2020-01-01' FROM n",
    )
    .execute(&mut connection)
    .await?;
    connection.close().await?;
    Ok(())
}

/// What each turn of one run cost: from the end of the tool before it to its own first tool or, of
/// the last one, to the end of the run.
async fn measure(agent: &Agent, context: &ToolContext) -> anyhow::Result<Vec<Duration>> {
    let task = AgentTask {
        id: TaskId::generate(),
        prompt: "How many customers are there?".to_owned(),
        mode: AgentMode::default(),
        plan: None,
        thread: Thread::default(),
    };
    let clock = Clock(Mutex::new(State {
        since: Instant::now(),
        costs: Vec::new(),
    }));
    agent
        .run(&task, context, &clock, &CancellationToken::new())
        .await?;
    let mut state = clock.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.costs.push(state.since.elapsed());
    Ok(state.costs)
}

/// Takes the time at the ends and the beginnings of tools.
struct Clock(Mutex<State>);

struct State {
    since: Instant,
    costs: Vec<Duration>,
}

impl EventSink for Clock {
    fn emit(&self, event: AgentEvent) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            AgentEvent::ToolStart { .. } => {
                let cost = state.since.elapsed();
                state.costs.push(cost);
            }
            AgentEvent::ToolEnd { .. } => state.since = Instant::now(),
            _ => {}
        }
    }
}

/// A model in this process that has its turn ready.
struct AtOnce {
    turns: usize,
}

#[async_trait]
impl ChatModel for AtOnce {
    fn name(&self) -> &'static str {
        "at once"
    }

    async fn next_turn(&self, request: ChatRequest<'_>) -> Result<TurnStream, ModelError> {
        let messages = request.messages.iter();
        let taken = messages.filter(|message| matches!(message, Message::Assistant { .. }));
        let taken = taken.count();
        let text = (0..PIECES).map(|_| Ok(TurnPiece::Text(PIECE.to_owned())));
        let mut pieces: Vec<Result<TurnPiece, ModelError>> = text.collect();
        if taken + 1 < self.turns {
            let call = ToolCall::new(
                format!("call_{taken}"),
                "sql_query",
                json!({"query": QUERY}),
            );
            pieces.push(Ok(TurnPiece::ToolCall(call)));
        }
        Ok(stream::iter(pieces).boxed())
    }
}

/// The same turn from a service.
fn reply(request: &Value, turns: usize) -> Reply {
    let messages = request.get("messages").and_then(Value::as_array);
    let messages = messages.into_iter().flatten();
    let role = |message: &&Value| message.get("role") == Some(&json!("assistant"));
    let taken = messages.filter(role).count();
    let text = Reply::text(&[PIECE; PIECES]);
    if taken + 1 < turns {
        text.and_calls(&[(
            &format!("call_{taken}"),
            "sql_query",
            json!({"query": QUERY}),
        )])
    } else {
        text
    }
}
