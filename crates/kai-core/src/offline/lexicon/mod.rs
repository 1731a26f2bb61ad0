//! The bilingual lexicon: which English and Indonesian words mean the same thing of business.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::text::{Word, split_identifier};
use crate::language::Language;

mod abbreviations;
mod business;
mod fields;
mod finance;
mod living;
mod measures;
mod nouns;
mod public;
mod qualities;
mod values;

/// A meaning that words of both languages share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Concept(usize);

/// What kind of word names a concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// A thing that can be counted.
    Thing,
    /// Something that is summed rather than counted: savings, revenue.
    Mass,
    /// What many things have, so that it names little by itself: name, date, amount.
    Common,
    /// A word that only narrows another: initial, annual.
    Modifier,
    /// What a number is counted in: kilogram, hour.
    Unit,
}

/// A concept with its English and its Indonesian forms, the one to show first.
type Entry = (Nature, &'static str, &'static str);

fn all_entries() -> impl Iterator<Item = &'static Entry> {
    [
        nouns::ENTRIES,
        fields::ENTRIES,
        qualities::ENTRIES,
        measures::ENTRIES,
        business::ENTRIES,
        finance::ENTRIES,
        living::ENTRIES,
        public::ENTRIES,
        values::ENTRIES,
    ]
    .into_iter()
    .flatten()
}

/// The concepts and their forms.
pub(super) struct Lexicon {
    entries: Vec<Entry>,
    /// By the first word of the form: the form's words, and the concept.
    forms: BTreeMap<String, Vec<(Vec<Word>, Concept)>>,
    /// What each form means first, as it is written here.
    named: HashMap<&'static str, Concept>,
}

/// The only lexicon: it depends on nothing but this file's neighbours.
pub(super) fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);
    &LEXICON
}

impl Lexicon {
    fn new() -> Self {
        let entries: Vec<Entry> = all_entries().copied().collect();
        let mut forms: BTreeMap<String, Vec<(Vec<Word>, Concept)>> = BTreeMap::new();
        for (at, (_, english, indonesian)) in entries.iter().enumerate() {
            for form in english.split('|').chain(indonesian.split('|')) {
                let words: Vec<Word> = form.split_whitespace().map(Word::new).collect();
                if let Some(first) = words.first() {
                    forms
                        .entry(first.norm.clone())
                        .or_default()
                        .push((words, Concept(at)));
                }
            }
        }
        let mut lexicon = Self {
            entries,
            forms,
            named: HashMap::new(),
        };
        let all = all_entries()
            .flat_map(|(_, english, indonesian)| english.split('|').chain(indonesian.split('|')));
        let named = all.filter_map(|form| Some((form, lexicon.meaning(form)?)));
        lexicon.named = named.collect();
        lexicon
    }

    /// The forms that begin the words: how many words each takes, and what it means.
    pub(super) fn forms_at(&self, words: &[&Word]) -> Vec<(usize, Concept)> {
        let Some(first) = words.first() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for key in &first.keys {
            for (form, concept) in self.forms.get(key).into_iter().flatten() {
                let same = form.len() <= words.len()
                    && form
                        .iter()
                        .zip(words)
                        .skip(1)
                        .all(|(a, b)| b.keys.contains(&a.norm));
                if same && !found.contains(&(form.len(), *concept)) {
                    found.push((form.len(), *concept));
                }
            }
        }
        found
    }

    /// The concept that a form names; the form is one of the lexicon's own.
    pub(super) fn concept(&self, form: &str) -> Option<Concept> {
        let named = self.named.get(form).copied();
        named.or_else(|| self.meaning(form))
    }

    fn meaning(&self, form: &str) -> Option<Concept> {
        let words: Vec<Word> = form.split_whitespace().map(Word::new).collect();
        let words: Vec<&Word> = words.iter().collect();
        self.forms_at(&words)
            .into_iter()
            .find(|(length, _)| *length == words.len())
            .map(|(_, c)| c)
    }

    /// Whether a word is a form by itself.
    fn knows_alone(&self, word: &Word) -> bool {
        self.forms_at(&[word])
            .iter()
            .any(|(length, _)| *length == 1)
    }

