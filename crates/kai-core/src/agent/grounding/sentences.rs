//! The sentences of an answer, each with what it may speak of without naming it again.

/// A sentence, an item of a list or a row of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sentence<'a> {
    /// Its text.
    pub(super) said: &'a str,
    /// The sentence before it.
    before: &'a str,
    /// The line that the list is about which it stands in, or the last such line.
    heading: &'a str,
}

impl Sentence<'_> {
    /// The sentence with the one before it and the heading above it.
    pub(super) fn with_context(&self) -> String {
        [self.heading, self.before, self.said].join("\n")
    }
}

/// The sentences of a text, in order.
pub(super) fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let mut found = Vec::new();
    let (mut before, mut heading) = ("", "");
    for line in text.lines() {
        let mut rest = line;
        while !rest.is_empty() {
            let (said, after) = rest.split_at(end_of_first(rest));
            rest = after;
            if said.trim().is_empty() {
                continue;
            }
            found.push(Sentence {
                said,
                before,
                heading,
            });
            before = said;
        }
        if line.trim_end().trim_end_matches('*').ends_with(':') {
            heading = line;
        }
    }
    found
}

/// Where the first sentence of a line ends: after a full stop that a space follows, and no digit before.
fn end_of_first(line: &str) -> usize {
    let mut before = ' ';
    let mut characters = line.char_indices().peekable();
    while let Some((_, character)) = characters.next() {
        let is_end = match character {
            '!' | '?' => true,
            // "1. Jawa Barat" is one item.
            '.' => !before.is_ascii_digit() || line.trim_start().find('.') > Some(2),
            _ => false,
        };
        if let Some((next, ' ')) = characters.peek()
            && is_end
        {
            return *next;
        }
        before = character;
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<&str> {
        let found = sentences(text).into_iter();
        found.map(|sentence| sentence.said.trim()).collect()
    }

    #[test]
    fn a_text_comes_apart_where_its_sentences_end() {
        assert_eq!(
            said("Bali has 2.5 million. Aceh has 40. More?\n\n1. Jawa Barat: 12\n2. Bali"),
            [
                "Bali has 2.5 million.",
                "Aceh has 40.",
                "More?",
                "1. Jawa Barat: 12",
                "2. Bali"
            ]
        );
        assert!(said(" \n").is_empty());
    }

    #[test]
    fn a_sentence_knows_what_was_said_before_it_and_what_its_list_is_about() {
        let text = "Compared with Jawa Barat:\n- Bali: 38% fewer\n- Aceh: 75% fewer";
        let all = sentences(text);
        let last = all.last().map(Sentence::with_context);
        assert_eq!(
            last.as_deref(),
            Some("Compared with Jawa Barat:\n- Bali: 38% fewer\n- Aceh: 75% fewer")
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(text in ".{0,120}") {
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let all: String = sentences(&text).iter().map(|sentence| sentence.said).collect();
            proptest::prop_assert_eq!(letters(&all), letters(&text));
        }
    }
}
