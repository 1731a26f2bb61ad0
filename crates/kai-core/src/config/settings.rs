//! The settings of the library's parts. A program takes those it needs with `#[command(flatten)]`.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help that a terminal shows"
)]

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Secret, values};
use crate::database::QueryLimits;
use crate::knowledge::Budgets;
use crate::language::Language;
use crate::model::{ChatModel, ModelError, openai};
use crate::offline::OfflineModel;
use crate::store::StoreUrl;

/// How many bytes of values one query may bring back.
const MAX_RESULT_BYTES: usize = 16 << 20;

/// Where KAI remembers things, and the key to its secrets.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Store")]
pub struct StoreSettings {
    /// Where KAI keeps its connections and the runs under way: sqlite://PATH, for workers of one
    /// machine, or postgres://USER:PASSWORD@HOST:PORT/DATABASE, which any number of workers can
    /// share; a file in the user's data directory when not set
    #[arg(
        long = "store-url",
        env = "KAI_STORE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub url: Option<StoreUrl>,

    /// The Fernet key that connection URIs are encrypted with; `kai-worker key generate` makes one
    #[arg(long, env = "ENCRYPT_KEY", value_name = "KEY", hide_env_values = true)]
    pub encrypt_key: Option<Secret>,
}

/// Which language model answers, and how it is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelSettings {
    /// The family of the model; when not set, the family whose key is set, else offline
    #[arg(long, env = "CHAT_FAMILY", value_name = "FAMILY")]
    pub chat_family: Option<ModelFamily>,

    /// The model's name, as its family calls it; needed for every family but offline
    #[arg(long, env = "CHAT_MODEL", value_name = "NAME", value_parser = values::not_blank)]
    pub chat_model: Option<String>,

    /// The address of an OpenAI-compatible service, in place of the family's own
    #[arg(long, env = "CHAT_BASE_URL", value_name = "URL", value_parser = values::not_blank)]
    pub chat_base_url: Option<String>,

    /// The key for the family openai
    #[arg(
        long,
        env = "OPENAI_API_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    pub openai_api_key: Option<Secret>,

    /// The key for the family google
    #[arg(
        long,
        env = "GOOGLE_API_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    pub google_api_key: Option<Secret>,

    /// The key for the family openrouter
    #[arg(
        long,
        env = "OPENROUTER_API_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    pub openrouter_api_key: Option<Secret>,
}

/// The families of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModelFamily {
    /// The embedded model: no network, no key.
    Offline,
    /// OpenAI.
    Openai,
    /// Google, through its OpenAI-compatible address.
    Google,
    /// OpenRouter.
    Openrouter,
    /// A local Ollama.
    Ollama,
}

impl ModelSettings {
    /// The family in force.
    pub fn family(&self) -> ModelFamily {
        self.chat_family.unwrap_or_else(|| {
            if self.openai_api_key.is_some() {
                ModelFamily::Openai
            } else if self.google_api_key.is_some() {
                ModelFamily::Google
            } else if self.openrouter_api_key.is_some() {
                ModelFamily::Openrouter
            } else {
                ModelFamily::Offline
            }
        })
    }

    /// The model that these settings describe. `language` is what the offline model answers in when
    /// the question does not tell.
    pub fn build(&self, language: Language) -> Result<Arc<dyn ChatModel>, ModelError> {
        let (family, base_url, key) = match self.family() {
            ModelFamily::Offline => return Ok(Arc::new(OfflineModel::new(language))),
            ModelFamily::Openai => (
                "openai",
                "https://api.openai.com/v1",
                Some((&self.openai_api_key, "OPENAI_API_KEY")),
            ),
            ModelFamily::Google => (
                "google",
                "https://generativelanguage.googleapis.com/v1beta/openai",
                Some((&self.google_api_key, "GOOGLE_API_KEY")),
            ),
            ModelFamily::Openrouter => (
                "openrouter",
                "https://openrouter.ai/api/v1",
                Some((&self.openrouter_api_key, "OPENROUTER_API_KEY")),
            ),
            ModelFamily::Ollama => ("ollama", "http://localhost:11434/v1", None),
        };
        let key = match key {
            Some((key, setting)) => Some(openai::Key {
                secret: key.clone().ok_or(ModelError::MissingSetting(setting))?,
                setting,
            }),
            None => None,
        };
        let model = self
            .chat_model
            .clone()
            .ok_or(ModelError::MissingSetting("CHAT_MODEL"))?;
        let base_url = self.chat_base_url.as_deref().unwrap_or(base_url);
        Ok(Arc::new(openai::OpenAiModel::new(
            family,
            &model,
            base_url,
            key.as_ref(),
        )?))
    }
}

