//! Blocks of code in a model's text: a tag inside one is only text.

use super::{Section, Tag};

/// Follows the lines of a section, to know whether they stand in a block of code.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// The tags that were opened inside the block; `None` outside of one.
    block: Option<Vec<Section>>,
    /// Whether the line has something else than spaces and backticks.
    has_text: bool,
    /// Whether the block began on this line.
    began_here: bool,
    /// How many backticks the line so far ends with.
    backticks: u32,
}

impl Code {
    const FENCE: u32 = 3;

    /// Takes the next text of the section.
    pub(super) fn follow(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '\n' => {
                    self.has_text = false;
                    self.began_here = false;
                    self.backticks = 0;
                }
                '`' => {
                    self.backticks += 1;
                    if self.backticks == Self::FENCE {
                        self.fence();
                    }
                }
                other => {
                    self.has_text |= !other.is_whitespace();
                    self.backticks = 0;
                }
            }
        }
    }

    /// Three backticks begin a block, and end it, at the beginning of a line. On one line they only
    /// quote.
    fn fence(&mut self) {
        if self.block.is_none() {
            if !self.has_text {
                self.block = Some(Vec::new());
                self.began_here = true;
            }
        } else if self.began_here || !self.has_text {
            self.block = None;
        }
    }

    /// Whether a tag is only text, since it stands in a block of code. One that closes what was not
    /// opened in the block is none: the block was not ended, but the section is.
    pub(super) fn is_text(&mut self, tag: Tag) -> bool {
        let Some(opened) = &mut self.block else {
            return false;
        };
        match tag {
            Tag::Open(section) => {
                opened.push(section);
                true
            }
            Tag::Close(section) => match opened.iter().rposition(|open| *open == section) {
                Some(position) => {
                    opened.truncate(position);
                    true
                }
                None => false,
            },
        }
    }
}
