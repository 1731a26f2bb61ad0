//! What cuts a run short that goes on afterwards.

use serde::{Deserialize, Serialize};

/// Why a run stopped before it goes on, as `session_resumed` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interruption {
    /// A person paused it.
    Pause,
    /// Its worker was told to stop.
    Shutdown,
    /// Its worker was lost, or took longer than it may.
    Lost,
    /// Something failed that may pass, as a service that was away.
    Failure,
    /// The stream of a turn of the model broke off, and the turn is asked for again.
    Turn,
}
