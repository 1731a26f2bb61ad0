//! Standard output: lines for people, or one object for programs.

use std::fmt::Display;
use std::io::{self, Write};

use serde_json::Value;

/// Who reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Console {
    /// A person: lines as things happen.
    Person,
    /// A program: one JSON object at the end.
    Program,
}

impl Console {
    pub(crate) fn new(json: bool) -> Self {
        if json { Self::Program } else { Self::Person }
    }

    /// Says something to a person.
    pub(crate) fn say(self, text: impl Display) {
        if self == Self::Person {
            print(text);
        }
    }

    /// Hands the object to a program.
    pub(crate) fn object(self, object: &Value) {
        if self == Self::Program {
            print(object);
        }
    }
}

/// A reader that went away, as in `kai-e2e … | head`, is no reason to stop: the run goes on.
fn print(text: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
