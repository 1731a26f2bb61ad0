//! The tag parser: turns a model's text, cut anywhere, into `thinking`, `token` and `suggestions`.
//!
//! Text outside every tag is thinking too. A tag is recognised wherever its pieces are cut, and text
//! is held back only as far as a tag could begin. Nothing but the tags themselves, and white space
//! between them, is ever dropped: a closing tag that closes nothing stays text.

use crate::event::AgentEvent;

/// The part of a turn that a text stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Thinking,
    Answer,
    Suggestions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Open(Section),
    Close(Section),
}

const TAGS: [(&str, Tag); 6] = [
    ("<thinking>", Tag::Open(Section::Thinking)),
    ("</thinking>", Tag::Close(Section::Thinking)),
    ("<answer>", Tag::Open(Section::Answer)),
    ("</answer>", Tag::Close(Section::Answer)),
    ("<suggestions>", Tag::Open(Section::Suggestions)),
    ("</suggestions>", Tag::Close(Section::Suggestions)),
];

/// Reads one turn of a model.
#[derive(Debug, Default)]
pub struct TagParser {
    /// The tags that are open, outermost first.
    open: Vec<Section>,
    /// What may still turn out to be a tag.
    held: String,
    /// White space outside every tag, shown only once other text follows it.
    blank: String,
}

impl TagParser {
    /// Reads a piece of the turn.
    pub fn push(&mut self, piece: &str) -> Vec<AgentEvent> {
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let mut events = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, from_bracket)) = split_at_bracket(rest) {
            self.emit(before, &mut events);
            match read_tag(from_bracket) {
                TagRead::Whole(text, tag) => {
                    if !self.apply(tag) {
                        self.emit(text, &mut events);
                    }
                    rest = from_bracket.strip_prefix(text).unwrap_or_default();
                }
                TagRead::Partial => {
                    from_bracket.clone_into(&mut self.held);
                    return events;
                }
                TagRead::None => {
                    self.emit("<", &mut events);
                    rest = from_bracket.strip_prefix('<').unwrap_or_default();
                }
            }
        }
        self.emit(rest, &mut events);
        events
    }

    /// Ends the turn: what was held back is text after all.
    pub fn finish(mut self) -> Vec<AgentEvent> {
        let mut events = Vec::new();
        let held = std::mem::take(&mut self.held);
        self.emit(&held, &mut events);
        events
    }

    /// Opens or closes a section. `false` when the tag closes nothing.
    fn apply(&mut self, tag: Tag) -> bool {
        match tag {
            // A model that begins its answer has stopped thinking, whether it says so or not.
            Tag::Open(Section::Answer) => {
                self.open.clear();
                self.open.push(Section::Answer);
            }
            Tag::Open(section) => self.open.push(section),
            Tag::Close(section) => match self.open.iter().rposition(|open| *open == section) {
                Some(position) => self.open.truncate(position),
                None => return false,
            },
        }
        self.blank.clear();
        true
    }

    /// Adds the text to the last event, or begins a new one when the section changed.
    fn emit(&mut self, text: &str, events: &mut Vec<AgentEvent>) {
        if text.is_empty() {
            return;
        }
        let section = self.open.last().copied();
        let mut content = text.to_owned();
        if section.is_none() {
            content.insert_str(0, &std::mem::take(&mut self.blank));
            self.blank = content.split_off(content.trim_end().len());
            if content.is_empty() {
                return;
            }
        }
        let event = match section {
            None | Some(Section::Thinking) => AgentEvent::Thinking { content },
            Some(Section::Answer) => AgentEvent::Token { content },
            Some(Section::Suggestions) => AgentEvent::Suggestions { content },
        };
        match (events.last_mut(), event) {
            (Some(AgentEvent::Thinking { content }), AgentEvent::Thinking { content: more })
            | (Some(AgentEvent::Token { content }), AgentEvent::Token { content: more })
            | (
                Some(AgentEvent::Suggestions { content }),
                AgentEvent::Suggestions { content: more },
            ) => {
                content.push_str(&more);
            }
            (_, event) => events.push(event),
        }
    }
}

