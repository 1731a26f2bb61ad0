//! Where a question stands: who watches it, the conversation it belongs to, and what was said there
//! before.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ids::SessionId;
use crate::model::Message;

/// The surroundings of a question; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// The session that its events go to, if somebody watches.
    pub session: Option<SessionId>,
    /// The conversation that it continues, if it was asked in one.
    pub conversation: Option<SessionId>,
    /// What was asked and answered in that conversation before, oldest first.
    pub history: Vec<Exchange>,
}

/// A question that was answered earlier in the same conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The question.
    pub question: String,
    /// The queries that ran for it, in order.
    pub sql_queries: Vec<String>,
    /// The answer.
    pub answer: String,
}

/// How much of a conversation is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLimits {
    /// How many tokens of earlier questions and answers a model is told, estimated; 0 for none, and
    /// then none are kept either.
    pub tokens: usize,
    /// For how long they are kept.
    pub keep: Duration,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self {
            tokens: 4_000,
            keep: Duration::from_hours(30 * 24),
        }
    }
}

/// What a model is told of messages that are older than the question.
pub(super) const GUIDANCE: &str = "The messages before the last question are earlier questions of the \
     same conversation, with the queries that ran for them and the answers. Use them to understand what \
     the last question refers to. Figures may have changed since: query again for every figure that you \
     give.";

/// How many characters of an earlier query or answer a model is told at most.
const MAX_LENGTH: usize = 4_000;

impl Exchange {
    /// How many tokens a model reads for it, estimated.
    pub fn tokens(&self) -> usize {
        self.messages().iter().map(Message::tokens).sum()
    }

    /// The exchange as a model reads it. The tools that ran are not told: their results are gone.
    pub(super) fn messages(&self) -> [Message; 2] {
        let mut queries = String::new();
        for sql in &self.sql_queries {
            queries += "Query: ";
            queries += &cut(sql);
            queries.push('\n');
        }
        [
            Message::User {
                content: cut(&self.question),
            },
            Message::Assistant {
                content: format!("{queries}<answer>{}</answer>", cut(&self.answer)),
                tool_calls: Vec::new(),
                echo: serde_json::Map::new(),
            },
        ]
    }
}

/// The newest of these that a model can be told within so many tokens, in the same order.
pub fn newest_within(exchanges: Vec<Exchange>, tokens: usize) -> Vec<Exchange> {
    let mut left = tokens;
    let fitting = exchanges.iter().rev().take_while(|exchange| {
        let cost = exchange.tokens();
        let fits = cost <= left;
        left = left.saturating_sub(cost);
        fits
    });
    let skipped = exchanges.len() - fitting.count();
    exchanges.into_iter().skip(skipped).collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_LENGTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(question: &str, answer: &str) -> Exchange {
        Exchange {
            question: question.to_owned(),
            sql_queries: vec!["SELECT 1".to_owned()],
            answer: answer.to_owned(),
        }
    }

    #[test]
    fn the_newest_exchanges_are_told_as_far_as_they_fit() {
        let all = vec![
            exchange("one", "1"),
            exchange("two", &"2".repeat(3_000)),
            exchange("three", "3"),
        ];
        assert_eq!(newest_within(all.clone(), 10_000), all);
        assert_eq!(newest_within(all.clone(), 500), all[2..]);
        assert!(newest_within(all, 0).is_empty());
    }

    #[test]
    fn an_exchange_is_a_question_and_an_answer_with_its_queries() {
        let [question, answer] = exchange("How many?", &"é".repeat(9_000)).messages();
        assert_eq!(
            question,
            Message::User {
                content: "How many?".to_owned()
            }
        );
        let Message::Assistant { content, .. } = answer else {
            panic!("{answer:?}")
        };
        assert!(content.starts_with("Query: SELECT 1\n<answer>éé"));
        assert!(content.ends_with("é…</answer>"));
        assert!(content.chars().count() < MAX_LENGTH + 100);
    }
}
