//! Tests of the vocabularies: whole sessions as text, rules that any stream has to keep, and the
//! examples of the documentation.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

mod agui_rules;
mod aisdk_rules;
mod docs;
mod joins;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use kai_core::ids::SessionId;
use serde_json::Value;

use super::*;
use crate::frame::{Draft, EventType};
use crate::hub::{Hub, HubOptions, Opening, Receipt};
use crate::log::{LogLimits, Visit};

const VOCABULARIES: [Vocabulary; 2] = [Vocabulary::Agui, Vocabulary::Aisdk];

fn hub(events: usize, idle_timeout: Duration) -> Arc<Hub> {
    Hub::new(HubOptions {
        max_subscribers: 100,
        max_sessions: 10,
        log: LogLimits {
            events,
            bytes: 1_000_000,
        },
        idle_timeout,
        keepalive: Duration::from_mins(5),
        retention: Duration::from_mins(10),
    })
}

fn session() -> SessionId {
    SessionId::new("koperasi-1")
}

/// Publishes an event; returns its id.
fn publish(hub: &Hub, kind: &str, data: &str) -> String {
    let kind = EventType::try_from(kind.to_owned()).unwrap();
    match hub.publish(&session(), Draft::new(&kind, data)).unwrap() {
        Receipt::Stored(id) => id.to_string(),
        Receipt::Duplicate => panic!("an event without a number is never a repeat"),
    }
}

fn publish_all(hub: &Hub, events: &[Value]) -> Vec<String> {
    let publish = |event: &Value| publish(hub, event["type"].as_str().unwrap(), &event.to_string());
    events.iter().map(publish).collect()
}

fn visit(hub: &Arc<Hub>, visit: &Visit) -> Option<Subscription> {
    match hub.subscribe(&session(), visit).unwrap() {
        Opening::Stream(subscription) => Some(*subscription),
        Opening::Finished => None,
    }
}

fn after(id: &str) -> Visit {
    Visit {
        cursor: Some(id.to_owned()),
        replay_all: false,
    }
}

/// All that a visitor still gets.
async fn rest(mut translation: Translation) -> String {
    let mut text = String::new();
    while let Some(frames) = translation.next().await {
        text.push_str(std::str::from_utf8(&frames).unwrap());
    }
    text
}

/// The data of each frame.
fn data(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines
        .filter_map(|line| line.strip_prefix("data: "))
        .collect()
}

/// Whether a stream keeps the rules of its vocabulary; what is wrong if it does not.
fn check(vocabulary: Vocabulary, text: &str) -> Result<(), String> {
    let checked = match vocabulary {
        Vocabulary::Agui => agui_rules::check(&data(text)),
        Vocabulary::Aisdk => aisdk_rules::check(&data(text)),
    };
    checked.map_err(|wrong| format!("{wrong} in\n{text}"))
}
