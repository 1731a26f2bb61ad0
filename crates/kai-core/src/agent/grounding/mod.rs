//! Whether the numbers of an answer come from somewhere: from the rows that the tools returned, by a
//! count or an aggregate of them, or from the question itself.

mod derived;
mod numbers;
mod sentences;
mod sources;
mod spelled;
mod words;

pub use sources::Sources;
