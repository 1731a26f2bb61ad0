//! The control plane: it is told that this worker is there, how much it does, and that it leaves.

mod client;
mod registration;
mod settings;

pub use client::ControlPlaneError;
pub use registration::{Introduction, Registration};
pub use settings::{ControlPlaneSettings, ControlPlaneUrl};
