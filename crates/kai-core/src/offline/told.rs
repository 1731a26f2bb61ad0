//! What operators have said of the database, as the agent tells it to a model.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::knowledge::fence::Fence;
use crate::model::Message;

/// The entries of one kind among what the agent has told; those of another shape are left out.
pub(super) fn told<T: DeserializeOwned>(
    messages: &[Message],
    kind: &str,
) -> impl Iterator<Item = T> {
    let knowledge = messages.iter().find_map(|message| match message {
        Message::System { content } => {
            let fence = Fence::Knowledge;
            let (_, rest) = content.split_once(&format!("\n{}\n", fence.begin()))?;
            rest.split_once(&fence.end()).map(|(lines, _)| lines)
        }
        _ => None,
    });
    knowledge
        .unwrap_or_default()
        .lines()
        .filter_map(move |line| {
            let mut line = serde_json::from_str::<Value>(line).ok()?;
            let entry = line.get_mut(kind).map(Value::take)?;
            T::deserialize(entry).ok()
        })
}
