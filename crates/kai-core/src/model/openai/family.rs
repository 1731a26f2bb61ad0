//! The families of OpenAI-compatible services, and where they differ.

/// A family of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// OpenAI, and any other service that is closer to it than to the rest.
    OpenAi,
    /// Google's OpenAI-compatible address.
    Google,
    /// OpenRouter.
    OpenRouter,
    /// Ollama.
    Ollama,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OpenAi, Self::Google, Self::OpenRouter, Self::Ollama];

    /// The name, as the settings have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Google => "google",
            Self::OpenRouter => "openrouter",
            Self::Ollama => "ollama",
        }
    }

    /// The family's own address.
    pub fn base_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Google => "https://generativelanguage.googleapis.com/v1beta/openai",
            Self::OpenRouter => "https://openrouter.ai/api/v1",
            Self::Ollama => "http://localhost:11434/v1",
        }
    }

    /// The setting of its key; `None` where it needs none.
    pub fn key_setting(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("OPENAI_API_KEY"),
            Self::Google => Some("GOOGLE_API_KEY"),
            Self::OpenRouter => Some("OPENROUTER_API_KEY"),
            Self::Ollama => None,
        }
    }

    /// Whether it takes a seed. The original sends one to OpenAI only.
    pub(super) fn takes_seed(self) -> bool {
        self == Self::OpenAi
    }

    /// Whether the result of a tool names the tool, too.
    pub(super) fn names_tool_results(self) -> bool {
        self == Self::Google
    }

    /// Whether it reads only a part of JSON Schema.
    pub(super) fn has_plain_schemas(self) -> bool {
        self == Self::Google
    }
}
