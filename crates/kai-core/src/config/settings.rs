//! The settings of the library's parts. A program takes those it needs with `#[command(flatten)]`.

#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help that a terminal shows"
)]

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Secret, TypesenseSettings, values};
use crate::agent::HistoryLimits;
use crate::database::QueryLimits;
use crate::knowledge::Budgets;
use crate::language::Language;
use crate::model::openai::{Family, Key, ModelLimits, OpenAiModel};
use crate::model::{ChatModel, ModelError};
use crate::offline::OfflineModel;
use crate::store::StoreUrl;

/// How many bytes of values one query may bring back.
const MAX_RESULT_BYTES: usize = 16 << 20;

/// Where KAI remembers things, and the key to its secrets.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Store")]
pub struct StoreSettings {
    /// Where KAI keeps its connections and the runs under way: sqlite://PATH, for workers of one
    /// machine, or postgres://USER:PASSWORD@HOST:PORT/DATABASE or typesense://HOST:PORT/PREFIX, which
    /// any number of workers can share; a file in the user's data directory when not set
    #[arg(
        long = "store-url",
        env = "KAI_STORE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub url: Option<StoreUrl>,

    /// The Fernet key that connection URIs are encrypted with; `kai-worker key generate` makes one
    // One key in 64 begins with a hyphen.
    #[arg(
        long,
        env = "ENCRYPT_KEY",
        value_name = "KEY",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub encrypt_key: Option<Secret>,

    /// The server of a store that is kept in Typesense.
    #[command(flatten)]
    pub typesense: TypesenseSettings,
}

impl StoreSettings {
    /// Where the store is: as the settings say, or in the user's data directory.
    pub fn store_url(&self) -> StoreUrl {
        let url = self.url.clone().unwrap_or_else(StoreUrl::of_user);
        url.with_typesense(self.typesense.access())
    }
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

    /// How many seconds the model's service may take to begin an answer; a model that is loaded first
    /// takes long
    #[arg(long, env = "CHAT_FIRST_BYTE_TIMEOUT_SECONDS", value_name = "SECONDS", default_value = "120", value_parser = values::seconds)]
    pub chat_first_byte_timeout: Duration,

    /// How many seconds it may be silent within an answer, before that is asked for again
    #[arg(long, env = "CHAT_SILENCE_TIMEOUT_SECONDS", value_name = "SECONDS", default_value = "120", value_parser = values::seconds)]
    pub chat_silence_timeout: Duration,

    /// How often one turn is asked for again when the service is overloaded, away or breaks off
    #[arg(
        long,
        env = "CHAT_MAX_RETRIES",
        value_name = "COUNT",
        default_value = "4"
    )]
    pub chat_max_retries: u32,

    /// How many seconds one turn may wait for that in all; a service that asks for more (Retry-After)
    /// is left alone
    #[arg(long, env = "CHAT_MAX_RETRY_WAIT_SECONDS", value_name = "SECONDS", default_value = "60", value_parser = values::seconds)]
    pub chat_max_retry_wait: Duration,

    /// How many tokens the model reads at most, prompt and answer together: what is said is kept
    /// below it. When not set, it is shortened only when the service refuses it; Ollama does not
    /// refuse, so set there what OLLAMA_CONTEXT_LENGTH is
    #[arg(long, env = "CHAT_CONTEXT_TOKENS", value_name = "COUNT", value_parser = values::count)]
    pub chat_context_tokens: Option<usize>,
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
        let (family, key) = match self.family() {
            ModelFamily::Offline => return Ok(Arc::new(OfflineModel::new(language))),
            ModelFamily::Openai => (Family::OpenAi, self.openai_api_key.as_ref()),
            ModelFamily::Google => (Family::Google, self.google_api_key.as_ref()),
            ModelFamily::Openrouter => (Family::OpenRouter, self.openrouter_api_key.as_ref()),
            ModelFamily::Ollama => (Family::Ollama, None),
        };
        let key = match family.key_setting() {
            Some(setting) => Some(Key {
                secret: key.cloned().ok_or(ModelError::MissingSetting(setting))?,
                setting,
            }),
            None => None,
        };
        let model = self
            .chat_model
            .as_deref()
            .ok_or(ModelError::MissingSetting("CHAT_MODEL"))?;
        let base_url = self.chat_base_url.as_deref();
        let base_url = base_url.unwrap_or_else(|| family.base_url());
        let limits = ModelLimits {
            first_byte: self.chat_first_byte_timeout,
            silence: self.chat_silence_timeout,
            max_retries: self.chat_max_retries,
            max_wait: self.chat_max_retry_wait,
            context_tokens: self.chat_context_tokens,
        };
        let model = OpenAiModel::new(family, model, base_url, key.as_ref(), limits)?;
        Ok(Arc::new(model))
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

    /// How many seconds a run waits for a database that goes away in its middle, to ask it again, before
    /// the attempt fails
    #[arg(long, env = "SQL_RECONNECT_SECONDS", value_name = "SECONDS", default_value = "15", value_parser = values::seconds)]
    pub sql_reconnect: Duration,

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

    /// How many tokens of a conversation's earlier questions and answers the model is told; with 0
    /// none are kept
    #[arg(
        long,
        env = "AGENT_HISTORY_TOKENS",
        value_name = "COUNT",
        default_value = "4000"
    )]
    pub agent_history_tokens: usize,

    /// For how many days the questions and answers of a conversation are kept
    #[arg(long, env = "AGENT_HISTORY_DAYS", value_name = "DAYS", default_value = "30", value_parser = values::days)]
    pub agent_history_days: Duration,
}

impl AgentSettings {
    /// How much of what is known a model is told before a question.
    pub fn budgets(&self) -> Budgets {
        Budgets {
            schema: self.agent_schema_tokens,
            knowledge: self.agent_knowledge_tokens,
        }
    }

    /// How much of a conversation is remembered.
    pub fn history_limits(&self) -> HistoryLimits {
        HistoryLimits {
            tokens: self.agent_history_tokens,
            keep: self.agent_history_days,
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
    #[arg(long = "log", env = "RUST_LOG", value_name = "FILTER", default_value = "warn,async_openai=off,kai_core=info,kai_worker=info,kai_sse_callback=info", value_parser = filter)]
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
