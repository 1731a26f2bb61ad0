//! What a worker that died may not have published, and how its successor publishes it: in the place
//! of the dead one, under the numbers that the events had, so that what had arrived is not shown
//! again. Only then does the successor speak for itself, which shuts the dead one out.

use serde::{Deserialize, Serialize};

use super::answer::Offer;
use super::held::Producer;
use crate::event::AgentEvent;

/// How far a producer's events had been delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The attempt that the producer is.
    pub attempt: u32,
    /// How many of its events are done with: arrived, refused or given up.
    pub settled: u64,
    /// The number of the next one.
    pub(super) next: u64,
    /// What the receiver is known to offer.
    pub(super) offer: Offer,
}

impl Position {
    /// Whether the receiver has said that it takes numbered events.
    pub fn knows_receiver(self) -> bool {
        self.offer.fenced
    }
}

/// The events of one attempt that have to be published in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Backlog {
    /// The attempt.
    pub attempt: u32,
    /// Its events that are not done with, in order.
    pub events: Vec<AgentEvent>,
}

/// What the sender works through: events, and who sends them.
#[derive(Debug)]
pub(super) enum Item {
    Event(AgentEvent),
    /// From here on, the events are another producer's.
    As(Producer),
}

impl Item {
    pub(super) fn is_event(&self) -> bool {
        matches!(self, Self::Event(_))
    }
}

/// The backlogs as items, up to where the producer itself begins. Those of attempts that come later
/// than the position were never sent.
pub(super) fn items(
    position: Option<Position>,
    backlogs: Vec<Backlog>,
    own: &Producer,
) -> Vec<Item> {
    let mut items = Vec::new();
    let mut current = position.map(|position| position.attempt);
    for backlog in backlogs {
        if current != Some(backlog.attempt) {
            items.push(Item::As(own.of_attempt(backlog.attempt)));
            current = Some(backlog.attempt);
        }
        items.extend(backlog.events.into_iter().map(Item::Event));
    }
    if current.is_some_and(|attempt| attempt != own.attempt()) {
        items.push(Item::As(own.clone()));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(attempt: u32) -> Position {
        Position {
            attempt,
            ..Position::default()
        }
    }

    fn backlog(attempt: u32, events: usize) -> Backlog {
        let token = AgentEvent::Token {
            content: attempt.to_string(),
        };
        Backlog {
            attempt,
            events: vec![token; events],
        }
    }

    /// `asN` where attempt N begins, and the attempt of each event.
    fn told(position: Option<Position>, backlogs: Vec<Backlog>) -> Vec<String> {
        items(position, backlogs, &Producer::new("run", 4))
            .into_iter()
            .map(|item| match item {
                Item::As(producer) => format!("as{}", producer.attempt()),
                Item::Event(AgentEvent::Token { content }) => content,
                Item::Event(event) => event.kind().to_owned(),
            })
            .collect()
    }

    #[test]
    fn each_attempt_is_spoken_for_in_its_turn_and_the_successor_speaks_last() {
        assert_eq!(told(None, vec![]), [""; 0]);
        assert_eq!(told(Some(position(4)), vec![]), [""; 0]);
        assert_eq!(told(Some(position(1)), vec![]), ["as4"]);
        assert_eq!(
            told(Some(position(1)), vec![backlog(1, 2), backlog(3, 1)]),
            ["1", "1", "as3", "3", "as4"]
        );
        assert_eq!(
            told(Some(position(1)), vec![backlog(2, 1)]),
            ["as2", "2", "as4"]
        );
    }
}
