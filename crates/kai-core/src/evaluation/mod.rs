//! Evaluation: questions whose answers are known, asked through the whole agent, and how many of them
//! were answered rightly.
//!
//! A file of questions is JSON Lines, described in `docs/evaluation.md`; [`parse`] reads it. An
//! [`Evaluation`] asks one question after the other on a connection, with whatever model the analyst
//! has, and [`compare()`] judges by the rows: what a question's gold query returns is right, however it
//! was asked for. A [`Summary`] counts.

mod compare;
mod observer;
mod question;
mod run;
mod score;
mod summary;

pub use compare::{Comparison, Difference, compare};
pub use question::{Expected, Question, QuestionLanguage, QuestionsError, parse};
pub use run::{Evaluation, EvaluationError, Outcome, Verdict};
pub use score::{Declines, Score};
pub use summary::{Spread, Summary};