fn split_at_bracket(text: &str) -> Option<(&str, &str)> {
    text.find('<').and_then(|at| text.split_at_checked(at))
}

enum TagRead {
    Whole(&'static str, Tag),
    Partial,
    None,
}

/// What the text, which begins with `<`, begins with.
fn read_tag(text: &str) -> TagRead {
    for (name, tag) in TAGS {
        if text.starts_with(name) {
            return TagRead::Whole(name, tag);
        }
    }
    if TAGS.iter().any(|(name, _)| name.starts_with(text)) {
        return TagRead::Partial;
    }
    TagRead::None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events_of(pieces: &[&str]) -> Vec<(&'static str, String)> {
        let mut parser = TagParser::default();
        let mut events: Vec<AgentEvent> =
            pieces.iter().flat_map(|piece| parser.push(piece)).collect();
        events.extend(parser.finish());
        let mut merged: Vec<(&'static str, String)> = Vec::new();
        for event in events {
            let kind = event.kind();
            let (AgentEvent::Thinking { content }
            | AgentEvent::Token { content }
            | AgentEvent::Suggestions { content }) = event
            else {
                panic!("{kind} does not come from text");
            };
            match merged.last_mut() {
                Some((last, text)) if *last == kind => text.push_str(&content),
                _ => merged.push((kind, content)),
            }
        }
        merged
    }

    fn pair(kind: &'static str, text: &str) -> (&'static str, String) {
        (kind, text.to_owned())
    }

    #[test]
    fn a_turn_with_all_sections() {
        let turn = "<thinking>a < b</thinking>\n<answer>It is 5.\n<suggestions>- More?</suggestions></answer>\n";
        assert_eq!(
            events_of(&[turn]),
            [
                pair("thinking", "a < b"),
                pair("token", "It is 5.\n"),
                pair("suggestions", "- More?"),
            ]
        );
    }

    #[test]
    fn untagged_text_is_thinking_and_repeated_words_stay() {
        assert_eq!(
            events_of(&["ha ", "ha ", "ha "]),
            [pair("thinking", "ha ha ha")]
        );
    }

    #[test]
    fn malformed_nesting_loses_no_text() {
        assert_eq!(
            events_of(&["<thinking>why<answer>so</thinking>it</answer>end</answer>"]),
            [
                pair("thinking", "why"),
                pair("token", "so</thinking>it"),
                pair("thinking", "end</answer>"),
            ]
        );
        assert_eq!(
            events_of(&["<answer>x <b>y</b> <thin"]),
            [pair("token", "x <b>y</b> <thin")]
        );
    }

    #[test]
    fn text_is_held_back_only_as_far_as_a_tag_could_begin() {
        let mut parser = TagParser::default();
        assert_eq!(
            parser.push("<answer>one <sugg"),
            [AgentEvent::Token {
                content: "one ".to_owned()
            }]
        );
        assert_eq!(
            parser.push("ar> two"),
            [AgentEvent::Token {
                content: "<suggar> two".to_owned()
            }]
        );
    }

    proptest! {
        #[test]
        fn any_cut_of_the_text_gives_the_same_events(
            parts in prop::collection::vec(
                prop_oneof![
                    Just("<thinking>"), Just("</thinking>"), Just("<answer>"), Just("</answer>"),
                    Just("<suggestions>"), Just("</suggestions>"), Just("<"), Just("</"), Just(" "),
                    Just("\n"), Just("kata"), Just("é"), Just("answer>"), Just("<answ"),
                ],
                0..24,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let text = parts.concat();
            let mut positions: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            positions.push(text.len());
            let mut at: Vec<usize> = cuts.iter().map(|cut| positions[cut.index(positions.len())]).collect();
            at.sort_unstable();
            let mut pieces = Vec::new();
            let mut start = 0;
            for end in at {
                pieces.push(&text[start..end]);
                start = end;
            }
            pieces.push(&text[start..]);
            prop_assert_eq!(events_of(&pieces), events_of(&[&text]));
        }
    }
}
