//! The value index: in which column a word of the question stands as a value, or as a part of one.
//!
//! All texts lie in two long strings, and everything else is a position in them, so that a million
//! values take little room. Words are found by binary search under each of their forms, and whole
//! values of several words under all of them together; what a value means in the other language is
//! found under its concepts.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{ColumnId, Name, TableId};
use crate::offline::lexicon::{Concept, Unit, lexicon, units};
use crate::offline::text::{Word, words};

/// How many values a word is looked up for: one that so many have tells none of them.
const MOST: usize = 2_000;

/// Up to how many words of a value are found together.
pub(in crate::offline) const LONGEST: usize = 8;

/// A value of a column.
#[derive(Debug, Clone)]
pub(in crate::offline) struct ValueInfo {
    /// As it stands in the database.
    pub(in crate::offline) text: String,
    /// Its words.
    pub(in crate::offline) words: Vec<Word>,
    /// Its units of meaning.
    pub(in crate::offline) units: Vec<Unit>,
}

impl ValueInfo {
    /// A value of a column. The letters of a column about gender are read as what they stand for.
    fn of(text: &str, column: &Name) -> Self {
        let words = words(text);
        let units = units(&words);
        let mut value = Self {
            text: text.to_owned(),
            words,
            units,
        };
        let meaning = match text.to_ascii_lowercase().as_str() {
            "m" | "l" => "male",
            "f" | "p" | "w" => "female",
            _ => return value,
        };
        if column.means("gender")
            && let (Some(unit), Some(concept)) =
                (value.units.first_mut(), lexicon().concept(meaning))
        {
            unit.concepts = vec![concept];
        }
        value
    }
}

/// A word in the index: where it stands in the text, and where its values begin.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    length: u16,
    values: u32,
}

/// The values of columns.
#[derive(Debug, Default)]
pub(in crate::offline) struct ValueIndex {
    /// The values, one behind the other, and where each ends.
    texts: String,
    ends: Vec<u32>,
    /// The columns in their order, with the values that are theirs.
    columns: Vec<(ColumnId, Range<u32>)>,
    /// The forms of all words.
    forms: String,
    /// The forms, each once, in the order of their letters.
    entries: Vec<Entry>,
    /// The values of each entry.
    postings: Vec<u32>,
    meanings: BTreeMap<Concept, Vec<u32>>,
}

