//! The library under KAI's three programs: everything with a meaning of its own, nothing that
//! starts a process. It knows neither Temporal nor HTTP routes; the programs pass in what it needs.
#![warn(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when their reader goes: use outln! and errln!"
)]

pub mod agent;
pub mod analyst;
pub mod cause;
pub mod config;
pub mod database;
pub mod delivery;
pub mod evaluation;
pub mod event;
pub mod event_stream;
pub mod http;
pub mod ids;
pub mod interruption;
pub mod knowledge;
pub mod language;
pub mod logging;
pub mod manual;
pub mod model;
pub mod offline;
pub mod output;
pub mod recorder;
pub mod result;
pub mod scan;
pub mod signals;
pub mod spans;
pub mod store;
pub mod terminal;
pub mod wire;
