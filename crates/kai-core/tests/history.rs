//! Conversations: what a later question is told of the earlier ones, and what is kept of them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say where"
)]

use std::sync::Arc;
use std::time::Duration;

use kai_core::agent::{
    Agent, AgentLimits, AgentMode, AgentTask, Earlier, EventSink, HistoryLimits, RunLog,
    RunLogError, Step, Thread,
};
use kai_core::analyst::Analyst;
use kai_core::config::Secret;
use kai_core::database::QueryLimits;
use kai_core::event::AgentEvent;
use kai_core::ids::{SessionId, TaskId};
use kai_core::language::Language;
use kai_core::model::ChatModel;
use kai_core::model::openai::{Family, Key, ModelLimits, OpenAiModel};
use kai_core::offline::OfflineModel;
use kai_core::store::{Cipher, Store, StoreUrl, TypesenseAccess};
use kai_core::wire::AgentResult;
use kai_test_support::model::{PlayedModel, Reply};
use kai_test_support::postgres::{TestDatabase, fresh_database};
use kai_test_support::typesense::{self, TestCollections, fresh_collections};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, Row as _, SqliteConnection};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const QUERY: &str = "SELECT COUNT(*) AS n FROM customer WHERE city = 'Bandung'";

struct Nobody;

impl EventSink for Nobody {
    fn emit(&self, _: AgentEvent) {}
}

#[async_trait::async_trait]
impl RunLog for Nobody {
    async fn save(&self, _: &Step) -> Result<(), RunLogError> {
        Ok(())
    }
}

/// A store of any kind, with two connections to one small database.
struct Place {
    store: Store,
    kept_in: KeptIn,
    cipher: Cipher,
    folder: TempDir,
}

enum KeptIn {
    File,
    Server(TestDatabase),
    Typesense(TestCollections),
}

