//! What every run of the crash tests does, step by step, and who saw it being done.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

/// Something that a run asks of the world outside its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Op {
    /// The first turn: it calls the first query.
    Turn0,
    Query0,
    /// The second turn: it calls two queries.
    Turn1,
    Query1,
    Query2,
    /// The last turn: it answers.
    Turn2,
    /// The first event of a tool.
    Told,
    /// The event `done`.
    Done,
}

/// Where an operation is held until its worker is gone. It is held once; then it passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Before it begins.
    Before,
    /// In its middle.
    Middle,
    /// When it is done, and only its answer is not there yet.
    After,
}

/// The steps of an undisturbed run, in order.
pub(crate) const OPS: [Op; 6] = [
    Op::Turn0,
    Op::Query0,
    Op::Turn1,
    Op::Query1,
    Op::Query2,
    Op::Turn2,
];

/// How many pieces of text each turn has.
pub(crate) const PIECES: usize = 6;

/// What happened outside the workers, and what is to be held.
pub(crate) struct World {
    seen: Mutex<Vec<(usize, Op)>>,
    holds: Mutex<HashMap<(usize, Op), Hold>>,
    held: mpsc::UnboundedSender<(usize, Op)>,
    /// How many operations there were.
    asked: watch::Sender<usize>,
}

impl World {
    /// A world, and the news of what is held in it.
    pub(crate) fn new(holds: &[(usize, Op, Hold)]) -> (Self, mpsc::UnboundedReceiver<(usize, Op)>) {
        let (held, news) = mpsc::unbounded_channel();
        let holds = holds.iter().map(|&(run, op, hold)| ((run, op), hold));
        let world = Self {
            seen: Mutex::default(),
            holds: Mutex::new(holds.collect()),
            held,
            asked: watch::Sender::new(0),
        };
        (world, news)
    }

    /// The operation is asked for. Tells where it is to be held.
    pub(crate) fn asked(&self, run: usize, op: Op) -> Option<Hold> {
        let hold = lock(&self.holds).remove(&(run, op));
        // What is held before it begins is never done.
        if hold != Some(Hold::Before) {
            lock(&self.seen).push((run, op));
            self.asked.send_modify(|asked| *asked += 1);
        }
        hold
    }

    /// Waits for an operation of any run.
    pub(crate) async fn next(&self) {
        // The sender is this world's own.
        self.asked.subscribe().changed().await.unwrap();
    }

    /// Whether a run has asked for the operation.
    pub(crate) fn has_seen(&self, run: usize, op: Op) -> bool {
        lock(&self.seen).contains(&(run, op))
    }

    /// The operation is held now.
    pub(crate) fn holds(&self, run: usize, op: Op) {
        self.held.send((run, op)).unwrap();
    }

    /// The turns and queries that a run has asked for, in order.
    pub(crate) fn ops(&self, run: usize) -> Vec<Op> {
        let seen = lock(&self.seen);
        let of_run = seen
            .iter()
            .filter(|(of, op)| *of == run && OPS.contains(op));
        of_run.map(|(_, op)| *op).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The session and the question of a run.
pub(crate) fn name(run: usize) -> String {
    format!("run-{run}")
}

/// The run in which this text stands, as `run-N`.
pub(crate) fn run_in(text: &str) -> Option<usize> {
    let digits = text.split("run-").nth(1)?;
    let end = digits.find(|c: char| !c.is_ascii_digit());
    digits[..end.unwrap_or(digits.len())].parse().ok()
}

/// A piece of a turn's text.
pub(crate) fn piece(run: usize, turn: usize, piece: usize) -> String {
    format!("run-{run} turn {turn} piece {piece}; ")
}

/// The query that the agent sends.
pub(crate) fn query(run: usize, number: usize) -> String {
    format!("SELECT id, nama FROM koperasi WHERE nama <> 'run-{run}-q{number}' ORDER BY id")
}

/// The deltas of a turn, as the model's service streams them.
pub(crate) fn deltas(run: usize, turn: usize) -> Vec<Value> {
    let tag = if turn == 2 { "answer" } else { "thinking" };
    let mut deltas = vec![json!({"content": format!("<{tag}>")})];
    deltas.extend((0..PIECES).map(|number| json!({"content": piece(run, turn, number)})));
    deltas.push(json!({"content": format!("</{tag}>")}));
    let queries: &[usize] = match turn {
        0 => &[0],
        1 => &[1, 2],
        _ => &[],
    };
    deltas.extend(queries.iter().enumerate().map(|(index, number)| {
        let arguments = json!({"query": query(run, *number)}).to_string();
        json!({"tool_calls": [{"index": index, "id": format!("call_{number}"), "type": "function",
               "function": {"name": "sql_query", "arguments": arguments}}]})
    }));
    deltas
}
