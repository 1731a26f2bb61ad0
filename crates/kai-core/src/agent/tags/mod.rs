//! The tag parser: turns a model's text, cut anywhere, into `thinking`, `token` and `suggestions`.
//!
//! Text outside every tag is thinking too. A tag is recognised wherever its pieces are cut, in any
//! case and with white space inside; text is held back only as far as a tag could begin. Nothing but
//! the tags themselves, and white space between them, is ever dropped: a closing tag that closes
//! nothing stays text, and so do tags inside a block of code.

mod code;
mod reading;

use crate::event::AgentEvent;

use code::Code;
use reading::{Tag, TagRead, read_tag};

/// The part of a turn that a text stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Thinking,
    Answer,
    Suggestions,
}

/// A text, and the section that it stands in.
type Span = (Option<Section>, String);

/// Reads one turn of a model.
#[derive(Debug, Default)]
pub struct TagParser {
    /// The tags that are open, outermost first.
    open: Vec<Section>,
    /// What may still turn out to be a tag.
    held: String,
    /// White space outside every tag, shown only once other text follows it.
    blank: String,
    code: Code,
}

impl TagParser {
    /// Reads a piece of the turn.
    pub fn push(&mut self, piece: &str) -> Vec<AgentEvent> {
        events(self.read(piece))
    }

    /// Ends the turn: what was held back is text after all.
    pub fn finish(self) -> Vec<AgentEvent> {
        events(self.rest())
    }

    fn read(&mut self, piece: &str) -> Vec<Span> {
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        let mut spans = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, from_bracket)) = split_at_bracket(rest) {
            self.emit(before, &mut spans);
            match read_tag(from_bracket) {
                TagRead::Whole(length, tag) => {
                    let (tag_text, after) = from_bracket.split_at(length);
                    if !self.apply(tag) {
                        self.emit(tag_text, &mut spans);
                    }
                    rest = after;
                }
                TagRead::Partial => {
                    from_bracket.clone_into(&mut self.held);
                    return spans;
                }
                TagRead::None => {
                    self.emit("<", &mut spans);
                    rest = from_bracket.strip_prefix('<').unwrap_or_default();
                }
            }
        }
        self.emit(rest, &mut spans);
        spans
    }

    fn rest(mut self) -> Vec<Span> {
        let mut spans = Vec::new();
        let held = std::mem::take(&mut self.held);
        self.emit(&held, &mut spans);
        spans
    }

    /// Opens or closes a section. `false` when the tag is text: it closes nothing, or is code.
    fn apply(&mut self, tag: Tag) -> bool {
        if self.code.is_text(tag) {
            return false;
        }
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
        self.code = Code::default();
        true
    }

    /// Adds the text to the last span, or begins a new one when the section changed.
    fn emit(&mut self, text: &str, spans: &mut Vec<Span>) {
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
        } else {
            // Outside every section there is nothing that code could be part of: a model that puts
            // all it writes into one block still means its tags.
            self.code.follow(text);
        }
        match spans.last_mut() {
            Some((last, before)) if *last == section => before.push_str(&content),
            _ => spans.push((section, content)),
        }
    }
}

/// The text of a whole turn that stands outside every tag.
pub(super) fn untagged(turn: &str) -> String {
    let mut parser = TagParser::default();
    let mut spans = parser.read(turn);
    spans.extend(parser.rest());
    let outside = spans.into_iter().filter(|(section, _)| section.is_none());
    outside.map(|(_, text)| text).collect()
}

fn events(spans: Vec<Span>) -> Vec<AgentEvent> {
    let mut events: Vec<AgentEvent> = Vec::with_capacity(spans.len());
    for (section, content) in spans {
        match section {
            None | Some(Section::Thinking) => match events.last_mut() {
                Some(AgentEvent::Thinking { content: before }) => before.push_str(&content),
                _ => events.push(AgentEvent::Thinking { content }),
            },
            Some(Section::Answer) => events.push(AgentEvent::Token { content }),
            Some(Section::Suggestions) => events.push(AgentEvent::Suggestions { content }),
        }
    }
    events
}

fn split_at_bracket(text: &str) -> Option<(&str, &str)> {
    text.find('<').and_then(|at| text.split_at_checked(at))
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
    fn tags_are_read_in_any_case_and_with_spaces() {
        assert_eq!(
            events_of(&["<Thinking >why</ THINKING><  answer\t>so< /Answer ><think>hm</think>"]),
            [
                pair("thinking", "why"),
                pair("token", "so"),
                pair("thinking", "hm"),
            ]
        );
        let unknown = "a < b <answers> <answer x> <     answer> </thinkin> <é> < /b>";
        assert_eq!(events_of(&[unknown]), [pair("thinking", unknown)]);
    }

    #[test]
    fn tags_in_a_block_of_code_are_text() {
        let block = "Like this:\n```xml\n<answer>x</answer><thinking>\n```\n";
        let turn = format!("<answer>{block}Done.</answer>after");
        assert_eq!(
            events_of(&[&turn]),
            [
                pair("token", &format!("{block}Done.")),
                pair("thinking", "after"),
            ]
        );
        let whole = "```\n<thinking>a</thinking><answer>b</answer>\n```";
        assert_eq!(
            events_of(&[whole]),
            [
                pair("thinking", "```a"),
                pair("token", "b"),
                pair("thinking", "\n```"),
            ]
        );
        let inline = "<answer>```x``` <suggestions>- a?</suggestions></answer>";
        assert_eq!(
            events_of(&[inline]),
            [pair("token", "```x``` "), pair("suggestions", "- a?")]
        );
    }

    #[test]
    fn a_block_of_code_that_is_not_ended_ends_with_its_section() {
        let turn = "<answer>```sql\nSELECT 1</answer><thinking>so</thinking>";
        assert_eq!(
            events_of(&[turn]),
            [pair("token", "```sql\nSELECT 1"), pair("thinking", "so")]
        );
    }

    #[test]
    fn what_stands_outside_every_tag_is_known() {
        let turn = "<thinking>Two?</thinking>\nTwo <b>cities</b>. <answ";
        assert_eq!(untagged(turn).trim(), "Two <b>cities</b>. <answ");
        assert_eq!(untagged("<thinking>Two?</thinking>\n").trim(), "");
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
                    Just("\n"), Just("kata"), Just("é"), Just("answer>"), Just("<answ"), Just("< ANSWER >"),
                    Just("</ Think"), Just("\n```"), Just("`"), Just("```sql\n"), Just("<   "),
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

        #[test]
        fn no_text_besides_tags_is_lost(
            parts in prop::collection::vec(
                prop_oneof![
                    Just("<thinking>"), Just("</thinking>"), Just("<Answer>"), Just("</ answer>"),
                    Just("<suggestions >"), Just("</suggestions>"), Just("<think>"), Just("</b>"),
                    Just(" a "), Just("\n```\n"), Just("é"), Just("<x>"), Just("\n"), Just("1 < 2 "),
                ],
                0..24,
            ),
        ) {
            let is_tag = |part: &str| matches!(read_tag(part), TagRead::Whole(length, _) if length == part.len());
            let said: String = events_of(&[&parts.concat()]).into_iter().map(|(_, text)| text).collect();
            let mut left: &str = &said;
            for part in parts {
                left = left.trim_start();
                match left.strip_prefix(part.trim()) {
                    Some(after) => left = after,
                    None => prop_assert!(is_tag(part), "{part:?} is missing at {left:?}"),
                }
            }
            prop_assert_eq!(left.trim(), "", "nothing was added");
        }
    }
}
