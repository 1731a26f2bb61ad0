//! Doubts: pieces whose links cannot be what they seem, before anything is read from them.

use super::cue::Cue;
use super::link::{Content, Link, Piece, Target};
use super::schema::Schema;
use super::text::Word;

/// A link this good or worse only names a part of a value.
const PART: u32 = 700;

/// Silences words that repeat a noun's last word ("room types … of all types"), and takes back the
/// links of a name whose words are found in different values only: it is the name of something else.
pub(super) fn settle(pieces: &mut [Piece], schema: &Schema) {
    split_names(pieces, schema);
    for at in 1..pieces.len() {
        let (before, rest) = pieces.split_at_mut(at);
        if let Some(piece) = rest.first_mut()
            && matches!(piece.content, Content::Unknown { name_like: false })
            && before.iter().any(|other| ends_with(other, &piece.text))
        {
            piece.content = Content::Cue(Cue::Filler, Vec::new());
        }
    }
}

/// Whether a piece of several words names a table and ends with that word.
fn ends_with(piece: &Piece, word: &str) -> bool {
    let names = match &piece.content {
        Content::Links(links) => links
            .first()
            .is_some_and(|link| matches!(link.target, Target::Table(_))),
        _ => false,
    };
    let mut words = piece.text.split_whitespace().rev();
    let last = words.next();
    names
        && words.next().is_some()
        && last.is_some_and(|last| Word::new(last).same(&Word::new(word)))
}

/// Two words with capitals side by side, each a part of values of one column that the other is not
/// in: "Olga Basuki" is neither Olga Jennings nor Vera Basuki.
fn split_names(pieces: &mut [Piece], schema: &Schema) {
    for at in 1..pieces.len() {
        let Some([first, second]) = pieces.get(at - 1..=at) else {
            continue;
        };
        let apart = match (part_of(first, schema), part_of(second, schema)) {
            (Some(first), Some(second)) => first
                .iter()
                .all(|link| second.iter().all(|other| !in_common(link, other))),
            _ => false,
        };
        if apart {
            for piece in pieces.iter_mut().skip(at - 1).take(2) {
                piece.content = Content::Unknown { name_like: true };
            }
        }
    }
}

/// The links of a name that is but a part of what names things.
fn part_of<'a>(piece: &'a Piece, schema: &Schema) -> Option<&'a [Link]> {
    let capital = piece.text.chars().next().is_some_and(char::is_uppercase);
    let Content::Links(links) = &piece.content else {
        return None;
    };
    let partial = links.iter().all(|link| {
        link.score <= PART
            && matches!(&link.target, Target::Values(column, _) if schema.is_label(*column))
    });
    (capital && partial).then_some(links.as_slice())
}

fn in_common(a: &Link, b: &Link) -> bool {
    match (&a.target, &b.target) {
        (Target::Values(column, values), Target::Values(other, more)) => {
            column == other && values.iter().any(|value| more.contains(value))
        }
        _ => false,
    }
}
