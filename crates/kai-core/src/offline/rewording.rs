//! Rewording: the same question in commoner words, tried where its own words lead nowhere.

use super::cue::{Cue, cue_at};
use super::quantity::quantity_at;
use super::text::Word;
use super::token::{Token, TokenKind, tokenise};
use crate::language::Language;

/// What is said, and the commoner words for it; none where it says nothing.
const COMMONER: &[(&str, &str)] = &[
    // Verbs of two words.
    ("turned down", "rejected"),
    ("sent back", "returned"),
    ("brought back", "returned"),
    ("given back", "returned"),
    ("gave back", "returned"),
    ("send back", "return"),
    ("called off", "cancelled"),
    ("put off", "postponed"),
    ("carried out", "performed"),
    ("paid off", "repaid"),
    ("paid back", "repaid"),
    ("set up", "founded"),
    ("taken on", "hired"),
    ("took on", "hired"),
    ("let go", "dismissed"),
    ("laid off", "dismissed"),
    ("handed in", "submitted"),
    ("turned in", "submitted"),
    ("sent in", "submitted"),
    ("signed up", "registered"),
    ("sign up", "register"),
    ("runs out", "expires"),
    ("run out", "expire"),
    ("ran out", "expired"),
    ("broke down", "failed"),
    ("broken down", "failed"),
    ("brought in", "earned"),
    ("picked up", "collected"),
    ("passed away", "died"),
    ("shut down", "closed"),
    ("closed down", "closed"),
    ("started up", "started"),
    ("kicked off", "started"),
    ("wrapped up", "finished"),
    ("put into service", "commissioned"),
    ("put into operation", "commissioned"),
    ("went live", "started"),
    ("thrown away", "discarded"),
    ("handed out", "distributed"),
    ("given out", "distributed"),
    ("looked into", "investigated"),
    ("dealt with", "handled"),
    // Colloquial words for what is counted or paid.
    ("headcount", "number of employees"),
    ("head count", "number of employees"),
    ("how much money", "how much"),
    ("how much cash", "how much"),
    ("in money terms", ""),
    ("in terms of money", ""),
    ("the most money", "the highest total amount"),
    ("the least money", "the lowest total amount"),
    ("berapa banyak uang", "berapa total"),
    ("berapa uang", "berapa"),
    ("uang berapa", "berapa"),
    ("uang", ""),
    ("how much do we charge for", "what is the price of"),
    ("what do we charge for", "what is the price of"),
    ("how much do they charge for", "what is the price of"),
    ("what is the going rate for", "what is the price of"),
    // Numbers and how often.
    ("zero", "0"),
    ("nol", "0"),
    ("more than once", "at least 2 times"),
    ("lebih dari sekali", "minimal 2 kali"),
    ("lebih dari satu kali", "minimal 2 kali"),
    ("at least once", ""),
    ("minimal sekali", ""),
    ("setidaknya sekali", ""),
    ("exactly once", "exactly 1 time"),
    ("only once", "exactly 1 time"),
    ("just once", "exactly 1 time"),
    ("tepat sekali", "tepat 1 kali"),
    ("hanya sekali", "tepat 1 kali"),
    ("cuma sekali", "tepat 1 kali"),
    ("sold out", "with stock equal to 0"),
    ("out of stock", "with stock equal to 0"),
    ("stoknya habis", "dengan stok sama dengan 0"),
    ("stok habis", "dengan stok sama dengan 0"),
    ("kehabisan stok", "dengan stok sama dengan 0"),
    // Times.
    ("on which day", "when"),
    ("on which date", "when"),
    ("on what day", "when"),
    ("on what date", "when"),
    ("since when", "when"),
    ("from when", "when"),
    ("pada tanggal berapa", "kapan"),
    ("tanggal berapa", "kapan"),
    ("pada hari apa", "kapan"),
    ("sejak kapan", "kapan"),
    ("mulai kapan", "kapan"),
    ("in chronological order", "earliest first"),
    ("chronologically", "earliest first"),
    ("in date order", "earliest first"),
    ("in order of date", "earliest first"),
    ("secara kronologis", "dari yang paling awal"),
    ("urut kronologis", "dari yang paling awal"),
    ("urut waktu", "dari yang paling awal"),
    ("urut tanggal", "dari yang paling awal"),
    ("menurut urutan waktu", "dari yang paling awal"),
    // What stands in a crowd of others.
    ("di antara para", "dari"),
    ("di antara", "dari"),
    ("diantara", "dari"),
    // What sells.
    ("best selling", "most sold"),
    ("top selling", "most sold"),
    ("worst selling", "least sold"),
    ("terlaris", "paling banyak terjual"),
    ("paling laris", "paling banyak terjual"),
    ("paling laku", "paling banyak terjual"),
    ("laku", "terjual"),
    ("telat", "terlambat"),
];

