//! Frames in the native vocabulary become frames in another.

use bytes::Bytes;
use serde::Serialize;

use super::native::{self, Part};
use super::story::Story;
use super::{Vocabulary, agui, aisdk};

/// Translates what one subscriber gets.
#[derive(Debug)]
pub(super) struct Translator {
    vocabulary: Vocabulary,
    session: String,
    story: Story,
    /// Whether what came last ends a stream: `done` or `timeout`.
    over: bool,
}

impl Translator {
    /// For a subscriber of `session` whose first event will have the id `expected`.
    pub(super) fn new(vocabulary: Vocabulary, session: String, expected: String) -> Self {
        Self {
            vocabulary,
            session,
            story: Story::silent(expected),
            over: false,
        }
    }

    /// Takes note of frames that the subscriber does not get.
    pub(super) fn skip(&mut self, frames: &[u8]) {
        for part in native::parts(frames) {
            if let Part::Event(event) = part {
                self.story.event(&event, &mut |_| {});
            }
        }
    }

    /// From here on the subscriber gets everything.
    pub(super) fn go_live(&mut self) {
        self.story.go_live();
    }

    /// The frames that the subscriber gets instead of these.
    pub(super) fn translate(&mut self, frames: &[u8]) -> Bytes {
        let mut translated = Frames::default();
        for part in native::parts(frames) {
            let event = match part {
                Part::Aside(text) => {
                    translated.pass(text);
                    self.over = false;
                    continue;
                }
                Part::Event(event) => event,
            };
            let (vocabulary, session) = (self.vocabulary, &self.session);
            self.story.event(&event, &mut |step| match vocabulary {
                Vocabulary::Agui => agui::say(session, &step, &mut translated),
                Vocabulary::Aisdk => aisdk::say(&step, &mut translated),
            });
            self.over = match event.id {
                Some(id) => {
                    translated.seal(id);
                    event.kind == "done"
                }
                None => event.kind == "timeout",
            };
        }
        Bytes::from(translated.buffer)
    }

    /// What is left to say when nothing more comes.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        if !std::mem::take(&mut self.over) || self.vocabulary != Vocabulary::Aisdk {
            return None;
        }
        Some(Bytes::from(format!("data: {}\n\n", aisdk::END)))
    }
}

/// Frames without an event type, as front ends expect them.
#[derive(Debug, Default)]
pub(super) struct Frames {
    buffer: Vec<u8>,
    /// Where the last frame since the last id begins.
    last: Option<usize>,
}

impl Frames {
    /// Adds a frame.
    pub(super) fn push(&mut self, data: &impl Serialize) {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(b"data: ");
        let json = self.buffer.len();
        if serde_json::to_writer(&mut self.buffer, data).is_err() {
            // Nothing that is pushed here has a key that is no string, so this does not happen.
            self.buffer.truncate(start);
            return;
        }
        // JSON from a tool may have line breaks between its tokens; inside strings it has none.
        for byte in self.buffer.iter_mut().skip(json) {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
        self.buffer.extend_from_slice(b"\n\n");
        self.last = Some(start);
    }

    /// Adds text as it is.
    fn pass(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
        self.last = None;
    }

    /// Gives the last frame since the last id this one. With no such frame the id stands alone:
    /// parsers take note of it and dispatch nothing.
    fn seal(&mut self, id: &str) {
        let line = format!("id: {id}\n");
        if let Some(start) = self.last.take() {
            self.buffer.splice(start..start, line.into_bytes());
        } else {
            self.buffer.extend_from_slice(line.as_bytes());
            self.buffer.push(b'\n');
        }
    }
}
