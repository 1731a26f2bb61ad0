//! Workers that share a store, a scripted model, and a database and a receiver behind proxies.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use eventsource_stream::Eventsource as _;
use futures::StreamExt as _;
use kai_core::http;
use kai_test_support::postgres::{TestDatabase, fresh_database};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use temporalio_client::WorkflowDescribeOptions;
use temporalio_common::UntypedWorkflow;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::messages::Kind;
use super::script::{self, Hold, OPS, Op, PIECES, World};
use super::{model, proxy};
use crate::harness::{CONNECTION, SAMPLE, Stack, Worker, soon};

/// Which kind of store the workers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreKind {
    Sqlite,
    Postgres,
}

/// Everything but the workers.
pub(crate) struct Fleet {
    pub(crate) stack: Stack,
    pub(crate) world: Arc<World>,
    model: SocketAddr,
    pub(crate) receiver: SocketAddr,
    heartbeat_timeout: Duration,
    _databases: Vec<TestDatabase>,
}

/// One event as a subscriber gets it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    id: String,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

impl Fleet {
    /// `None` when there is no Temporal or no PostgreSQL here.
    pub(crate) async fn start(
        kind: StoreKind,
        holds: &[(usize, Op, Hold)],
        pace: Duration,
        heartbeat_timeout: Duration,
    ) -> Option<(Self, mpsc::UnboundedReceiver<(usize, Op)>)> {
        let mut stack = Stack::without_connection().await?;
        let target = fresh_database().await?;
        target.execute(SAMPLE).await;
        let mut databases = Vec::new();
        if kind == StoreKind::Postgres {
            let store = fresh_database().await?;
            store.url().clone_into(&mut stack.store_url);
            databases.push(store);
        }
        let (world, news) = World::new(holds);
        let world = Arc::new(world);
        let mut uri = url::Url::parse(target.url()).unwrap();
        let server = format!("{}:{}", uri.host_str().unwrap(), uri.port().unwrap());
        let counted = proxy::start(Arc::clone(&world), Kind::Statements, server).await;
        uri.set_port(Some(counted.port())).unwrap();
        stack.connect_to(uri.as_str()).await;
        let upstream = stack.receiver.address.to_string();
        databases.push(target);
        let fleet = Self {
            model: model::start(Arc::clone(&world), pace).await,
            receiver: proxy::start(Arc::clone(&world), Kind::Events, upstream).await,
            heartbeat_timeout,
            world,
            stack,
            _databases: databases,
        };
        Some((fleet, news))
    }

    /// Takes the model's service away: what is tried instead refuses every connection.
    pub(crate) async fn without_model(&mut self) {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.model = nobody.local_addr().unwrap();
    }

    /// Starts a worker and waits until it polls.
    pub(crate) async fn worker(&self) -> Worker {
        self.worker_with(&[]).await
    }

    /// The same, with further settings.
    pub(crate) async fn worker_with(&self, settings: &[(&str, &str)]) -> Worker {
        let mut command = self.stack.command(&["run"]);
        command
            // Of a run that is lost again and again Temporal would else wait longer each time.
            .env("KAI_RETRY_LONGEST_SECONDS", "1")
            .env("CHAT_FAMILY", "openai")
            .env("CHAT_MODEL", "gpt-test")
            .env("OPENAI_API_KEY", "sk-hush")
            .env("CHAT_BASE_URL", format!("http://{}/v1", self.model))
            .env(
                "KAI_HEARTBEAT_TIMEOUT_SECONDS",
                self.heartbeat_timeout.as_secs().to_string(),
            );
        command.envs(settings.iter().copied());
        let mut worker = Worker::spawn(command);
        worker
            .line("Worker is healthy and ready to process tasks")
            .await;
        worker
    }

    /// Submits a run and gives its workflow's id.
    pub(crate) async fn submit(&self, run: usize) -> String {
        self.submit_to(run, self.receiver).await
    }