    /// What a number in this unit tells: that of kilograms is a weight.
    pub(super) fn qualities(&self, unit: Concept) -> Vec<Concept> {
        if self.nature(unit) != Some(Nature::Unit) {
            return Vec::new();
        }
        let name = self.display(unit, Language::English);
        let known = measures::QUALITIES
            .iter()
            .find(|(form, _)| Some(*form) == name);
        let forms = known.map_or::<&[&str], _>(&[], |(_, forms)| forms);
        forms.iter().filter_map(|form| self.concept(form)).collect()
    }

    /// Whether a word is part of any form, so that it is no slip of another word.
    pub(super) fn knows(&self, word: &Word) -> bool {
        !self.forms_at(&[word]).is_empty()
    }

    /// The words that are forms by themselves, each once.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.forms
            .iter()
            .filter(|(_, forms)| forms.iter().any(|(words, _)| words.len() == 1))
            .map(|(word, _)| word.as_str())
    }

    /// How a concept is called.
    pub(super) fn display(&self, concept: Concept, language: Language) -> Option<&'static str> {
        let (_, english, indonesian) = self.entries.get(concept.0)?;
        let forms = match language {
            Language::English => english,
            Language::Indonesian => indonesian,
        };
        forms.split('|').next().filter(|form| !form.is_empty())
    }

    /// The language that a unit is written in, as far as the lexicon knows it in one only.
    pub(super) fn language_of(&self, unit: &Unit) -> Option<Language> {
        let forms = |concept: &Concept| self.entries.get(concept.0);
        let among = |list: &str| {
            list.split('|')
                .any(|form| unit.word.keys.iter().any(|key| key == form))
        };
        let (english, indonesian) = unit
            .concepts
            .iter()
            .filter_map(forms)
            .fold((false, false), |(e, i), entry| {
                (e || among(entry.1), i || among(entry.2))
            });
        match (english, indonesian) {
            (true, false) => Some(Language::English),
            (false, true) => Some(Language::Indonesian),
            _ => None,
        }
    }

    /// How much a concept says of a name that it is a part of, in thousandths.
    pub(super) fn weight(&self, concept: Concept) -> u32 {
        match self.nature(concept) {
            Some(Nature::Common) => 300,
            Some(Nature::Modifier) => 400,
            Some(Nature::Unit) => 20,
            _ => 1000,
        }
    }

    /// Whether a concept is summed rather than counted.
    pub(super) fn is_mass(&self, concept: Concept) -> bool {
        self.nature(concept) == Some(Nature::Mass)
    }

    fn nature(&self, concept: Concept) -> Option<Nature> {
        self.entries.get(concept.0).map(|entry| entry.0)
    }
}

/// A part of a name or of a question that has one meaning: a word, or several that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// The word; of several, all of them with spaces.
    pub(super) word: Word,
    /// What it may mean.
    pub(super) concepts: Vec<Concept>,
}

impl Unit {
    /// How well two units mean the same, in thousandths; `None` when they do not.
    pub(super) fn likeness(&self, other: &Self) -> Option<u32> {
        if self.word.same(&other.word) || self.concepts.iter().any(|c| other.concepts.contains(c)) {
            return Some(1000);
        }
        let roots = self.word.root.len() >= 4 && self.word.root == other.word.root;
        let short =
            |a: &Self, b: &Self| a.concepts.is_empty() && abbreviates(&a.word.norm, &b.word.norm);
        (roots || short(self, other) || short(other, self)).then_some(850)
    }
}

/// Whether a name of few letters is a word cut short: `gol` for "golongan", `trx` for "transaksi".
fn abbreviates(short: &str, long: &str) -> bool {
    let letters = short.chars().count();
    if !(3..=4).contains(&letters) || long.chars().count() < letters + 3 {
        return false;
    }
    let vowels = short.contains(['a', 'e', 'i', 'o', 'u']);
    if vowels || short.chars().any(|c| !c.is_ascii_lowercase()) {
        return letters == 3 && long.starts_with(short);
    }
    let mut rest = long.chars();
    short.chars().next() == long.chars().next()
        && short.chars().all(|c| rest.any(|other| other == c))
}