/// Participles without "ed" that "un" may stand before.
const IRREGULAR: &[&str] = &[
    "paid", "sold", "sent", "built", "read", "seen", "met", "kept", "spent", "won", "held",
    "taken", "given", "written",
];

/// The question in commoner words, if any of its words has some.
pub(super) fn reworded(tokens: &[Token]) -> Option<Vec<Token>> {
    let mut words: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut changed = false;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some((length, commoner)) = commoner_at(tokens, at) {
            words.extend(tokenise(commoner));
            changed = true;
            at += length;
            continue;
        }
        if let Some(participle) = undone(token) {
            words.extend(tokenise("not"));
            words.extend(tokenise(participle));
            changed = true;
        } else if counts_times(tokens, at) {
            changed = true;
        } else {
            words.push(token.clone());
        }
        at += 1;
    }
    changed.then_some(words)
}

/// The longest words from a place on that have commoner ones, and how many they are.
fn commoner_at(tokens: &[Token], at: usize) -> Option<(usize, &'static str)> {
    let said = |phrase: &str| {
        let words = phrase.split(' ');
        let length = words.clone().count();
        let own = tokens.get(at..at + length)?;
        let same = own.iter().zip(words).all(|(token, word)| {
            token.kind == TokenKind::Word && token.word.keys.iter().any(|key| key == word)
        });
        same.then_some(length)
    };
    let found = COMMONER
        .iter()
        .filter_map(|(phrase, commoner)| Some((said(phrase)?, *commoner)));
    found.max_by_key(|(length, _)| *length)
}

/// What "unpaid" denies.
fn undone(token: &Token) -> Option<&str> {
    let rest = token.word.norm.strip_prefix("un")?;
    let participle = (rest.len() >= 5 && rest.ends_with("ed")) || IRREGULAR.contains(&rest);
    (token.kind == TokenKind::Word && participle).then_some(rest)
}

/// Whether a word is the "times" of "three times", where it multiplies nothing.
fn counts_times(tokens: &[Token], at: usize) -> bool {
    let is_times = |token: &Token| ["times", "time", "kali"].contains(&token.word.norm.as_str());
    let numbered = at.checked_sub(1).is_some_and(|before| {
        quantity_at(tokens, before, Language::English)
            .or_else(|| quantity_at(tokens, before, Language::Indonesian))
            .is_some()
    });
    // "three times the average" is a product.
    let behind: Vec<&Word> = tokens
        .iter()
        .skip(at + 1)
        .map(|token| &token.word)
        .collect();
    let ends = behind.is_empty()
        || matches!(
            cue_at(&behind),
            Some((
                _,
                Cue::And | Cue::Or | Cue::At | Cue::Have | Cue::CompareBefore(_) | Cue::Show
            ))
        );
    tokens.get(at).is_some_and(is_times) && numbered && ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str) -> Option<String> {
        let words = reworded(&tokenise(question))?;
        let words: Vec<String> = words.into_iter().map(|token| token.text).collect();
        Some(words.join(" "))
    }

    #[test]
    fn rare_words_are_put_in_commoner_ones() {
        for (rare, commoner) in [
            ("claims that were turned down", "claims that were rejected"),
            ("unpaid invoices", "not paid invoices"),
            ("uncle", ""),
            ("how much money was paid", "how much was paid"),
            ("Sejak kapan Budi bekerja", "kapan Budi bekerja"),
            ("keluhan minimal tiga kali", "keluhan minimal tiga"),
            ("three times the average", ""),
            ("tiga kali lipat", ""),
            ("lebih dari dua kali biayanya", ""),
            ("produk terlaris", "produk paling banyak terjual"),
        ] {
            let expected = (!commoner.is_empty()).then(|| commoner.to_owned());
            assert_eq!(read(rare), expected, "{rare}");
        }
    }
}