impl Place {
    async fn open(kept_in: KeptIn) -> Self {
        let folder = TempDir::new().unwrap();
        let store_url: StoreUrl = match &kept_in {
            KeptIn::File => format!("sqlite://{}", folder.path().join("kai.db").display()),
            KeptIn::Server(server) => server.url().to_owned(),
            KeptIn::Typesense(collections) => collections.url(),
        }
        .parse()
        .unwrap();
        let store_url = store_url.with_typesense(TypesenseAccess {
            api_key: Some(Secret::from(typesense::KEY.to_owned())),
            ..TypesenseAccess::default()
        });
        let url = format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("shop.db").display()
        );
        let mut shop = SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT);
             INSERT INTO customer VALUES (1, 'Ani', 'Bandung'), (2, 'Budi', 'Bandung'), (3, 'Cici', 'Bogor')",
        )
        .execute(&mut shop)
        .await
        .unwrap();
        shop.close().await.unwrap();
        let place = Self {
            store: Store::open(&store_url).await.unwrap(),
            kept_in,
            cipher: Cipher::from_key(&Cipher::generate_key()).unwrap(),
            folder,
        };
        let analyst = place.analyst(Arc::new(OfflineModel::new(Language::English)));
        for (id, alias) in [("c-1", "shop"), ("c-2", "other")] {
            let path = place.folder.path().join("shop.db");
            let uri = format!("sqlite://{}", path.display());
            analyst.store_connection(id, &uri, alias).await.unwrap();
        }
        place
    }

    fn analyst(&self, model: Arc<dyn ChatModel>) -> Analyst {
        let limits = AgentLimits {
            max_turns: 8,
            language: Language::English,
        };
        let query_limits = QueryLimits {
            timeout: Duration::from_secs(10),
            max_rows: 100,
            max_bytes: 1 << 20,
        };
        let cipher = Some(self.cipher.clone());
        Analyst::new(
            self.store.clone(),
            cipher,
            Agent::new(model, limits),
            query_limits,
        )
    }

    /// An analyst whose model plays these replies.
    async fn played(&self, replies: Vec<Reply>) -> (Analyst, PlayedModel) {
        let service = PlayedModel::start(replies).await;
        let key = Key {
            secret: Secret::from("sk-hush".to_owned()),
            setting: "OPENAI_API_KEY",
        };
        let limits = ModelLimits::default();
        let model = OpenAiModel::new(Family::OpenAi, "m", &service.url(), Some(&key), limits);
        (self.analyst(Arc::new(model.unwrap())), service)
    }

    /// The contents of all exchanges that are kept.
    async fn exchanges(&self) -> Vec<String> {
        let query = "SELECT content FROM conversation_exchanges";
        match &self.kept_in {
            KeptIn::File => {
                let path = self.folder.path().join("kai.db");
                let url = format!("sqlite://{}", path.display());
                let mut store = SqliteConnection::connect(&url).await.unwrap();
                let rows = sqlx::query(query).fetch_all(&mut store).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            KeptIn::Server(server) => {
                let mut store = PgConnection::connect(server.url()).await.unwrap();
                let rows = sqlx::query(query).fetch_all(&mut store).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            KeptIn::Typesense(collections) => {
                let kept = collections.documents("conversation_exchanges").await;
                let contents = kept.iter().map(|kept| kept["content"].as_str().unwrap());
                contents.map(str::to_owned).collect()
            }
        }
    }
}

async fn places() -> Vec<Place> {
    let mut places = vec![Place::open(KeptIn::File).await];
    if let Some(server) = fresh_database().await {
        places.push(Place::open(KeptIn::Server(server)).await);
    }
    if let Some(collections) = fresh_collections() {
        places.push(Place::open(KeptIn::Typesense(collections)).await);
    }
    places
}

fn task(prompt: &str, conversation: Option<&str>) -> AgentTask {
    AgentTask {
        id: TaskId::generate(),
        prompt: prompt.to_owned(),
        mode: AgentMode::default(),
        plan: None,
        thread: Thread {
            conversation: conversation.map(SessionId::new),
            ..Thread::default()
        },
    }
}

async fn ask(analyst: &Analyst, connection: &str, task: &AgentTask) -> AgentResult {
    let cancel = CancellationToken::new();
    let answer = analyst.answer(connection, task, &Nobody, &cancel);
    answer.await.unwrap()
}

fn query() -> Reply {
    Reply::calls(&[("q", "sql_query", json!({"query": QUERY}))])
}

fn answer(text: &str) -> Reply {
    Reply::text(&["<answer>", text, "</answer>"])
}

/// What the model is told between its task and the question.
fn history(request: &Value) -> Vec<String> {
    let messages = request["messages"].as_array().unwrap();
    let last = messages
        .iter()
        .rposition(|message| message["role"] == "user")
        .unwrap();
    let told = messages[1..last].iter();
    told.map(|message| message["content"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_later_question_is_told_the_earlier_ones_of_its_conversation() {
    for place in places().await {
        let replies = vec![
            query(),
            answer("Two."),
            answer("One."),
            answer("?"),
            answer("?"),
            answer("?"),
        ];
        let (analyst, service) = place.played(replies).await;
        ask(
            &analyst,
            "shop",
            &task("How many live in Bandung?", Some("chat")),
        )
        .await;
        // By its id, too: it is the same connection.
        ask(&analyst, "c-1", &task("And in Bogor?", Some("chat"))).await;
        ask(&analyst, "shop", &task("And in all?", Some("chat"))).await;
        ask(&analyst, "shop", &task("And in all?", Some("another chat"))).await;
        ask(&analyst, "other", &task("And in all?", Some("chat"))).await;
        let requests = service.requests();
        assert_eq!(history(&requests[0]), [""; 0]);
        let first = [
            "How many live in Bandung?".to_owned(),
            format!("Query: {QUERY}\n<answer>Two.</answer>"),
        ];
        assert_eq!(history(&requests[2]), first);
        let second = [
            "And in Bogor?".to_owned(),
            "<answer>One.</answer>".to_owned(),
        ];
        assert_eq!(history(&requests[3]), [first, second].concat());
        for other in &requests[4..] {
            assert_eq!(
                history(other),
                [""; 0],
                "of another conversation or connection"
            );
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_encrypted_and_forgotten() {
    for place in places().await {
        let replies = vec![answer("Two."), answer("Three."), answer("?"), answer("?")];
        let (analyst, service) = place.played(replies).await;
        ask(
            &analyst,
            "shop",
            &task("How many in Bandung?", Some("chat")),
        )
        .await;
        ask(&analyst, "shop", &task("Not in a conversation", None)).await;
        let kept = place.exchanges().await.concat();
        assert!(
            kept.starts_with("gAAAA") && !kept.contains("Bandung"),
            "{kept}"
        );
        assert_eq!(place.exchanges().await.len(), 1);

        // Nothing is told, or kept, where that is not wanted.
        let nothing = HistoryLimits {
            tokens: 0,
            ..HistoryLimits::default()
        };
        let silent = analyst.with_history(nothing);
        ask(&silent, "shop", &task("And in Bogor?", Some("chat"))).await;
        assert_eq!(place.exchanges().await.len(), 1);
        assert_eq!(history(&service.requests()[2]), [""; 0]);

        // What is too old is not told, and goes with the next answer.
        let short = HistoryLimits {
            keep: Duration::from_nanos(1),
            ..HistoryLimits::default()
        };
        let forgetful = silent.with_history(short);
        ask(&forgetful, "shop", &task("And in Bogor?", Some("chat"))).await;
        assert_eq!(history(&service.requests()[3]), [""; 0]);
        assert_eq!(
            place.exchanges().await.len(),
            1,
            "only the last one is left"
        );
    }
}

#[tokio::test]
async fn every_attempt_at_a_run_is_told_the_same_and_its_answer_is_kept_once() {
    for place in places().await {
        let replies = vec![
            answer("One."),
            answer("Two."),
            answer("Three."),
            answer("Three."),
            answer("Four."),
        ];
        let (analyst, service) = place.played(replies).await;
        ask(&analyst, "shop", &task("1?", Some("chat"))).await;
        let begun = chrono::Utc::now();
        let third = task("3?", Some("chat"));
        ask(&analyst, "shop", &task("2?", Some("chat"))).await;
        // The run began before the second question was answered, and is gone on with after that.
        for _ in 0..2 {
            let earlier = Earlier {
                session: SessionId::new("chat"),
                steps: Vec::new(),
                begun,
                cut_by: None,
            };
            let cancel = CancellationToken::new();
            let go_on = analyst.go_on("shop", &third, Some(earlier), &Nobody, &Nobody, &cancel);
            go_on.await.unwrap();
        }
        ask(&analyst, "shop", &task("4?", Some("chat"))).await;
        let requests = service.requests();
        let one = ["1?", "<answer>One.</answer>"];
        assert_eq!(history(&requests[2]), one);
        assert_eq!(history(&requests[3]), one);
        let all = [
            "1?",
            "<answer>One.</answer>",
            "2?",
            "<answer>Two.</answer>",
            "3?",
            "<answer>Three.</answer>",
        ];
        assert_eq!(history(&requests[4]), all);
    }
}

#[tokio::test]
async fn the_offline_model_answers_the_same_in_a_conversation() {
    let place = Place::open(KeptIn::File).await;
    let analyst = place.analyst(Arc::new(OfflineModel::new(Language::English)));
    let question = "How many customers are there in each city?";
    let alone = ask(&analyst, "shop", &task(question, None)).await;
    assert!(!alone.sql_queries.is_empty(), "{alone:?}");
    ask(
        &analyst,
        "shop",
        &task("Which customers live in Bogor?", Some("chat")),
    )
    .await;
    let mut later = ask(&analyst, "shop", &task(question, Some("chat"))).await;
    later.task_id = alone.task_id.clone();
    later.execution_time_ms = alone.execution_time_ms;
    assert_eq!(later, alone);
}

#[tokio::test]
async fn the_answer_is_in_the_language_of_the_question_whatever_was_spoken_before() {
    let place = Place::open(KeptIn::File).await;
    let analyst = place.analyst(Arc::new(OfflineModel::new(Language::English)));
    let english = ask(
        &analyst,
        "shop",
        &task("How many customers are there?", Some("chat")),
    )
    .await;
    let indonesian = ask(
        &analyst,
        "shop",
        &task("Ada berapa customer?", Some("chat")),
    )
    .await;
    assert_ne!(english.final_answer, indonesian.final_answer);
    let (analyst, service) = place.played(vec![answer("Many."), answer("Many.")]).await;
    ask(
        &analyst,
        "shop",
        &task("How many customers are there?", None),
    )
    .await;
    ask(&analyst, "shop", &task("Ada berapa customer?", None)).await;
    for (request, language) in service.requests().iter().zip(["English", "Indonesian"]) {
        let told = request["messages"][0]["content"].as_str().unwrap();
        assert!(
            told.contains("Answer in the language of the question"),
            "{told}"
        );
        assert!(
            told.contains(&format!("not clear, in {language}")),
            "{told}"
        );
    }
}
