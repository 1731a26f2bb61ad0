//! The receiver as others meet it: over HTTP, and as a program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

mod bytes;
mod events;
mod format;
mod interleavings;
mod limits;
mod program;
mod publishing;
mod reading;
mod stream;
mod support;
