//! The offline model, from the question to the rows, on databases of different fields.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]

mod campus;
mod clinic;
mod driver;
mod fuzzed;
mod sample;
mod shop;
