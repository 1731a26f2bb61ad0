//! The receiver: takes the events of agent runs over HTTP and serves them as server-sent events.
//!
//! A session is an append-only [`log`] of numbered events; a [`hub`] holds the sessions; each
//! visitor is a [`subscription`], a cursor that reads a log at its own pace. [`server`] puts HTTP
//! around them. See `docs/receiver.md` for what a visitor is shown and when.
#![warn(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when their reader goes: use outln! and errln!"
)]

pub mod access;
pub mod backend;
pub mod batch;
pub mod connection;
mod cores;
pub mod descriptors;
pub mod envelope;
pub mod format;
pub mod frame;
pub mod hosts;
mod hot;
pub mod hub;
pub mod log;
mod memory;
pub mod metrics;
pub mod origins;
pub mod producer;
mod routes;
pub mod runs;
pub mod server;
mod session;
pub mod settings;
pub mod subscription;
mod turns;
