//! Repetitions: words that only say once more what a noun before them said.

use super::cue::Cue;
use super::link::{Content, Piece, Target};
use super::text::Word;

/// Silences words that repeat a noun's last word: "room types … of all types".
pub(super) fn settle(pieces: &mut [Piece]) {
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