    /// The same, with a receiver at this address.
    pub(crate) async fn submit_to(&self, run: usize, receiver: SocketAddr) -> String {
        let name = script::name(run);
        let input = json!({
            "prompt": name,
            "connection_id": CONNECTION,
            "conversation_id": name,
            "callback_url": format!("http://{receiver}/events/{name}"),
        });
        self.stack.submit(&input).await
    }

    /// Waits for the result of a run, which must be the right one, and for its `done`, and gives the
    /// events that a subscriber has seen.
    pub(crate) async fn completed(&self, run: usize, workflow: &str) -> Vec<Event> {
        let events = self.events(run).await;
        let result = self.stack.result(workflow).await.unwrap();
        assert_eq!(result["status"], "completed", "{result}");
        let answer: String = (0..PIECES).map(|n| script::piece(run, 2, n)).collect();
        assert_eq!(result["final_answer"], answer.trim());
        let queries: Vec<String> = (0..3).map(|number| script::query(run, number)).collect();
        assert_eq!(result["sql_queries"], json!(queries));
        assert_eq!(events.last().unwrap().data["result"], result);
        self.nothing_follows(run, events.last().unwrap()).await;
        events
    }

    /// What a subscriber sees of a run, from its first event to `done`.
    pub(crate) async fn events(&self, run: usize) -> Vec<Event> {
        let client = http::client_builder().build().unwrap();
        let name = script::name(run);
        let url = format!("{}/stream/{name}?replay=all", self.stack.receiver.url());
        soon(&format!("done of {name}"), async {
            let response = client.get(url).send().await.unwrap();
            let mut frames = response.bytes_stream().eventsource();
            let mut events = Vec::new();
            while let Some(frame) = frames.next().await {
                let frame = frame.unwrap();
                let data: Value = serde_json::from_str(&frame.data).unwrap();
                let is_done = frame.event == "done";
                events.push(Event {
                    id: frame.id,
                    kind: frame.event,
                    data,
                });
                if is_done {
                    return events;
                }
            }
            panic!("the stream of {name} ended without done, after {events:?}");
        })
        .await
    }

    /// A reader whose cursor stands on the last event is told that there is nothing more.
    async fn nothing_follows(&self, run: usize, last: &Event) {
        let client = http::client_builder().build().unwrap();
        let url = format!("{}/stream/{}", self.stack.receiver.url(), script::name(run));
        let response = client.get(url).header("Last-Event-ID", &last.id).send();
        assert_eq!(response.await.unwrap().status(), 204);
    }

    /// Waits until the last heartbeat of the workflow's activity has this as its second detail.
    pub(crate) async fn beats(&self, workflow: &str, detail: &str) {
        let client = self.stack.client();
        let handle = client.get_workflow_handle::<UntypedWorkflow>(workflow);
        soon(&format!("the heartbeat with {detail}"), async {
            loop {
                let described = handle.describe(WorkflowDescribeOptions::default()).await;
                let described = described.unwrap().raw_description;
                let details = described.pending_activities[0].heartbeat_details.clone();
                let details = details.unwrap_or_default().payloads;
                let second: Option<String> = details
                    .get(1)
                    .map(|payload| serde_json::from_slice(&payload.data).unwrap());
                if second.as_deref() == Some(detail) {
                    return;
                }
            }
        })
        .await;
    }

    /// How often a run was taken up, its end included, and how many of its steps are kept.
    pub(crate) async fn kept(&self, run: usize) -> (i64, i64) {
        let standing = self.standing(run).await.unwrap();
        (standing.generation, standing.steps)
    }

    /// How a run stands in the store, where it has begun.
    pub(crate) async fn standing(&self, run: usize) -> Option<Standing> {
        let name = script::name(run);
        let rows = self
            .stored(format!(
                "SELECT r.generation, COUNT(s.number), MAX(r.status) FROM agent_runs r \
                 LEFT JOIN agent_steps s ON s.workflow_id = r.workflow_id AND s.run_id = r.run_id \
                 WHERE r.session_id = '{name}' GROUP BY r.generation"
            ))
            .await;
        rows.into_iter().next()
    }

