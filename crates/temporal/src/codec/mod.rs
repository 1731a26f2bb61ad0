//! Payloads that are encrypted before they leave for Temporal: AES-256-GCM under the keys of
//! `TEMPORAL_CODEC_KEYS`, in the shape that Temporal's own encryption samples have.

mod encryption;
pub mod endpoint;
mod keyring;

pub use encryption::{CodecError, unreadable};
pub(crate) use encryption::{Strictness, data_converter};
pub use keyring::Keyring;