/// How far the agent may go.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Agent")]
pub struct AgentSettings {
    /// How many turns the model may take for one question
    #[arg(long, env = "AGENT_MAX_ITERATIONS", value_name = "COUNT", default_value = "20", value_parser = values::count)]
    pub agent_max_iterations: usize,

    /// How many seconds one query may run
    #[arg(long, env = "SQL_EXECUTION_TIMEOUT", value_name = "SECONDS", default_value = "60", value_parser = values::seconds)]
    pub sql_execution_timeout: Duration,

    /// How many rows one query may return
    #[arg(long, env = "SQL_MAX_ROWS", value_name = "COUNT", default_value = "1000", value_parser = values::count)]
    pub sql_max_rows: usize,

    /// The language of answers to questions whose own language is not clear: id or en
    #[arg(
        long,
        env = "AGENT_LANGUAGE",
        value_name = "LANGUAGE",
        default_value = "id"
    )]
    pub agent_language: Language,

    /// How many tokens of tables, columns and values a model is told before a question; where not all
    /// fit, those that the question points to
    #[arg(long, env = "AGENT_SCHEMA_TOKENS", value_name = "COUNT", default_value = "6000", value_parser = values::count)]
    pub agent_schema_tokens: usize,

    /// How many tokens of instructions, glossary, skills, verified queries, model definitions and
    /// memories a model is told before a question
    #[arg(long, env = "AGENT_KNOWLEDGE_TOKENS", value_name = "COUNT", default_value = "4000", value_parser = values::count)]
    pub agent_knowledge_tokens: usize,
}

impl AgentSettings {
    /// How much of what is known a model is told before a question.
    pub fn budgets(&self) -> Budgets {
        Budgets {
            schema: self.agent_schema_tokens,
            knowledge: self.agent_knowledge_tokens,
        }
    }

    /// How much one query may cost.
    pub fn query_limits(&self) -> QueryLimits {
        QueryLimits {
            timeout: self.sql_execution_timeout,
            max_rows: self.sql_max_rows,
            max_bytes: MAX_RESULT_BYTES,
        }
    }
}

/// Where events may be sent.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Streaming")]
pub struct CallbackSettings {
    /// The hosts that a callback URL may name, separated by commas; any when not set
    #[arg(
        long,
        env = "CALLBACK_ALLOWED_HOSTS",
        value_name = "HOSTS",
        value_delimiter = ','
    )]
    pub callback_allowed_hosts: Vec<String>,

    /// The token that is shown to callback URLs, for receivers with SSE_PUBLISH_TOKEN; needs
    /// CALLBACK_ALLOWED_HOSTS
    #[arg(long, env = "CALLBACK_TOKEN", value_name = "TOKEN", hide_env_values = true, requires = "callback_allowed_hosts", value_parser = values::token)]
    pub callback_token: Option<Secret>,
}

/// What is logged, and how.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Logs")]
pub struct LogSettings {
    /// What is logged to standard error, as tracing's filters say it: info, warn, kai_core=debug, …
    #[arg(long = "log", env = "RUST_LOG", value_name = "FILTER", default_value = "warn,kai_core=info,kai_worker=info,kai_sse_callback=info", value_parser = filter)]
    pub log_filter: String,

    /// How it is written: text or json
    #[arg(
        long,
        env = "LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,
}

/// The formats of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One object per line.
    Json,
}

fn filter(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "{error}; use error, warn, info, debug, trace or target=level"
        )),
    }
}
