//! A worker whose target database is killed in the middle of a run's query: the run gets over it or fails
//! once, and the next question of the same worker is answered when the database is back.

use kai_test_support::database_server::{DatabaseServer, Kind};
use kai_test_support::held_queries::HeldQueries;
use kai_test_support::model::{PlayedModel, Reply};
use serde_json::{Value, json};

use crate::faults::watched;
use crate::harness::{CONNECTION, Stack, Worker};

/// A stack that asks a database server of its own, whose queries can be held.
struct Site {
    stack: Stack,
    server: DatabaseServer,
    held: HeldQueries,
    worker: Worker,
    _model: PlayedModel,
}

/// Reads the view that can be held where the question says so, else the table; then answers.
fn reply(request: &Value) -> Option<Reply> {
    let messages = request["messages"].as_array()?;
    let question = messages.iter().rfind(|message| message["role"] == "user");
    let question = question?["content"].as_str()?;
    if messages.last()?["role"] == "tool" {
        return Some(Reply::text(&["<answer>That is all.</answer>"]));
    }
    let query = if question.contains("tahan") {
        "SELECT answer FROM held"
    } else {
        "SELECT COUNT(*) AS items FROM item"
    };
    Some(Reply::calls(&[(
        "q",
        "sql_query",
        json!({ "query": query }),
    )]))
}

impl Site {
    async fn open(kind: Kind, settings: &[(&str, &str)]) -> Option<Self> {
        let server = DatabaseServer::start(kind, None).await?;
        let held = HeldQueries::on(&server).await;
        let stack = Stack::without_connection().await?;
        stack.connect_to(held.url()).await;
        let model = PlayedModel::answering(reply).await;
        let mut command = stack.command(&["run"]);
        command
            .env("CHAT_FAMILY", "openai")
            .env("CHAT_MODEL", "gpt-test")
            .env("OPENAI_API_KEY", "sk-hush")
            .env("CHAT_BASE_URL", model.url())
            .envs(settings.iter().copied());
        let mut worker = Worker::spawn(command);
        worker
            .line("Worker is healthy and ready to process tasks")
            .await;
        Some(Self {
            stack,
            server,
            held,
            worker,
            _model: model,
        })
    }

    async fn ask(&self, session: &str, question: &str) -> String {
        let input = json!({
            "prompt": question,
            "connection_id": CONNECTION,
            "conversation_id": session,
            "callback_url": self.stack.receiver.callback(session),
        });
        self.stack.submit(&input).await
    }

    /// Asks a question that needs the database, and sees it answered.
    async fn is_answered(&self, session: &str) {
        let run = self.ask(session, "Ada berapa barang?").await;
        let result = self.stack.result(&run).await.unwrap();
        assert_eq!(result["status"], "completed", "{result}");
        let (kinds, done) = watched(&self.stack, session).await;
        let ends = kinds.iter().filter(|kind| *kind == "done").count();
        assert_eq!(ends, 1, "{kinds:?}");
        assert_eq!(done["result"], result);
    }
}

fn count(kinds: &[String], kind: &str) -> usize {
    kinds.iter().filter(|seen| *seen == kind).count()
}

#[tokio::test]
async fn a_run_outlives_the_database_that_it_asks() {
    for kind in [Kind::Postgresql, Kind::MariaDb] {
        let Some(mut site) = Site::open(kind, &[]).await else {
            return;
        };
        let run = site.ask("padam", "Berapa jawaban yang tahan?").await;
        site.held.until_one_waits().await;
        site.server.kill();
        site.server.start_again().await;

        let result = site.stack.result(&run).await.unwrap();
        assert_eq!(result["status"], "completed", "{kind:?}: {result}");
        assert_eq!(result["sql_queries"].as_array().unwrap().len(), 1);
        let (kinds, done) = watched(&site.stack, "padam").await;
        let told = format!("{kind:?}: {kinds:?}");
        assert_eq!(
            (count(&kinds, "done"), count(&kinds, "error")),
            (1, 0),
            "{told}"
        );
        assert_eq!(count(&kinds, "sql_result"), 1, "{told}");
        assert_eq!(
            count(&kinds, "session_resumed"),
            0,
            "the attempt is the same: {told}"
        );
        assert_eq!(done["result"], result);

        site.is_answered("sesudah").await;
        site.worker.signal("TERM");
        assert!(site.worker.ended().await.success());
    }
}

#[tokio::test]
async fn a_database_that_stays_away_fails_the_run_once_and_the_next_is_answered() {
    for kind in [Kind::Postgresql, Kind::MariaDb] {
        let settings = [
            ("SQL_RECONNECT_SECONDS", "1"),
            ("KAI_RUN_MAX_ATTEMPTS", "1"),
        ];
        let Some(mut site) = Site::open(kind, &settings).await else {
            return;
        };
        let run = site.ask("padam", "Berapa jawaban yang tahan?").await;
        site.held.until_one_waits().await;
        site.server.kill();

        let failure = site.stack.result(&run).await.unwrap_err();
        assert!(failure.contains("cannot reach the database"), "{failure}");
        let (kinds, done) = watched(&site.stack, "padam").await;
        let told = format!("{kind:?}: {kinds:?}");
        assert_eq!(
            (count(&kinds, "done"), count(&kinds, "error")),
            (1, 1),
            "{told}"
        );
        let reason = done["result"]["error"].as_str().unwrap();
        assert!(reason.starts_with("cannot reach the database"), "{reason}");

        site.server.start_again().await;
        site.is_answered("sesudah").await;
    }
}

#[tokio::test]
async fn a_later_attempt_finds_the_database_that_is_back() {
    let settings = [("SQL_RECONNECT_SECONDS", "1")];
    let Some(mut site) = Site::open(Kind::Postgresql, &settings).await else {
        return;
    };
    let run = site.ask("padam", "Berapa jawaban yang tahan?").await;
    site.held.until_one_waits().await;
    site.server.kill();
    site.worker.log("the run will be tried again").await;
    site.server.start_again().await;

    let result = site.stack.result(&run).await.unwrap();
    assert_eq!(result["status"], "completed", "{result}");
    let (kinds, done) = watched(&site.stack, "padam").await;
    assert_eq!(
        (count(&kinds, "done"), count(&kinds, "error")),
        (1, 0),
        "{kinds:?}"
    );
    assert_eq!(count(&kinds, "session_resumed"), 1, "{kinds:?}");
    assert_eq!(done["result"], result);
}
