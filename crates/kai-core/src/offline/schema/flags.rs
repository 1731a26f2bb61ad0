//! Columns that say yes or no: in numbers, or in a pair of words or letters.

use crate::database::Column;
use crate::offline::text::{fold, split_identifier};

/// What says yes, and what says no.
const PAIRS: &[(&str, &str)] = &[
    ("y", "n"),
    ("yes", "no"),
    ("t", "f"),
    ("true", "false"),
    ("ya", "tidak"),
    ("ya", "belum"),
    ("y", "t"),
    ("sudah", "belum"),
    ("ada", "tidak"),
    ("ada", "tidak ada"),
    ("benar", "salah"),
    ("on", "off"),
];

/// Words of a name that make a number with two values a count rather than an answer.
const COUNTS: &[&str] = &[
    "count", "number", "num", "no", "qty", "quantity", "jumlah", "jml", "level", "id", "code",
    "kode", "total", "sum", "semester", "term", "shift", "grade", "size", "version", "part",
    "half",
];

/// Whether the values of a column in words are a yes and a no.
pub(super) fn is_pair(values: &[String]) -> bool {
    let folded: Vec<String> = values.iter().map(|value| fold(value.trim())).collect();
    let [a, b] = folded.as_slice() else {
        return false;
    };
    PAIRS
        .iter()
        .any(|(yes, no)| (a == yes && b == no) || (a == no && b == yes))
}

/// The value that says yes or no.
pub(super) fn said<'a>(values: impl Iterator<Item = &'a str>, truth: bool) -> Option<&'a str> {
    let values: Vec<&str> = values.collect();
    let folded: Vec<String> = values.iter().map(|value| fold(value.trim())).collect();
    let (yes, no) = PAIRS.iter().find(|(yes, no)| {
        folded.iter().any(|value| value == yes) && folded.iter().any(|value| value == no)
    })?;
    let wanted = if truth { yes } else { no };
    let at = folded.iter().position(|value| value == wanted)?;
    values.get(at).copied()
}

/// Whether a column of numbers that are all 0 or 1 answers a question: `active`, `is_late`, not
/// `retry_count`.
pub(super) fn is_answer(column: &Column) -> bool {
    let truth = ["0", "1", "t", "f", "true", "false"];
    let only_truths = !column.categories.is_empty()
        && column
            .categories
            .iter()
            .all(|value| truth.contains(&value.as_str()));
    let words = split_identifier(&column.name);
    let asks = ["is", "has", "can", "flag", "flg"];
    let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.norm.as_str()));
    let both = column.categories.len() == 2;
    let plural = words
        .last()
        .is_some_and(|word| word.keys.len() > 1 && word.norm.ends_with('s'));
    only_truths && (says(&asks) || (both && !plural && !says(COUNTS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, values: &[&str]) -> Column {
        Column {
            name: name.to_owned(),
            description: None,
            data_type: "INTEGER".to_owned(),
            nullable: true,
            is_primary_key: false,
            foreign_key: None,
            low_cardinality: true,
            categories: values.iter().map(|value| (*value).to_owned()).collect(),
        }
    }

    #[test]
    fn ones_and_zeros_answer_a_question_unless_they_count() {
        assert!(is_answer(&column("insured", &["0", "1"])));
        assert!(is_answer(&column("HasLift", &["1"])));
        assert!(!is_answer(&column("retries", &["0", "1"])));
        assert!(!is_answer(&column("retry_count", &["0", "1"])));
        assert!(!is_answer(&column("insured", &["0", "1", "2"])));
    }

    #[test]
    fn a_pair_of_words_says_yes_and_no() {
        let values = |list: [&str; 2]| list.map(str::to_owned);
        assert!(is_pair(&values(["N", "Y"])));
        assert!(is_pair(&values(["Belum", "Sudah"])));
        assert!(!is_pair(&values(["North", "South"])));
        assert_eq!(said(["Belum", "Sudah"].into_iter(), true), Some("Sudah"));
        assert_eq!(said(["N", "Y"].into_iter(), false), Some("N"));
        assert_eq!(said(["A", "B"].into_iter(), false), None);
    }
}
