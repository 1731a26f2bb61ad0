//! Colours, where a person looks at a terminal that shows them.

use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// It works, but somebody should look at it.
    Doubtful,
    /// Something is wrong.
    Bad,
    /// Beside the point.
    Faint,
}

impl Tone {
    /// The number that terminals know it by (ECMA-48, "select graphic rendition").
    fn code(self) -> u8 {
        match self {
            Self::Good => 32,
            Self::Doubtful => 33,
            Self::Bad => 31,
            Self::Faint => 2,
        }
    }
}

/// Whether text gets colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    colours: bool,
}

impl Paint {
    /// No colours.
    pub const PLAIN: Self = Self { colours: false };

    /// Colours if standard output is a terminal, unless `NO_COLOR` says that nobody wants them or
    /// `TERM` that it has none.
    pub fn for_stdout() -> Self {
        Self {
            colours: io::stdout().is_terminal()
                && is_wanted(
                    std::env::var_os("NO_COLOR").as_deref(),
                    std::env::var_os("TERM").as_deref(),
                ),
        }
    }

    /// The text in a colour, or as it is.
    pub fn tone(self, tone: Tone, text: &str) -> String {
        if self.colours {
            format!("\x1b[{}m{text}\x1b[0m", tone.code())
        } else {
            text.to_owned()
        }
    }
}

/// `NO_COLOR` counts when it is not empty, whatever it says (no-color.org).
fn is_wanted(no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    no_color.is_none_or(OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
}

/// The text without what would move a terminal's cursor, change its colours or break the line.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_coloured_and_set_back_or_left_alone() {
        let paint = Paint { colours: true };
        assert_eq!(paint.tone(Tone::Bad, "no"), "\x1b[31mno\x1b[0m");
        assert_eq!(Paint::PLAIN.tone(Tone::Bad, "no"), "no");
    }

    #[test]
    fn the_environment_can_refuse_colours() {
        let set = |text: &'static str| Some(OsStr::new(text));
        assert!(is_wanted(None, set("xterm")));
        assert!(is_wanted(set(""), None));
        assert!(!is_wanted(set("0"), set("xterm")));
        assert!(!is_wanted(None, set("dumb")));
    }

    #[test]
    fn what_steers_a_terminal_is_left_out() {
        assert_eq!(harmless("a\x1b[31m\nb\u{9b}2Jé"), "a [31m b 2Jé");
    }
}
