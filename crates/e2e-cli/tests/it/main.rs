//! `kai-e2e` as a person or a program runs it, against real servers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod configuration;
mod demo;
mod harness;
mod load;
mod manual;
mod relay;
mod tied;
mod timing_out;
mod unread;
mod watching;
