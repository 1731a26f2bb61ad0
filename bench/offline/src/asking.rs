//! Asks the offline model the questions of one database, in this process and without Temporal.

use std::path::Path;

use anyhow::{Context as _, bail};
use kai_core::agent::{Agent, AgentLimits};
use kai_core::analyst::Analyst;
use kai_core::database::QueryLimits;
use kai_core::evaluation::{Evaluation, Outcome, Question};
use kai_core::language::Language;
use kai_core::offline::OfflineModel;
use kai_core::scan::{ScanProgress, ScanReport};
use kai_core::store::{Cipher, Store};
use tokio_util::sync::CancellationToken;

use std::sync::Arc;
use std::time::Duration;

/// What one query may cost: the defaults of the worker.
const LIMITS: QueryLimits = QueryLimits {
    timeout: Duration::from_mins(1),
    max_rows: 1_000,
    max_bytes: 16 << 20,
};

/// An analyst with the offline model, and a store in the folder with its key beside it, so that a
/// later run can go on with what this one scanned. The databases are made up: there is no secret.
pub(crate) async fn analyst(folder: &Path) -> anyhow::Result<Analyst> {
    let url = format!("sqlite://{}", folder.join("store.db").display());
    let store = Store::open(&url.parse().map_err(anyhow::Error::msg)?).await?;
    let kept = folder.join("store.key");
    if !kept.exists() {
        std::fs::write(&kept, Cipher::generate_key())?;
    }
    let cipher = Cipher::from_key(&std::fs::read_to_string(&kept)?)?;
    let language = Language::default();
    let limits = AgentLimits {
        max_turns: 20,
        language,
    };
    let agent = Agent::new(Arc::new(OfflineModel::new(language)), limits);
    Ok(Analyst::new(store, Some(cipher), agent, LIMITS))
}

/// Makes the database a connection of that name, and scans it; one that was kept is as it was left.
/// Gives the number of its tables.
pub(crate) async fn connect(
    analyst: &Analyst,
    name: &str,
    database: &Path,
    kept: bool,
) -> anyhow::Result<usize> {
    if kept && let Ok(connection) = analyst.find(name).await {
        let database = analyst.connect(&connection).await?;
        return Ok(database.list_tables().await?.len());
    }
    let uri = format!("sqlite://{}", database.display());
    analyst.store_connection(name, &uri, name).await?;
    let (progress, cancel) = (ScanProgress::default(), CancellationToken::new());
    match analyst.scan(name, &[], &progress, &cancel).await? {
        ScanReport::Success(scanned) if scanned.failed.is_empty() => Ok(scanned.scanned_count),
        other => bail!("{name} cannot be scanned: {other:?}"),
    }
}

/// Asks the questions one after the other.
pub(crate) async fn ask(
    analyst: &Analyst,
    name: &str,
    questions: &[Question],
) -> anyhow::Result<Vec<Outcome>> {
    let evaluation = Evaluation::open(analyst, name).await?;
    let cancel = CancellationToken::new();
    let mut outcomes = Vec::with_capacity(questions.len());
    for question in questions {
        let outcome = evaluation.ask(question, &cancel).await;
        outcomes.push(outcome.with_context(|| question.id.clone())?);
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kai_core::agent::{AgentMode, AgentTask, EventSink, Thread};
    use kai_core::event::AgentEvent;
    use kai_core::ids::TaskId;
    use tempfile::TempDir;

    use super::*;
    use crate::sets::{Part, Sets};

    /// Keeps every event as it goes over the wire, but for how long a tool ran, which is measured.
    #[derive(Default)]
    struct Recorded(Mutex<Vec<String>>);

    impl EventSink for Recorded {
        fn emit(&self, mut event: AgentEvent) {
            if let AgentEvent::ToolEnd {
                execution_time_ms, ..
            } = &mut event
            {
                *execution_time_ms = None;
            }
            let written = serde_json::to_string(&event).unwrap();
            self.0.lock().unwrap().push(written);
        }
    }

    async fn events(analyst: &Analyst, name: &str, question: &Question) -> Vec<String> {
        let task = AgentTask {
            id: TaskId::generate(),
            prompt: question.text.clone(),
            mode: AgentMode::default(),
            plan: None,
            thread: Thread::default(),
        };
        let recorded = Recorded::default();
        let cancel = CancellationToken::new();
        analyst
            .answer(name, &task, &recorded, &cancel)
            .await
            .unwrap();
        recorded.0.into_inner().unwrap()
    }

    #[tokio::test]
    async fn the_same_question_gives_the_same_events_on_every_set() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sets = Sets(root.join("../../examples/evaluation"));
        for name in sets.databases().unwrap() {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("database.db");
            sets.build(&name, &path).await.unwrap();
            let analyst = analyst(folder.path()).await.unwrap();
            connect(&analyst, &name, &path, false).await.unwrap();
            let questions = sets.questions(Part::Tuning, &name).unwrap();
            for question in questions.iter().step_by(20) {
                let first = events(&analyst, &name, question).await;
                let second = events(&analyst, &name, question).await;
                assert!(!first.is_empty());
                assert_eq!(first, second, "{}", question.id);
            }
        }
    }
}
