//! How every KAI program reaches Temporal: the settings, the connection, what is encrypted on the way,
//! and errors that say what to do. Apart from kai-core, which knows nothing of Temporal.

pub mod codec;
mod error;
mod pollers;
mod profile;
mod server;
mod settings;
mod tls;

pub use error::TemporalError;
pub use pollers::{Pollers, pollers};
pub use server::{Server, answers};
pub use settings::TemporalSettings;
