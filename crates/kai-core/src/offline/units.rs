//! Units of measure: words behind a number or an "in" that only say what is counted in.

use super::cue::Cue;
use super::link::{Content, Piece, Target};
use super::text::Word;

/// The commonest units of both languages, and what narrows them.
const UNITS: &[&str] = &[
    "acre",
    "are",
    "celsius",
    "cm",
    "cubic",
    "day",
    "degree",
    "derajat",
    "detik",
    "dollar",
    "dolar",
    "euro",
    "foot",
    "feet",
    "ft",
    "gram",
    "ha",
    "hari",
    "hectare",
    "hektar",
    "hektare",
    "hour",
    "inch",
    "jam",
    "kaki",
    "kali",
    "karung",
    "kg",
    "kilo",
    "kilogram",
    "kilometer",
    "kilometre",
    "km",
    "km2",
    "kubik",
    "kuintal",
    "kw",
    "kwh",
    "liter",
    "litre",
    "m2",
    "m3",
    "mdpl",
    "menit",
    "meter",
    "metre",
    "mile",
    "minggu",
    "minute",
    "month",
    "mph",
    "orang",
    "persegi",
    "piece",
    "point",
    "poin",
    "pound",
    "rupiah",
    "sack",
    "second",
    "sentimeter",
    "square",
    "ton",
    "tonne",
    "unit",
    "usd",
    "watt",
    "week",
    "years",
    "yr",
];

/// Makes words of no meaning of the units behind a number ("1,500 square meters"), or behind "in" at
/// the end of a phrase ("the total weight in tons").
pub(super) fn silence(pieces: &mut [Piece]) {
    let numbered = |pieces: &[Piece]| {
        pieces
            .iter()
            .any(|piece| matches!(piece.content, Content::Quantity(_)))
    };
    for at in 1..pieces.len() {
        let numbered = numbered(pieces.get(..at).unwrap_or_default());
        let Some([before, piece]) = pieces.get_mut(at - 1..=at) else {
            continue;
        };
        let introduced = match &before.content {
            Content::Quantity(_) | Content::Cue(Cue::HowMuch, _) => true,
            Content::Cue(Cue::At, _) => {
                ["in", "dalam"].contains(&before.text.to_lowercase().as_str())
            }
            // "20 per hour": the second of two units.
            Content::Cue(Cue::Each, _) => numbered && before.text.eq_ignore_ascii_case("per"),
            // The second word of a unit.
            Content::Cue(Cue::Filler, _) => is_unit(&before.text),
            _ => false,
        };
        let unknown = matches!(
            piece.content,
            Content::Unknown { .. } | Content::Cue(Cue::Filler, _)
        );
        if introduced && unknown && is_unit(&piece.text) {
            piece.content = Content::Cue(Cue::Filler, Vec::new());
            if matches!(before.content, Content::Cue(Cue::At | Cue::Each, _)) {
                before.content = Content::Cue(Cue::Filler, Vec::new());
            }
        }
    }
}

/// Words before a number that say it is the number of one thing, not of how many.
pub(super) const NUMBERED: &[&str] = &[
    "number", "no", "nomor", "nr", "id", "ids", "num", "bernomor", "kode", "code",
];

/// Makes words of no meaning of those that only say that a number is a thing's own: "patient number 42".
pub(super) fn number_things(pieces: &mut [Piece]) {
    for at in 1..pieces.len() {
        let Some([before, piece, next]) = pieces.get_mut(at - 1..=at + 1) else {
            continue;
        };
        let of_thing = matches!(&before.content, Content::Links(links)
            if links.iter().any(|link| matches!(link.target, Target::Table(_))));
        let named = matches!(&piece.content, Content::Links(links)
            if links.first().is_some_and(|link| link.score == 1000));
        let word = NUMBERED.contains(&piece.text.to_lowercase().as_str());
        let plain = matches!(&next.content, Content::Quantity(quantity) if quantity.plain);
        if word && plain && of_thing && !named {
            piece.content = Content::Cue(Cue::Filler, Vec::new());
        }
    }
}

/// Whether a word is one of the commonest units.
pub(super) fn is_unit(text: &str) -> bool {
    Word::new(text)
        .keys
        .iter()
        .any(|key| UNITS.contains(&key.as_str()))
}
