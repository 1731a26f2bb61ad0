//! The parts of `kai-worker`: the workflow and its activities, health, the control plane, and the commands.
#![warn(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when their reader goes: use outln! and errln!"
)]

pub mod active_sessions;
pub mod activities;
pub mod banner;
pub mod cli;
pub mod codec_server;
pub mod commands;
pub mod control_plane;
pub mod health;
mod left_tails;
pub mod memory;
pub mod metrics;
pub mod run_policy;
pub mod settings;
pub mod telemetry;
pub mod workflow;
