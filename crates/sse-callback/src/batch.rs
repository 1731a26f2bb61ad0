//! Many envelopes in one body, one on each line (NDJSON).

use crate::envelope::{self, EnvelopeError};
use crate::producer::Post;

/// The media type of such a body.
pub const MEDIA_TYPE: &str = "application/x-ndjson";

/// The envelopes of a body, up to the first that is wrong.
#[derive(Debug, Default)]
pub struct Batch {
    /// The events.
    pub posts: Vec<Post>,
    /// The line of each, counted from 1. Blank lines count, too, but hold nothing.
    pub lines: Vec<usize>,
    /// The first line that is wrong, and why.
    pub wrong: Option<(usize, EnvelopeError)>,
}

/// Reads a body line by line. JSON has no bare line feed inside its strings, so lines are envelopes.
pub fn read(body: &[u8]) -> Batch {
    let mut batch = Batch::default();
    for (number, line) in (1..).zip(body.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match envelope::read(line) {
            Ok(post) => {
                batch.posts.push(post);
                batch.lines.push(number);
            }
            Err(error) => {
                batch.wrong = Some((number, error));
                break;
            }
        }
    }
    batch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_envelopes_and_blank_lines_are_nothing() {
        let batch = read(
            b"{\"session_id\":\"s\",\"event\":{\"a\":\"x\\ny\"}}\n\r\n \n{\"session_id\":\"s\",\"event\":{}}\r\n",
        );
        assert_eq!(batch.lines, [1, 4]);
        assert_eq!(batch.posts.len(), 2);
        assert!(batch.wrong.is_none());
        let nothing = read(b"\n");
        assert!(nothing.posts.is_empty() && nothing.wrong.is_none());
    }

    #[test]
    fn nothing_behind_a_wrong_line_is_read() {
        let batch = read(
            b"{\"session_id\":\"s\",\"event\":{}}\n{\"session_id\":\"s\"}\n{\"session_id\":\"s\",\"event\":{}}",
        );
        assert_eq!(batch.lines, [1]);
        assert!(matches!(batch.wrong, Some((2, EnvelopeError::Event))));
    }
}
