//! Runs that go on after the steps that an earlier attempt has left.

use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use kai_core::agent::{AgentError, Earlier, RunLog, RunLogError, Step};
use kai_core::event::AgentEvent;
use kai_core::ids::SessionId;
use kai_core::interruption::Interruption;
use kai_core::wire::AgentResult;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{QUERY, Reply, Seen, Shop};

/// Keeps so many steps, then no more. Notes how many events there were at each.
struct Log<'a> {
    seen: &'a Seen,
    steps: Mutex<Vec<(Step, usize)>>,
    most: usize,
}

#[async_trait]
impl RunLog for Log<'_> {
    async fn save(&self, step: &Step) -> Result<(), RunLogError> {
        let mut steps = self.steps.lock().unwrap();
        if steps.len() == self.most {
            return Err(RunLogError::TakenOver);
        }
        let json = serde_json::to_string(step).unwrap();
        let read = serde_json::from_str(&json).unwrap();
        assert_eq!(
            step, &read,
            "a step is the same after it was written and read"
        );
        steps.push((read, self.seen.0.lock().unwrap().len()));
        Ok(())
    }
}

/// Keeps every step.
#[derive(Default)]
pub(super) struct Kept(Mutex<Vec<Step>>);

#[async_trait]
impl RunLog for Kept {
    async fn save(&self, step: &Step) -> Result<(), RunLogError> {
        let json = serde_json::to_string(step).unwrap();
        self.0
            .lock()
            .unwrap()
            .push(serde_json::from_str(&json).unwrap());
        Ok(())
    }
}

/// The steps of a whole run.
pub(super) async fn steps(shop: Shop) -> Vec<Step> {
    let (kept, seen) = (Kept::default(), Seen::default());
    let cancel = CancellationToken::new();
    let agent = &shop.agent;
    agent
        .go_on(&shop.task, &shop.context, None, &kept, &seen, &cancel)
        .await
        .unwrap();
    kept.0.into_inner().unwrap()
}

/// What one attempt came to.
struct Attempt {
    outcome: Result<AgentResult, AgentError>,
    /// The steps that it kept, and how many events there were at each.
    steps: Vec<(Step, usize)>,
    events: Vec<AgentEvent>,
    requests: Vec<Value>,
}

async fn attempt(turns: Vec<Reply>, earlier: Option<Earlier>, most: usize) -> Attempt {
    let shop = Shop::open(turns).await;
    let seen = Seen::default();
    let log = Log {
        seen: &seen,
        steps: Mutex::default(),
        most,
    };
    let cancel = CancellationToken::new();
    let outcome = shop
        .agent
        .go_on(&shop.task, &shop.context, earlier, &log, &seen, &cancel)
        .await;
    Attempt {
        outcome,
        steps: log.steps.into_inner().unwrap(),
        events: seen.0.into_inner().unwrap(),
        requests: shop.service.requests(),
    }
}

/// Six steps: a turn, a table list, a turn with two queries, their results, an answer without tags.
fn turns() -> Vec<Reply> {
    vec![
        Reply::text(&["<thinking>Which tables?</thinking>"]).and_calls(&[(
            "call_1",
            "list_tables",
            json!({}),
        )]),
        Reply::calls(&[
            ("call_2", "sql_query", json!({"query": QUERY})),
            (
                "call_3",
                "sql_query",
                json!({"query": "SELECT nothing FROM customer"}),
            ),
        ]),
        Reply::text(&["Bandung has two."]),
    ]
}

#[tokio::test]
async fn after_any_number_of_steps_only_the_rest_is_done_and_told() {
    let whole = attempt(turns(), None, usize::MAX).await;
    let result = whole.outcome.unwrap();
    assert_eq!(result.final_answer, "Bandung has two.");
    assert_eq!(whole.steps.len(), 6);
    for finished in 0..=whole.steps.len() {
        let steps: Vec<Step> = whole.steps[..finished]
            .iter()
            .map(|(step, _)| step.clone())
            .collect();
        let taken = steps
            .iter()
            .filter(|step| matches!(step, Step::Turn(_)))
            .count();
        let (cut_by, why) = match finished % 3 {
            0 => (None, ""),
            1 => (Some(Interruption::Shutdown), " (its worker was stopped)"),
            _ => (Some(Interruption::Lost), " (its worker was lost)"),
        };
        let earlier = Earlier {
            session: SessionId::new("s"),
            steps,
            begun: Utc::now() - TimeDelta::hours(1),
            cut_by,
        };
        let rest = turns().into_iter().skip(taken).collect();
        let later = attempt(rest, Some(earlier), usize::MAX).await;
        assert_eq!(later.requests, whole.requests[taken..]);

        let mut again = later.outcome.unwrap();
        assert!(again.execution_time_ms >= 3_600_000, "it began an hour ago");
        again.task_id = result.task_id.clone();
        again.execution_time_ms = result.execution_time_ms;
        assert_eq!(again, result);

        let told = match finished.checked_sub(1) {
            Some(last) => whole.steps[last].1,
            None => 0,
        };
        let message = match finished {
            0 => "Starting again: no step had been finished".to_owned(),
            _ => format!("Continuing after step {finished}{why}"),
        };
        let resumed = AgentEvent::SessionResumed {
            message,
            session_id: SessionId::new("s"),
            reason: cut_by,
        };
        let mut expected = whole.events[told..].to_vec();
        if finished < whole.steps.len() {
            expected.insert(0, resumed);
        }
        assert_eq!(later.events, expected);
    }
}

#[tokio::test]
async fn a_run_whose_step_cannot_be_kept_ends() {
    let cut = attempt(turns(), None, 2).await;
    let error = cut.outcome.unwrap_err();
    assert!(
        matches!(error, AgentError::Log(RunLogError::TakenOver)),
        "{error}"
    );
    assert_eq!(cut.requests.len(), 2);
    assert_eq!(cut.steps.len(), 2);
}
