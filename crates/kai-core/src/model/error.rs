//! What can go wrong when a model is asked, and what a person can do about it.

/// Why a model gave no turn.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A setting is missing. The message is the original's.
    #[error("Missing required config value '{0}'")]
    MissingSetting(&'static str),
    /// The model's service refused the key.
    #[error("{model} refused the key; check {setting}")]
    WrongKey {
        /// The model.
        model: String,
        /// The setting that holds the key.
        setting: &'static str,
    },
    /// The model's service has no model of this name.
    #[error("{model} is not a model of its service; check CHAT_MODEL ({reason})")]
    UnknownModel {
        /// The model.
        model: String,
        /// What the service said.
        reason: String,
    },
    /// The account of the key has nothing left to spend.
    #[error("{model} wants to be paid for: {reason}; check the account of {setting}")]
    Unpaid {
        /// The model.
        model: String,
        /// What the service said.
        reason: String,
        /// The setting that holds the key.
        setting: &'static str,
    },
    /// The conversation is longer than the model reads.
    #[error(
        "{model} cannot read so much at once: {reason}; ask a narrower question, or choose a model \
         with a larger context in CHAT_MODEL"
    )]
    ContextTooLong {
        /// The model.
        model: String,
        /// What the service said.
        reason: String,
    },
    /// The model's service refused the request: asking again would not help.
    #[error("{model} refused the request: {reason}")]
    Refused {
        /// The model.
        model: String,
        /// What the service said.
        reason: String,
    },
    /// The model's service is away or overloaded: asking again later may help.
    #[error("{model} is not available: {reason}")]
    Unavailable {
        /// The model.
        model: String,
        /// What happened.
        reason: String,
    },
}

impl ModelError {
    /// Whether asking again later may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
