//! Glossary terms as synonyms: a word that the operator has explained by a few others is read as those.

use std::borrow::Cow;

use serde::Deserialize;

use super::text::fold;
use super::told::told;
use crate::model::Message;

/// A definition of more words explains, and cannot stand in the place of the term.
const MAX_WORDS: usize = 4;

#[derive(Deserialize)]
struct Entry {
    term: String,
    #[serde(default)]
    definition: String,
    #[serde(default)]
    alias: Vec<String>,
}

/// The messages with the question in the words of the definitions, where there is a glossary.
pub(super) fn applied(messages: &[Message]) -> Cow<'_, [Message]> {
    let synonyms = synonyms(messages);
    let question = messages
        .iter()
        .rposition(|message| matches!(message, Message::User { .. }));
    let Some(Message::User { content }) = question.and_then(|place| messages.get(place)) else {
        return Cow::Borrowed(messages);
    };
    let rewritten = rewrite(content, &synonyms);
    if rewritten == *content {
        return Cow::Borrowed(messages);
    }
    let mut messages = messages.to_vec();
    if let Some(message) = question.and_then(|place| messages.get_mut(place)) {
        *message = Message::User { content: rewritten };
    }
    Cow::Owned(messages)
}

/// Pairs of words in lower case and what stands in their place, longest first.
fn synonyms(messages: &[Message]) -> Vec<(Vec<String>, String)> {
    let mut synonyms = Vec::new();
    for entry in told::<Entry>(messages, "glossary") {
        let definition = entry.definition.trim().trim_end_matches('.');
        let short = (1..=MAX_WORDS).contains(&definition.split_whitespace().count());
        let meaning = if short {
            definition
        } else {
            entry.term.as_str()
        };
        for name in std::iter::once(&entry.term).chain(&entry.alias) {
            let words: Vec<String> = name.split_whitespace().map(fold).collect();
            if !words.is_empty() && fold(name) != fold(meaning) {
                synonyms.push((words, meaning.to_owned()));
            }
        }
    }
    synonyms.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    synonyms
}

/// The question with the synonyms in their places. Punctuation around a word stays.
fn rewrite(question: &str, synonyms: &[(Vec<String>, String)]) -> String {
    if synonyms.is_empty() {
        return question.to_owned();
    }
    let words: Vec<&str> = question.split_whitespace().collect();
    let bare: Vec<&str> = words.iter().map(|word| trimmed(word)).collect();
    let folded: Vec<String> = bare.iter().map(|word| fold(word)).collect();
    let mut read: Vec<String> = Vec::new();
    let mut place = 0;
    while let Some(word) = words.get(place) {
        let found = synonyms.iter().find(|(name, _)| {
            folded
                .get(place..place + name.len())
                .is_some_and(|here| here == name.as_slice())
        });
        let Some((name, meaning)) = found else {
            read.push((*word).to_owned());
            place += 1;
            continue;
        };
        place += name.len();
        let last = place.saturating_sub(1);
        let before = bare
            .get(place - name.len())
            .and_then(|bare| word.find(bare))
            .and_then(|start| word.get(..start))
            .unwrap_or_default();
        let after = words
            .get(last)
            .zip(bare.get(last))
            .and_then(|(word, bare)| word.get(word.find(bare)? + bare.len()..))
            .unwrap_or_default();
        read.push(format!("{before}{meaning}{after}"));
    }
    if read == words {
        return question.to_owned();
    }
    read.join(" ")
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Briefing, Knowledge, Term};

    fn question(text: &str) -> String {
        let term = |term: &str, definition: &str, alias: &[&str]| Term {
            id: term.to_owned(),
            term: term.to_owned(),
            definition: definition.to_owned(),
            alias: alias.iter().map(|alias| (*alias).to_owned()).collect(),
            sql: String::new(),
        };
        let knowledge = Knowledge {
            glossary: vec![
                term("KUD", "koperasi", &["unit desa"]),
                term(
                    "modal",
                    "everything the members have paid in so far",
                    &["setoran"],
                ),
            ],
            ..Knowledge::default()
        };
        let briefing = Briefing::new(&knowledge, text);
        let messages = [
            Message::System {
                content: format!("You answer.\n{}", briefing.text()),
            },
            Message::User {
                content: text.to_owned(),
            },
        ];
        match applied(&messages).last() {
            Some(Message::User { content }) => content.clone(),
            _ => String::new(),
        }
    }

    #[test]
    fn a_term_is_read_as_its_short_definition() {
        assert_eq!(question("Ada berapa kud?"), "Ada berapa koperasi?");
        assert_eq!(question("(Unit Desa) di Bali"), "(koperasi) di Bali");
        assert_eq!(question("total setoran, semua"), "total modal, semua");
        assert_eq!(question("total  modal"), "total  modal");
    }
}
