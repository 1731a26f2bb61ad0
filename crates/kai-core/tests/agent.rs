//! The agent with a language model, spoken to over HTTP as every family speaks, and a real database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say where"
)]

#[path = "agent/failures.rs"]
mod failures;
#[path = "agent/families.rs"]
mod families;
#[path = "agent/going_on.rs"]
mod going_on;
#[path = "agent/grounding.rs"]
mod grounding;
#[path = "agent/long.rs"]
mod long;
#[path = "agent/modes.rs"]
mod modes;
#[path = "agent/outage.rs"]
mod outage;
#[path = "agent/tool_limits.rs"]
mod tool_limits;
#[path = "agent/tools.rs"]
mod tools;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kai_core::agent::tools::ToolContext;
use kai_core::agent::{Agent, AgentError, AgentLimits, AgentMode, AgentTask, EventSink, Thread};
use kai_core::config::Secret;
use kai_core::database::{self, ConnectionUri, QueryLimits};
use kai_core::event::AgentEvent;
use kai_core::ids::TaskId;
use kai_core::knowledge::{Briefing, Instruction, Knowledge};
use kai_core::language::Language;
use kai_core::model::openai::{Family, Key, ModelLimits, OpenAiModel};
use kai_core::wire::{AgentResult, RunStatus};
use kai_test_support::model::{PlayedModel, Reply};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const MAX_TURNS: usize = 8;

#[derive(Default)]
struct Seen(Mutex<Vec<AgentEvent>>);

impl EventSink for Seen {
    fn emit(&self, mut event: AgentEvent) {
        // How long a tool ran is told, and is another time in every run.
        if let AgentEvent::ToolEnd {
            execution_time_ms, ..
        } = &mut event
        {
            assert!(execution_time_ms.take().is_some());
        }
        self.0.lock().unwrap().push(event);
    }
}

impl Shop {
    /// Asks the question.
    async fn run(&self) -> Run {
        let seen = Seen::default();
        let outcome = self
            .agent
            .run(&self.task, &self.context, &seen, &CancellationToken::new())
            .await;
        Run {
            outcome,
            events: seen.0.into_inner().unwrap(),
            requests: self.service.requests(),
        }
    }
}

/// Nothing is asked for again.
fn hasty() -> ModelLimits {
    ModelLimits {
        max_retries: 0,
        ..ModelLimits::default()
    }
}

/// What a run came to.
struct Run {
    outcome: Result<AgentResult, AgentError>,
    events: Vec<AgentEvent>,
    requests: Vec<Value>,
}

impl Run {
    fn result(&self) -> &AgentResult {
        self.outcome.as_ref().unwrap()
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.events.iter().map(AgentEvent::kind).collect()
    }

    /// What the tools returned to the model, in the request of this turn.
    fn tool_outputs(&self, turn: usize) -> Vec<Value> {
        let messages = self.requests[turn]["messages"].as_array().unwrap();
        let tools = messages.iter().filter(|message| message["role"] == "tool");
        tools
            .map(|message| message["content"].as_str().unwrap())
            .map(|content| content.trim_matches(|c| c != '{' && c != '}'))
            .map(|content| serde_json::from_str(content).unwrap())
            .collect()
    }
}

/// A small SQLite database, and an agent whose model plays prepared turns.
struct Shop {
    agent: Agent,
    service: PlayedModel,
    context: ToolContext,
    task: AgentTask,
    folder: TempDir,
}

impl Shop {
    async fn open(turns: Vec<Reply>) -> Self {
        Self::with(Family::OpenAi, hasty(), turns).await
    }

    /// The same with a model of this family, asked with these limits.
    async fn with(family: Family, limits: ModelLimits, turns: Vec<Reply>) -> Self {
        let service = PlayedModel::start(turns).await;
        let url = service.url();
        Self::asking(family, limits, &url, service).await
    }

    /// The same with a model that is served at this address.
    async fn served_at(url: &str, limits: ModelLimits) -> Self {
        let service = PlayedModel::start(Vec::new()).await;
        Self::asking(Family::OpenAi, limits, url, service).await
    }

    async fn asking(family: Family, limits: ModelLimits, url: &str, service: PlayedModel) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("shop.db");
        let uri = format!("sqlite://{}", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&format!("{uri}?mode=rwc"))
            .await
            .unwrap();
        sqlx::raw_sql(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT);
             INSERT INTO customer VALUES
                 (1, 'Ani', 'Bandung'), (2, 'Budi', 'Bandung'), (3, 'Cici', 'Bogor')",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();

        let key = Key {
            secret: Secret::from("sk-hush".to_owned()),
            setting: "OPENAI_API_KEY",
        };
        let model = OpenAiModel::new(family, "gpt-test", url, Some(&key), limits).unwrap();
        let limits = AgentLimits {
            max_turns: MAX_TURNS,
            language: Language::English,
        };
        let uri: ConnectionUri = uri.parse().unwrap();
        let context = ToolContext {
            database: database::connect(&uri, &[]).await.unwrap(),
            limits: QueryLimits {
                timeout: Duration::from_secs(10),
                max_rows: 1000,
                max_bytes: 1 << 20,
            },
            briefing: Briefing::default(),
        };
        Self {
            agent: Agent::new(Arc::new(model), limits),
            service,
            context,
            task: AgentTask {
                id: TaskId::generate(),
                prompt: "How many customers are there in each city?".to_owned(),
                mode: AgentMode::default(),
                plan: None,
                thread: Thread::default(),
            },
            folder,
        }
    }
}

