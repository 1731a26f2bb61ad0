//! Standard output: lines for people, or one object for programs; and, on standard error, a bar while
//! a person waits.

use std::fmt::Display;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use kai_core::outln;
use kai_core::terminal::{Paint, Tone};
use serde_json::Value;

/// How often a bar that nothing moves shows that time goes on.
const TICK: Duration = Duration::from_millis(120);

/// Who reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// A person: lines as things happen.
    Person,
    /// A program: one JSON object at the end.
    Program,
    /// Nobody: somebody else sums up what happens.
    Nobody,
}

/// Standard output, as its reader wants it.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    reader: Reader,
    paint: Paint,
    /// What is drawn below the lines; hidden where nobody looks.
    bar: ProgressBar,
}

/// Draws a bar until it is dropped.
#[derive(Debug)]
pub(crate) struct Drawn(ProgressBar);

impl Console {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            reader: if json {
                Reader::Program
            } else {
                Reader::Person
            },
            paint: Paint::for_stdout(),
            bar: ProgressBar::hidden(),
        }
    }

    /// A console that says nothing.
    pub(crate) fn silent() -> Self {
        Self {
            reader: Reader::Nobody,
            paint: Paint::PLAIN,
            bar: ProgressBar::hidden(),
        }
    }

    /// Says something to a person.
    pub(crate) fn say(&self, text: impl Display) {
        if self.reader == Reader::Person {
            let text = painted(&text.to_string(), self.paint);
            self.bar.suspend(|| outln!("{text}"));
        }
    }

    /// Hands the object to a program.
    pub(crate) fn object(&self, object: &Value) {
        if self.reader == Reader::Program {
            outln!("{object}");
        }
    }

    /// Tells a program why there is nothing else to tell it; people read it on standard error.
    pub(crate) fn failure(&self, error: &dyn std::error::Error) {
        self.object(&serde_json::json!({"error": error.to_string()}));
    }

    /// Shows that something is waited for, with the time that it has taken.
    pub(crate) fn wait_for(&mut self, what: &'static str) -> Drawn {
        self.draw(ProgressBar::new_spinner().with_message(what), WAITING)
    }

    /// Shows how many of `length` things are done; [`advance`](Self::advance) moves it.
    pub(crate) fn count_to(&mut self, length: u64) -> Drawn {
        self.draw(ProgressBar::new(length), COUNTING)
    }

    /// One more of the things is done; `so_far` says how it went.
    pub(crate) fn advance(&self, so_far: impl Display) {
        self.bar.set_message(so_far.to_string());
        self.bar.inc(1);
    }

    /// Whether a person sees the bar.
    pub(crate) fn draws(&self) -> bool {
        !self.bar.is_hidden()
    }

    fn draw(&mut self, bar: ProgressBar, template: &str) -> Drawn {
        // A pipe behind either of the two is read by something that has no use for a bar.
        let is_watched = io::stdout().is_terminal() && io::stderr().is_terminal();
        if self.reader == Reader::Person && is_watched {
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(TICK);
            self.bar = bar;
        }
        Drawn(self.bar.clone())
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

const WAITING: &str = "{spinner} {msg} ({elapsed})";
const COUNTING: &str = "{wide_bar} {pos}/{len} ({elapsed}, {eta} to go) {msg}";

/// Colours the marks that lines begin with.
fn painted(text: &str, paint: Paint) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| {
            for (mark, tone) in [("[PASS]", Tone::Good), ("[FAIL]", Tone::Bad)] {
                if let Some(rest) = line.strip_prefix(mark) {
                    return format!("{}{rest}", paint.tone(tone, mark));
                }
            }
            line.to_owned()
        })
        .collect();
    lines.join("\n")
}