/// All units that begin at a word: how many words each takes, longest first. The last one is the
/// word by itself, with every meaning it has alone.
pub(super) fn units_at(words: &[&Word]) -> Vec<(usize, Unit)> {
    let Some(first) = words.first() else {
        return Vec::new();
    };
    let mut found = lexicon().forms_at(words);
    found.sort_by_key(|(length, concept)| (std::cmp::Reverse(*length), *concept));
    let mut units: Vec<(usize, Unit)> = Vec::new();
    for (length, concept) in found {
        if let Some((_, unit)) = units.iter_mut().find(|(known, _)| *known == length) {
            unit.concepts.push(concept);
        } else {
            let text: Vec<&str> = words.iter().take(length).map(|w| w.norm.as_str()).collect();
            let word = if length == 1 {
                (*first).clone()
            } else {
                Word::new(&text.join(" "))
            };
            units.push((
                length,
                Unit {
                    word,
                    concepts: vec![concept],
                },
            ));
        }
    }
    if units.last().is_none_or(|(length, _)| *length > 1) {
        units.push((
            1,
            Unit {
                word: (*first).clone(),
                concepts: abbreviations::meanings(first),
            },
        ));
    }
    units
}

/// The units of a text, the longest at each place.
pub(super) fn units(words: &[Word]) -> Vec<Unit> {
    let words: Vec<&Word> = words.iter().collect();
    let mut units = Vec::new();
    let mut at = 0;
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        let Some((length, unit)) = units_at(rest).into_iter().next() else {
            break;
        };
        units.push(unit);
        at += length;
    }
    units
}

/// The units of an identifier: its parts, read in full where they are cut short or run together.
pub(super) fn name_units(name: &str) -> Vec<Unit> {
    let mut parts: Vec<Word> = Vec::new();
    for part in split_identifier(name) {
        match abbreviations::unglued(&part) {
            Some((left, right)) => parts.extend([left, right]),
            None => parts.push(part),
        }
    }
    // Parts that mean something together are not read one by one: `no_hp`.
    let plain = units(&parts);
    if plain.len() < parts.len() {
        return plain;
    }
    let mut words: Vec<Word> = Vec::new();
    let mut others: Vec<(usize, Vec<Word>)> = Vec::new();
    for part in parts {
        let mut meanings = abbreviations::expanded(&part).into_iter();
        let first = meanings.next().unwrap_or_else(|| vec![part]);
        others.extend(meanings.map(|other| (words.len(), other)));
        words.extend(first);
    }
    let mut read = units(&words);
    if read.len() == words.len() {
        // Each word is a unit of its own, so that a second meaning has its place.
        for (at, other) in others {
            let refs: Vec<&Word> = other.iter().collect();
            if let (Some(unit), Some((_, meant))) =
                (read.get_mut(at), units_at(&refs).into_iter().next())
            {
                unit.concepts.extend(meant.concepts);
            }
        }
    }
    read
}

/// The words of an identifier as units, whatever they mean together.
pub(super) fn single_units(name: &str) -> Vec<Unit> {
    split_identifier(name)
        .iter()
        .filter_map(|word| units_at(&[word]).pop().map(|(_, unit)| unit))
        .collect()
}

/// Whether one of the units has the meaning that the lexicon gives to `form`.
pub(super) fn means(units: &[Unit], form: &str) -> bool {
    lexicon()
        .concept(form)
        .is_some_and(|c| units.iter().any(|unit| unit.concepts.contains(&c)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn both_languages_meet_in_one_concept() {
        for (english, indonesian) in [
            ("initial capital", "modal_awal"),
            ("gender", "jenis_kelamin"),
            ("date of birth", "tanggal_lahir"),
            ("customers", "Pelanggan"),
            ("founded", "didirikan"),
        ] {
            let (a, b) = (name_units(english), name_units(indonesian));
            assert_eq!(a.len(), b.len(), "{english}");
            let alike = a
                .iter()
                .all(|a| b.iter().any(|b| a.likeness(b) == Some(1000)));
            assert!(alike, "{english} {indonesian}");
        }
    }

    #[test]
    fn the_longest_form_wins() {
        let units = name_units("jenis_kelamin");
        assert_eq!(units.len(), 1);
        assert!(means(&units, "gender"));
        assert!(!means(&units, "type"));
    }

    #[test]
    fn every_form_is_written_in_its_folded_shape() {
        for (_, english, indonesian) in all_entries() {
            for form in english.split('|').chain(indonesian.split('|')) {
                assert_eq!(super::super::text::fold(form), form);
            }
        }
    }
}