impl ValueIndex {
    /// An index of values of one column that has no name: for measuring.
    pub(in crate::offline) fn of_one_column<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let column = ColumnId {
            table: TableId(0),
            position: 0,
        };
        let name = Name::default();
        Self::new(std::iter::once((column, &name, values.collect())))
    }

    /// Reads the values of columns. The same values give the same index.
    pub(super) fn new<'a>(
        columns: impl Iterator<Item = (ColumnId, &'a Name, Vec<&'a str>)>,
    ) -> Self {
        let mut index = Self::default();
        let mut found: Vec<(u32, u16, u32)> = Vec::new();
        for (column, name, values) in columns {
            let first = count(index.ends.len());
            for text in values {
                let id = count(index.ends.len());
                index.texts.push_str(text);
                index.ends.push(count(index.texts.len()));
                index.add(id, &ValueInfo::of(text, name), &mut found);
            }
            let last = count(index.ends.len());
            if last > first {
                index.columns.push((column, first..last));
            }
        }
        let forms = index.forms.as_str();
        let form = |at: &(u32, u16, u32)| slice(forms, at.0, at.1);
        found.sort_unstable_by(|a, b| form(a).cmp(form(b)).then(a.2.cmp(&b.2)));
        found.dedup_by(|a, b| a.2 == b.2 && form(a) == form(b));
        index.postings.reserve_exact(found.len());
        for (at, one) in found.iter().enumerate() {
            let new = at
                .checked_sub(1)
                .and_then(|before| found.get(before))
                .is_none_or(|before| form(before) != form(one));
            if new {
                index.entries.push(Entry {
                    start: one.0,
                    length: one.1,
                    values: count(at),
                });
            }
            index.postings.push(one.2);
        }
        index.entries.shrink_to_fit();
        index
    }

    fn add(&mut self, id: u32, value: &ValueInfo, found: &mut Vec<(u32, u16, u32)>) {
        let mut form = |text: &str| {
            let start = count(self.forms.len());
            if let Ok(length) = u16::try_from(text.len()) {
                self.forms.push_str(text);
                found.push((start, length, id));
            }
        };
        for word in value.words.iter().take(LONGEST) {
            word.keys.iter().for_each(|key| form(key));
        }
        if value.words.len() > 1 {
            form(&joined(&value.words));
        }
        let understood = value.units.iter().all(|unit| !unit.concepts.is_empty());
        if understood {
            for concept in value.units.iter().flat_map(|unit| &unit.concepts) {
                let known = self.meanings.entry(*concept).or_default();
                if known.last() != Some(&id) {
                    known.push(id);
                }
            }
        }
    }

    /// The values that have a word in this form, or all of these words and no other.
    pub(in crate::offline) fn with(&self, form: &str) -> &[u32] {
        let place = self
            .entries
            .binary_search_by(|entry| self.form(entry).cmp(form));
        let Ok(at) = place else {
            return &[];
        };
        let position = |at: usize| self.entries.get(at).map(|entry| entry.values as usize);
        let from = position(at).unwrap_or_default();
        let until = position(at + 1).unwrap_or(self.postings.len());
        self.postings
            .get(from..until.min(from + MOST))
            .unwrap_or_default()
    }

    /// The values that may mean this.
    pub(super) fn meaning(&self, concept: Concept) -> &[u32] {
        let known = self.meanings.get(&concept).map(Vec::as_slice);
        let known = known.unwrap_or_default();
        known.get(..known.len().min(MOST)).unwrap_or_default()
    }

    /// A value and its column.
    pub(in crate::offline) fn value(&self, id: u32) -> Option<(ColumnId, &str)> {
        let at = self.columns.partition_point(|(_, range)| range.end <= id);
        let (column, _) = self.columns.get(at)?;
        Some((*column, self.text(id)?))
    }

    /// The values of a column.
    pub(super) fn of(&self, column: ColumnId) -> impl Iterator<Item = &str> {
        let at = self.columns.binary_search_by_key(&column, |(id, _)| *id);
        let range = at
            .ok()
            .and_then(|at| self.columns.get(at))
            .map(|(_, range)| range.clone());
        range.into_iter().flatten().filter_map(|id| self.text(id))
    }

    /// The forms that begin with a letter.
    pub(super) fn forms_from(&self, letter: char) -> impl Iterator<Item = &str> {
        let begin = letter.to_string();
        let from = self
            .entries
            .partition_point(|entry| self.form(entry) < begin.as_str());
        let rest = self.entries.get(from..).unwrap_or_default();
        rest.iter()
            .map(|entry| self.form(entry))
            .take_while(move |form| form.starts_with(letter))
    }

    /// How many bytes it takes, beside those of the few meanings.
    pub(in crate::offline) fn bytes(&self) -> usize {
        self.texts.capacity()
            + self.forms.capacity()
            + self.ends.capacity() * size_of::<u32>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.postings.capacity() * size_of::<u32>()
    }

    fn text(&self, id: u32) -> Option<&str> {
        let at = id as usize;
        let end = *self.ends.get(at)? as usize;
        let before = at.checked_sub(1).and_then(|at| self.ends.get(at));
        self.texts.get(before.map_or(0, |end| *end as usize)..end)
    }

    fn form(&self, entry: &Entry) -> &str {
        slice(&self.forms, entry.start, entry.length)
    }
}

/// The values of the catalogue, and behind them those that were learnt for one question.
#[derive(Debug, Clone, Copy)]
pub(in crate::offline) struct Values<'a> {
    known: &'a ValueIndex,
    learned: &'a ValueIndex,
    /// Where the numbers of the learnt ones begin.
    first: u32,
}

impl<'a> Values<'a> {
    pub(super) fn new(known: &'a ValueIndex, learned: &'a ValueIndex) -> Self {
        Self {
            known,
            learned,
            first: count(known.ends.len()),
        }
    }

