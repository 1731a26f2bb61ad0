//! What the benchmarks share.

pub mod document;
pub mod machine;
pub mod numbers;
