//! Verbs that nobody listed: words that by their form and place only say how two things hang together.

use super::cue::Cue;
use super::link::{Content, Piece};
use super::text::fold;
use crate::language::Language;

/// English verbs whose past does not end in "ed", in the forms that questions use.
const IRREGULAR: &[&str] = &[
    "began", "begun", "borne", "bought", "broke", "broken", "brought", "built", "burnt", "came",
    "carry", "caught", "chose", "chosen", "cut", "did", "drawn", "drew", "driven", "drove", "felt",
    "fell", "flew", "flown", "forgot", "found", "gave", "given", "go", "goes", "got", "grew",
    "grow", "grows", "grown", "held", "hold", "holds", "kept", "knew", "known", "laid", "led",
    "left", "lent", "lose", "lost", "made", "make", "makes", "meet", "met", "put", "ran", "read",
    "rode", "run", "runs", "said", "sang", "sat", "saw", "seen", "sent", "set", "shown", "sold",
    "spend", "spent", "spoke", "stood", "swam", "take", "takes", "taught", "took", "went", "win",
    "wins", "won", "wore", "worn", "worth", "wrote", "written",
];

/// Verbs in their bare form, as they stand behind a plural: "which managers look after …".
const BARE: &[&str] = &[
    "attend", "belong", "buy", "call", "contain", "cost", "cover", "employ", "finish", "grow",
    "handle", "host", "include", "join", "leave", "live", "look", "manage", "need", "offer",
    "operate", "order", "play", "provide", "require", "sell", "serve", "start", "supply",
    "support", "teach", "treat", "use", "visit", "want", "work",
];

/// Indonesian verbs without a prefix, that only say how two things hang together.
const BARE_INDONESIAN: &[&str] = &[
    "ambil", "bawa", "beli", "belanja", "bikin", "buat", "datang", "ikut", "jual", "kena", "kirim",
    "main", "pakai", "pegang", "pergi", "pesan", "sewa",
];

/// Words that belong to the verb before them: "carry out", "left in".
const PARTICLES: &[&str] = &["out", "up", "down", "off", "away", "back", "left"];

/// Words behind which a verb stands in its bare form.
const AUXILIARIES: &[&str] = &["do", "does", "did", "can", "may", "will", "should"];

/// Whether an unknown word is in all likelihood a verb, by what it looks like and where it stands.
pub(super) fn is_verb(at: usize, pieces: &[Piece], language: Language) -> bool {
    let Some(piece) = pieces.get(at) else {
        return false;
    };
    let Content::Unknown { name_like: false } = piece.content else {
        return false;
    };
    let word = fold(&piece.text);
    match language {
        Language::English => is_english(at, &word, pieces),
        Language::Indonesian => is_indonesian(at, &word, pieces) || is_english(at, &word, pieces),
    }
}

/// Whether a word only belongs to the verb before it.
pub(super) fn is_particle(at: usize, pieces: &[Piece], language: Language) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return false;
    };
    let word = pieces
        .get(at)
        .map(|piece| fold(&piece.text))
        .unwrap_or_default();
    let verb = match pieces.get(before).map(|piece| &piece.content) {
        Some(Content::Cue(Cue::Relation, _)) => true,
        Some(Content::Unknown { .. }) => is_verb(before, pieces, language),
        Some(Content::Quantity(_)) => word == "left",
        _ => false,
    };
    verb && PARTICLES.contains(&word.as_str())
}

fn is_english(at: usize, word: &str, pieces: &[Piece]) -> bool {
    let long = word.chars().count() >= 5;
    let form = (long && (word.ends_with("ed") || word.ends_with("ing")))
        || IRREGULAR.contains(&word)
        || BARE.contains(&word)
        || (has_auxiliary(at, pieces) && !word.ends_with("ss"))
        || (long && word.ends_with('s') && follows(at, pieces, |cue| cue == Cue::That));
    form && has_subject(at, pieces)
}

fn is_indonesian(at: usize, word: &str, pieces: &[Piece]) -> bool {
    let long = word.chars().count() >= 6;
    let prefixed = ["me", "di", "ter", "ber"]
        .iter()
        .any(|prefix| word.starts_with(prefix));
    ((long && prefixed) || BARE_INDONESIAN.contains(&word)) && has_subject(at, pieces)
}

/// Whether "do" or the like opens the clause.
fn has_auxiliary(at: usize, pieces: &[Piece]) -> bool {
    let before = pieces.get(..at).unwrap_or_default();
    before
        .iter()
        .any(|piece| AUXILIARIES.contains(&fold(&piece.text).as_str()))
}

/// Whether the word says what the noun before it does: what stands right before is that noun, or a
/// word that opens a clause about it. A number or a determiner there would make it a noun of its own.
fn has_subject(at: usize, pieces: &[Piece]) -> bool {
    let before = pieces.get(..at).unwrap_or_default();
    let named = before
        .iter()
        .any(|piece| matches!(piece.content, Content::Links(_)));
    let asks = before
        .iter()
        .any(|piece| matches!(piece.content, Content::Cue(Cue::Who, _)));
    let people = ["we", "you", "they", "i", "kita", "kami"];
    let speaker = at
        .checked_sub(1)
        .and_then(|before| pieces.get(before))
        .is_some_and(|piece| people.contains(&fold(&piece.text).as_str()));
    if speaker && has_auxiliary(at, pieces) {
        return true;
    }
    (named || asks)
        && match previous(at, pieces).map(|piece| &piece.content) {
            Some(Content::Links(_)) => true,
            Some(Content::Cue(cue, _)) => {
                matches!(
                    cue,
                    Cue::That
                        | Cue::Relation
                        | Cue::Not
                        | Cue::Who
                        | Cue::Which
                        | Cue::And
                        | Cue::Without
                        | Cue::Nobody
                )
            }
            _ => false,
        }
}

fn follows(at: usize, pieces: &[Piece], is: impl Fn(Cue) -> bool) -> bool {
    matches!(previous(at, pieces), Some(Piece { content: Content::Cue(cue, _), .. }) if is(*cue))
}

/// What stands before a piece, words that say nothing left out.
fn previous(at: usize, pieces: &[Piece]) -> Option<&Piece> {
    let before = pieces.get(..at).unwrap_or_default();
    before.iter().rev().find(|piece| {
        !matches!(
            piece.content,
            Content::Cue(Cue::Filler | Cue::Quantifier, _)
        )
    })
}