/// Asks a question of a small SQLite database through a model that plays these turns.
async fn run(turns: Vec<Reply>) -> Run {
    Shop::open(turns).await.run().await
}

const QUERY: &str = "SELECT city, COUNT(*) AS customers FROM customer GROUP BY city";

fn query_turn() -> Reply {
    Reply::calls(&[("call_1", "sql_query", json!({"query": QUERY}))])
}

#[tokio::test]
async fn a_run_from_the_question_to_the_answer() {
    let run = run(vec![
        Reply::text(&["<think", "ing>Which tables", " are there?</thinking>"]).and_calls(&[(
            "call_1",
            "list_tables",
            json!({}),
        )]),
        Reply::calls(&[("call_2", "sql_query", json!({"query": QUERY}))]),
        Reply::text(&[
            "<answer>Bandung has 2 and ",
            "Bogor has 1.",
            "<sugges",
            "tions>- Who lives in Bogor?\n- How many in all?</suggestions></answer>",
        ]),
    ])
    .await;
    let result = run.result();
    assert_eq!(result.status, RunStatus::Completed);
    assert_eq!(result.final_answer, "Bandung has 2 and Bogor has 1.");
    assert_eq!(result.sql_queries, [QUERY]);
    let questions: Vec<&str> = result
        .suggested_questions
        .iter()
        .map(|question| question.question.as_str())
        .collect();
    assert_eq!(questions, ["Who lives in Bogor?", "How many in all?"]);
    assert_eq!(result.charts.len(), 1);
    assert_eq!(
        run.kinds(),
        [
            "thinking",
            "thinking",
            "tool_start",
            "tool_end",
            "tool_start",
            "tool_end",
            "sql_result",
            "chart_config",
            "token",
            "token",
            "suggestions",
        ]
    );
    let AgentEvent::SqlResult {
        data,
        row_count,
        truncated,
        ..
    } = &run.events[6]
    else {
        panic!()
    };
    assert_eq!(
        json!(data),
        json!([{"city": "Bandung", "customers": 2}, {"city": "Bogor", "customers": 1}])
    );
    assert_eq!((*row_count, *truncated), (2, false));

    let first = &run.requests[0];
    assert_eq!(first["model"], "gpt-test");
    assert_eq!(
        (&first["stream"], &first["seed"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(
        first["messages"][1]["content"],
        "How many customers are there in each city?"
    );
    assert_eq!(first["tools"][2]["function"]["name"], "sql_query");
    assert_eq!(run.tool_outputs(2)[0]["tables"][0]["name"], "customer");
    assert_eq!(run.tool_outputs(2)[1]["row_count"], 2);
}

#[tokio::test]
async fn tool_calls_are_read_however_a_family_writes_them() {
    let answer = || Reply::text(&["<answer>Two cities.</answer>"]);
    let call = |chunks: Vec<Value>| {
        let deltas: Vec<Value> = chunks
            .into_iter()
            .map(|call| json!({"tool_calls": [call]}))
            .collect();
        Reply::deltas(&deltas)
    };
    let in_fragments = call(vec![
        json!({"index": 0, "id": "a", "type": "function", "function": {"name": "sql_query", "arguments": ""}}),
        json!({"index": 0, "function": {"arguments": "{\"query\": \"SELECT city, COUNT(*) AS "}}),
        json!({"index": 0, "function": {"arguments": "customers FROM customer GROUP BY city\"}"}}),
    ]);
    let as_an_object = call(vec![
        json!({"id": "a", "function": {"name": "sql_query", "arguments": {"query": QUERY}}}),
    ]);
    let index_null = call(vec![
        json!({"index": null, "id": "a", "function": {"name": "sql_query", "arguments": "{\"query\":"}}),
        json!({"index": null, "function": {"arguments": format!("{}}}", json!(QUERY))}}),
    ]);
    for turn in [in_fragments, as_an_object, index_null] {
        let run = run(vec![turn, answer()]).await;
        assert_eq!(run.result().sql_queries, [QUERY]);
    }

    let all_index_zero = Reply::deltas(&[json!({"tool_calls": [
        {"index": 0, "id": "a", "function": {"name": "list_tables", "arguments": "{}"}},
        {"index": 0, "id": "b", "function": {"name": "describe_tables", "arguments": "{\"tables\": [\"customer\", \"x\"]}"}},
    ]})]);
    let run = run(vec![all_index_zero, query_turn(), answer()]).await;
    assert_eq!(run.result().status, RunStatus::Completed);
    let outputs = run.tool_outputs(1);
    assert_eq!(outputs[0]["tables"][0]["name"], "customer");
    assert_eq!(
        outputs[1]["tables"][0]["columns"][2]["categories"],
        json!(["Bandung", "Bogor"])
    );
    assert_eq!(outputs[1]["not_found"], json!(["x"]));
}

#[tokio::test]
async fn what_is_wrong_goes_back_to_the_model_which_may_correct_it() {
    let run = run(vec![
        Reply::calls(&[("a", "sql_query", json!({"query": "DELETE FROM customer"}))]),
        Reply::calls(&[("b", "sql_query", json!({"query": "SELECT town FROM customer"}))]),
        Reply::deltas(&[json!({"tool_calls": [
            {"index": 0, "id": "c", "function": {"name": "sql_query", "arguments": "{\"query\": SELECT"}},
        ]})]),
        Reply::calls(&[("d", "drop_database", json!({}))]),
        Reply::calls(&[("e", "sql_query", json!({"query": QUERY}))]),
        Reply::text(&["<answer>Two cities.</answer>"]),
    ])
    .await;
    assert_eq!(run.result().status, RunStatus::Completed);
    assert_eq!(
        run.result().sql_queries,
        [QUERY],
        "only what ran is a query of the run"
    );
    let outputs = run.tool_outputs(5);
    for output in &outputs[..4] {
        assert_eq!(output["success"], false);
    }
    assert!(
        outputs[1]["error"].as_str().unwrap().contains("town"),
        "{}",
        outputs[1]
    );
    assert!(
        outputs[2]["error"].as_str().unwrap().contains("query"),
        "{}",
        outputs[2]
    );
    assert!(
        outputs[3]["error"]
            .as_str()
            .unwrap()
            .contains("drop_database"),
        "{}",
        outputs[3]
    );
    assert_eq!(outputs[4]["success"], true);
}

#[tokio::test]
async fn an_answer_without_tags_is_an_answer() {
    let run = run(vec![query_turn(), Reply::text(&["Two ", "cities."])]).await;
    assert_eq!(run.result().final_answer, "Two cities.");
    assert_eq!(
        run.events.last().unwrap(),
        &AgentEvent::Answer {
            content: "Two cities.".to_owned()
        }
    );
}

#[tokio::test]
async fn an_answer_without_a_query_is_partial() {
    let run = run(vec![Reply::text(&["<answer>Hello!</answer>"])]).await;
    assert_eq!(run.result().status, RunStatus::Partial);
}

#[tokio::test]
async fn five_empty_results_in_a_row_end_the_search() {
    let empty = || {
        Reply::calls(&[(
            "a",
            "sql_query",
            json!({"query": "SELECT name FROM customer WHERE id > 9"}),
        )])
    };
    let run = run(vec![empty(), empty(), empty(), empty(), empty()]).await;
    assert_eq!(run.result().status, RunStatus::Partial);
    assert!(run.result().final_answer.contains("5 queries in a row"));
    let kinds = run.kinds();
    assert_eq!(kinds[kinds.len() - 2..], ["no_data_warning", "answer"]);
}

#[tokio::test]
async fn a_model_that_never_answers_is_stopped() {
    let run = run((0..MAX_TURNS).map(|_| query_turn()).collect()).await;
    assert_eq!(run.result().status, RunStatus::Partial);
    assert!(run.result().final_answer.contains("after 8 steps"));
    assert_eq!(run.requests.len(), MAX_TURNS);
}

#[tokio::test]
async fn a_plan_is_one_turn_without_tools_and_is_followed_when_it_is_agreed_on() {
    let mut shop = Shop::open(vec![
        Reply::text(&[
            "<thinking>Hm.</thinking>",
            "- Read customer\n- Cou",
            "nt per city",
        ]),
        Reply::text(&["<answer>Two.</answer>"]),
    ])
    .await;
    let cancel = CancellationToken::new();
    let question = shop.task.prompt.clone();
    let operator = Knowledge {
        instructions: vec![Instruction {
            id: "open".to_owned(),
            condition: String::new(),
            content: "Leave out closed cities".to_owned(),
            is_default: true,
        }],
        ..Knowledge::default()
    };
    shop.context.briefing = Briefing::new(&operator, &question);
    let plan = shop
        .agent
        .plan(&question, &[], &shop.context, &cancel)
        .await
        .unwrap();
    assert_eq!(plan.steps(), ["Read customer", "Count per city"]);
    shop.task.plan = Some(plan);
    let seen = Seen::default();
    shop.agent
        .run(&shop.task, &shop.context, &seen, &cancel)
        .await
        .unwrap();
    let requests = shop.service.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].get("tools"), None);
    let told = |request: usize| {
        requests[request]["messages"][0]["content"]
            .as_str()
            .unwrap()
    };
    assert!(told(0).contains("\"table\":\"customer\""), "{}", told(0));
    assert!(told(0).contains("\"id INTEGER"), "{}", told(0));
    assert!(told(0).contains("Leave out closed cities"), "{}", told(0));
    assert!(
        told(1).contains("1. Read customer\n2. Count per city"),
        "{}",
        told(1)
    );
}
