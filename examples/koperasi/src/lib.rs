//! The sample database: Indonesian cooperatives, generated deterministically, printed as SQL for
//! `SQLite` and `PostgreSQL`, with sample questions and the queries that answer them.

mod generate;
mod geography;
mod names;
mod questions;
mod random;
mod rows;
mod script;

pub use questions::{Gold, Language, Question, questions};
pub use script::{Dialect, sql};
