//! Reading one tag at the beginning of a text, or telling that it may still become one.

use super::Section;

/// A tag that opens or closes a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Open(Section),
    Close(Section),
}

/// The names of the tags. Some models write the short one without being told to.
const NAMES: [(&str, Section); 4] = [
    ("thinking", Section::Thinking),
    ("think", Section::Thinking),
    ("answer", Section::Answer),
    ("suggestions", Section::Suggestions),
];

/// How many spaces a tag may have in one place: what is held back must stay short.
const MAX_SPACES: usize = 4;

/// What a text begins with.
pub(super) enum TagRead {
    /// A tag of so many bytes.
    Whole(usize, Tag),
    /// What may become one.
    Partial,
    None,
}

/// What the text, which begins with `<`, begins with.
pub(super) fn read_tag(text: &str) -> TagRead {
    let inside = text.strip_prefix('<').unwrap_or_default();
    let Some(inside) = skip_spaces(inside) else {
        return TagRead::None;
    };
    let (closes, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside),
        None => (false, inside),
    };
    let Some(inside) = skip_spaces(inside) else {
        return TagRead::None;
    };
    let letters = inside
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(inside.len());
    let (word, after) = inside.split_at(letters);
    if after.is_empty() {
        let begins = |name: &str| {
            name.get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        return if NAMES.iter().any(|(name, _)| begins(name)) {
            TagRead::Partial
        } else {
            TagRead::None
        };
    }
    let section = NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(word));
    let Some((_, section)) = section else {
        return TagRead::None;
    };
    match skip_spaces(after) {
        Some("") => TagRead::Partial,
        Some(end) if end.starts_with('>') => {
            let tag = if closes {
                Tag::Close(*section)
            } else {
                Tag::Open(*section)
            };
            TagRead::Whole(text.len() - end.len() + 1, tag)
        }
        _ => TagRead::None,
    }
}

/// The text after its first spaces; `None` when there are too many.
fn skip_spaces(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches([' ', '\t']);
    (text.len() - rest.len() <= MAX_SPACES).then_some(rest)
}
