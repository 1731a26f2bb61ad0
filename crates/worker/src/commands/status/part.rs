//! A part of what the worker needs, and how it is.

use std::fmt;

use kai_core::terminal::{Paint, Tone, harmless};
use serde::Serialize;

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// Well.
    Ok,
    /// It works, or is not needed; somebody should look at it.
    Warning,
    /// Not well: the worker cannot do its work, or a part of it.
    Failed,
    /// Not known, because another part that it hangs on is not well.
    Unknown,
}

impl State {
    fn mark(self, paint: Paint) -> String {
        let (tone, mark) = match self {
            Self::Ok => (Tone::Good, "[ok]"),
            Self::Warning => (Tone::Doubtful, "[!!]"),
            Self::Failed => (Tone::Bad, "[--]"),
            Self::Unknown => (Tone::Faint, "[  ]"),
        };
        paint.tone(tone, mark)
    }
}

/// A part, how it is, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Part {
    /// What it is.
    #[serde(rename = "part")]
    name: String,
    /// How it is.
    pub(super) state: State,
    /// The same in words; with what to do where it is not well.
    detail: String,
}

impl Part {
    pub(super) fn new(part: impl Into<String>, state: State, detail: impl fmt::Display) -> Self {
        Self {
            name: part.into(),
            state,
            // One part, one line, whatever a server has said.
            detail: harmless(&detail.to_string()),
        }
    }

    pub(super) fn ok(part: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::new(part, State::Ok, detail)
    }

    pub(super) fn warning(part: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::new(part, State::Warning, detail)
    }

    pub(super) fn failed(part: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::new(part, State::Failed, detail)
    }

    /// A part that cannot be looked at without `missing`.
    pub(super) fn unknown(part: impl Into<String>, missing: &str) -> Self {
        Self::new(
            part,
            State::Unknown,
            format_args!("not known without {missing}"),
        )
    }

    /// The part as a line for people.
    pub(super) fn line(&self, paint: Paint) -> String {
        format!("{} {}: {}", self.state.mark(paint), self.name, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_one_line() {
        let part = Part::failed("store", "broken\nbadly; mend it");
        assert_eq!(part.line(Paint::PLAIN), "[--] store: broken badly; mend it");
        let unknown = Part::unknown("namespace", "Temporal");
        let line = unknown.line(Paint::PLAIN);
        assert_eq!(line, "[  ] namespace: not known without Temporal");
    }
}