    /// The values that have a word in this form, or all of these words and no other.
    pub(in crate::offline) fn with(self, form: &str) -> impl Iterator<Item = u32> + use<'a> {
        self.both(self.known.with(form), self.learned.with(form))
    }

    /// The values that may mean this.
    pub(in crate::offline) fn meaning(
        self,
        concept: Concept,
    ) -> impl Iterator<Item = u32> + use<'a> {
        self.both(self.known.meaning(concept), self.learned.meaning(concept))
    }

    fn both(self, known: &'a [u32], learned: &'a [u32]) -> impl Iterator<Item = u32> + use<'a> {
        let learned = learned.iter().map(move |id| id + self.first);
        known.iter().copied().chain(learned)
    }

    /// A value and its column.
    pub(in crate::offline) fn value(self, id: u32) -> Option<(ColumnId, &'a str)> {
        match id.checked_sub(self.first) {
            Some(id) => self.learned.value(id),
            None => self.known.value(id),
        }
    }

    /// The values of a column.
    pub(in crate::offline) fn of(self, column: ColumnId) -> impl Iterator<Item = &'a str> {
        self.known.of(column).chain(self.learned.of(column))
    }

    /// The forms that begin with a letter.
    pub(in crate::offline) fn forms_from(self, letter: char) -> impl Iterator<Item = &'a str> {
        let learned = self.learned.forms_from(letter);
        self.known.forms_from(letter).chain(learned)
    }
}

/// A value with its words, read again from its text.
pub(super) fn info(text: &str, column: &Name) -> ValueInfo {
    ValueInfo::of(text, column)
}

/// The words of a value as one form.
pub(in crate::offline) fn joined(words: &[Word]) -> String {
    let norms: Vec<&str> = words.iter().map(|word| word.norm.as_str()).collect();
    norms.join(" ")
}

fn slice(text: &str, start: u32, length: u16) -> &str {
    let start = start as usize;
    text.get(start..start + usize::from(length))
        .unwrap_or_default()
}

/// A position; texts of more than four gigabytes are cut off there.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(values: &[(usize, &[&str])]) -> ValueIndex {
        let name = Name::default();
        let columns = values.iter().map(|(position, texts)| {
            let column = ColumnId {
                table: TableId(0),
                position: *position,
            };
            (column, &name, texts.to_vec())
        });
        ValueIndex::new(columns)
    }

    fn found(index: &ValueIndex, form: &str) -> Vec<(usize, String)> {
        let ids = index.with(form).iter();
        ids.filter_map(|id| index.value(*id))
            .map(|(column, text)| (column.position, text.to_owned()))
            .collect()
    }

    fn at(column: usize, text: &str) -> (usize, String) {
        (column, text.to_owned())
    }

    #[test]
    fn values_are_found_by_their_words_whatever_their_case_and_accents() {
        let index = index(&[(0, &["São Tomé", "Oslo"]), (3, &["Oslo", "Boxes"])]);
        assert_eq!(found(&index, "sao tome"), [at(0, "São Tomé")]);
        assert_eq!(found(&index, "tome"), [at(0, "São Tomé")]);
        assert_eq!(found(&index, "oslo"), [at(0, "Oslo"), at(3, "Oslo")]);
        assert_eq!(found(&index, "box"), [at(3, "Boxes")]);
        assert!(found(&index, "osl").is_empty());
        let column = ColumnId {
            table: TableId(0),
            position: 3,
        };
        assert_eq!(index.of(column).collect::<Vec<_>>(), ["Oslo", "Boxes"]);
        assert!(index.forms_from('o').eq(["oslo"]));
    }

    #[test]
    fn values_are_found_by_what_they_mean_in_the_other_language() {
        let index = index(&[(0, &["Perempuan", "Laki-laki", "Xyzzy"])]);
        let female = lexicon().concept("female").unwrap();
        let texts: Vec<&str> = index
            .meaning(female)
            .iter()
            .filter_map(|id| index.value(*id))
            .map(|(_, text)| text)
            .collect();
        assert_eq!(texts, ["Perempuan"]);
    }

    #[test]
    fn a_million_values_would_take_less_than_200_megabytes() {
        let texts: Vec<String> = (0..20_000_u32)
            .map(|number| {
                format!(
                    "Kecamatan {:x} Nomor {number}",
                    number.wrapping_mul(2_654_435_761)
                )
            })
            .collect();
        let index = ValueIndex::of_one_column(texts.iter().map(String::as_str));
        assert_eq!(found(&index, "19999"), [at(0, &texts[19_999])]);
        let each = index.bytes() / texts.len();
        assert!(each < 200, "{each} bytes each");
    }
}
