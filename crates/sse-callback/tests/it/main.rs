//! The receiver as others meet it: over HTTP, and as a program.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

mod access;
mod bytes;
mod clocks;
mod crowd;
mod events;
mod format;
mod fuzzed;
mod interleavings;
mod limits;
mod manual;
mod metrics;
mod million;
mod nginx;
mod openapi;
mod own;
mod page;
mod patient;
mod peers;
mod program;
mod publishing;
mod raw;
mod reading;
mod redis_decisions;
mod redis_outage;
mod redis_restarts;
mod redis_server;
mod redis_sharing;
mod short_way;
mod shutdown;
mod stream;
mod support;
mod vanished;