    /// Waits until nothing is kept any more of what a lost worker had to deliver.
    pub(crate) async fn no_tails(&self) {
        soon("the end of all tails", async {
            while !self
                .stored("SELECT COUNT(*), COUNT(*), MIN(session_id) FROM agent_tails HAVING COUNT(*) > 0".to_owned())
                .await
                .is_empty()
            {}
        })
        .await;
    }

    async fn stored(&self, sql: String) -> Vec<Standing> {
        let sql = AssertSqlSafe(sql);
        let url = &self.stack.store_url;
        if url.starts_with("sqlite") {
            let mut store = SqliteConnection::connect(url).await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut store).await.unwrap();
            rows.iter().map(Standing::of).collect()
        } else {
            let mut store = PgConnection::connect(url).await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut store).await.unwrap();
            rows.iter().map(Standing::of).collect()
        }
    }
}

/// How a run stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How often it was taken up; its end counts, too.
    pub(crate) generation: i64,
    /// How many of its steps are kept; none any more of a run that was closed.
    pub(crate) steps: i64,
    pub(crate) status: String,
}

impl Standing {
    fn of<R: sqlx::Row>(row: &R) -> Self
    where
        usize: sqlx::ColumnIndex<R>,
        i64: for<'r> sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        String: for<'r> sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    {
        Self {
            generation: row.get(0),
            steps: row.get(1),
            status: row.get(2),
        }
    }
}

/// What had cut the run each time that the events say that it goes on.
pub(crate) fn resumptions(events: &[Event]) -> Vec<&str> {
    let resumed = events
        .iter()
        .filter(|event| event.kind == "session_resumed");
    resumed
        .map(|event| event.data["reason"].as_str().unwrap())
        .collect()
}

/// Fails unless these are the events of an undisturbed run, each once, but for turns that were cut in
/// their middle: those are told again after a `session_resumed`, from their beginning.
pub(crate) fn assert_each_event_once(run: usize, events: &[Event]) {
    let mut expected = Vec::new();
    for op in OPS {
        let turn = |number: usize, kind: &str| -> Vec<(String, String)> {
            (0..PIECES)
                .map(|piece| (kind.to_owned(), script::piece(run, number, piece)))
                .collect()
        };
        let tool = |number: usize| {
            ["tool_start", "tool_end", "sql_result", "chart_config"]
                .map(|kind| (kind.to_owned(), script::query(run, number)))
        };
        match op {
            Op::Turn0 => expected.extend(turn(0, "thinking")),
            Op::Turn1 => expected.extend(turn(1, "thinking")),
            Op::Turn2 => expected.extend(turn(2, "token")),
            Op::Query0 => expected.extend(tool(0)),
            Op::Query1 => expected.extend(tool(1)),
            Op::Query2 => expected.extend(tool(2)),
            Op::Told | Op::Done => {}
        }
    }
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut query = String::new();
    // Where the turn began that is being told.
    let mut turn_began = 0;
    let mut in_turn = false;
    for event in events {
        let is_text = matches!(event.kind.as_str(), "thinking" | "token");
        if event.kind == "session_resumed" {
            if in_turn {
                seen.truncate(turn_began);
            }
            in_turn = false;
            continue;
        }
        if is_text && !in_turn {
            turn_began = seen.len();
        }
        in_turn = is_text;
        match event.kind.as_str() {
            "thinking" | "token" => {
                // The parser may put pieces together that arrived together.
                let text = event.data["content"].as_str().unwrap();
                for piece in text.split_inclusive("; ") {
                    seen.push((event.kind.clone(), piece.to_owned()));
                }
            }
            "tool_start" => {
                event.data["input"]["query"]
                    .as_str()
                    .unwrap()
                    .clone_into(&mut query);
                seen.push((event.kind.clone(), query.clone()));
            }
            // Each result suits one chart.
            "tool_end" | "chart_config" => seen.push((event.kind.clone(), query.clone())),
            "sql_result" => {
                let sql = event.data["sql"].as_str().unwrap();
                seen.push((event.kind.clone(), sql.to_owned()));
            }
            "done" => assert_eq!(Some(event), events.last()),
            other => panic!("{other} is no event of the script"),
        }
    }
    assert_eq!(seen, expected, "{events:#?}");
}
