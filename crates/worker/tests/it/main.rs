//! The worker as its users meet it: real processes against a real Temporal server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say where"
)]

mod activities;
mod bad_input;
mod commands;
mod configuration;
mod connection;
mod connections_workflow;
mod control_plane;
mod crash;
mod evaluating;
mod faults;
mod finding;
mod harness;
mod health;
mod histories;
mod interop;
mod lifecycle;
mod limits;
mod manual;
mod observing;
mod outage;
mod page_api;
mod scanning;
mod setting_up;
mod steering;
mod streaming;
mod unread;
