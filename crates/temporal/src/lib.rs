//! How every KAI program reaches Temporal: the settings, the connection, and errors that say what to
//! do. Apart from kai-core, which knows nothing of Temporal.

mod server;
mod settings;

pub use server::{Server, TemporalError};
pub use settings::TemporalSettings;
