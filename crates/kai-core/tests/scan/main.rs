//! Scans and operators' knowledge from outside: on every kind of store, for every kind of database.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs
)]

mod first_event;
mod harness;
mod knowledge;
mod memory;
mod round_trips;
mod scans;
