//! Answers one question on one stored connection: what `ask` and the activities have in common.

use tokio_util::sync::CancellationToken;

use crate::agent::tools::ToolContext;
use crate::agent::{Agent, AgentError, AgentTask, Earlier, EventSink, Plan, RunLog};
use crate::database::{self, ConnectionUri, Database, DatabaseError, QueryLimits};
use crate::store::{Attempt, Cipher, Connection, OwnedRun, RunKey, RunSoFar, Store, StoreError};
use crate::wire::AgentResult;

use std::sync::Arc;

/// Answers questions on stored connections.
pub struct Analyst {
    store: Store,
    cipher: Option<Cipher>,
    agent: Agent,
    limits: QueryLimits,
}

/// Why a question could not be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum AnalystError {
    /// No connection has this id or alias. The message is the original's.
    #[error("Connection {0} not found")]
    ConnectionNotFound(String),
    /// There is no question.
    #[error("the prompt is empty; ask a question")]
    EmptyPrompt,
    /// The stored URIs cannot be read.
    #[error(
        "ENCRYPT_KEY is not set, so the connection cannot be decrypted; set the key with which it \
         was created"
    )]
    MissingKey,
    /// The store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target database cannot be reached.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The run gave no result.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

impl AnalystError {
    /// Whether asking again later may help.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::ConnectionNotFound(_) | Self::EmptyPrompt | Self::MissingKey => false,
            Self::Store(error) => error.is_retryable(),
            Self::Database(error) => error.is_retryable(),
            Self::Agent(error) => error.is_retryable(),
        }
    }

    /// A short name for the kind of error, as programs tell them apart.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ConnectionNotFound(_) => "ConnectionNotFound",
            Self::EmptyPrompt => "EmptyPrompt",
            Self::MissingKey => "MissingKey",
            Self::Store(_) | Self::Agent(AgentError::Log(_)) => "Store",
            Self::Database(_) | Self::Agent(AgentError::Database(_)) => "Database",
            Self::Agent(AgentError::Model(_)) => "Model",
            Self::Agent(AgentError::Cancelled) => "Cancelled",
        }
    }
}

impl Analyst {
    /// An analyst with the connections of `store`, decrypted with `cipher`.
    pub fn new(store: Store, cipher: Option<Cipher>, agent: Agent, limits: QueryLimits) -> Self {
        Self {
            store,
            cipher,
            agent,
            limits,
        }
    }

    /// Answers the question on the connection with this id or alias.
    ///
    /// # Errors
    /// When there is no such connection, or it, the model or the store cannot be asked.
    pub async fn answer(
        &self,
        connection: &str,
        task: &AgentTask,
        events: &dyn EventSink,
        cancel: &CancellationToken,
    ) -> Result<AgentResult, AnalystError> {
        let context = self.prepare(connection, &task.prompt, cancel).await?;
        Ok(self.agent.run(task, &context, events, cancel).await?)
    }

    /// The same, keeping every finished step in `log` and going on after those that an earlier attempt
    /// has left.
    ///
    /// # Errors
    /// Also when a step could not be kept.
    pub async fn go_on(
        &self,
        connection: &str,
        task: &AgentTask,
        earlier: Option<Earlier>,
        log: &dyn RunLog,
        events: &dyn EventSink,
        cancel: &CancellationToken,
    ) -> Result<AgentResult, AnalystError> {
        let context = self.prepare(connection, &task.prompt, cancel).await?;
        let answer = self
            .agent
            .go_on(task, &context, earlier, log, events, cancel);
        Ok(answer.await?)
    }

    /// Takes a run of this question, if there is the key that its steps are kept with. Without the
    /// key no connection can be asked either.
    ///
    /// # Errors
    /// As [`Store::take_run`].
    pub async fn take_run(
        &self,
        key: RunKey,
        attempt: &Attempt,
    ) -> Result<Option<(OwnedRun, RunSoFar)>, StoreError> {
        match &self.cipher {
            Some(cipher) => self.store.take_run(key, attempt, cipher).await.map(Some),
            None => Ok(None),
        }
    }

    /// Looks at the question, and connects to its database.
    async fn prepare(
        &self,
        connection: &str,
        prompt: &str,
        cancel: &CancellationToken,
    ) -> Result<ToolContext, AnalystError> {
        if prompt.trim().is_empty() {
            return Err(AnalystError::EmptyPrompt);
        }
        // Boxed, since what connects is large and lives only for a moment.
        let opening = Box::pin(self.open(connection));
        let database = cancel
            .run_until_cancelled(opening)
            .await
            .unwrap_or(Err(AnalystError::Agent(AgentError::Cancelled)))?;
        Ok(ToolContext {
            database,
            limits: self.limits,
        })
    }

    /// Plans how to answer the question on the connection with this id or alias, without running a
    /// query.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub async fn plan(
        &self,
        connection: &str,
        prompt: &str,
        cancel: &CancellationToken,
    ) -> Result<Plan, AnalystError> {
        let context = self.prepare(connection, prompt, cancel).await?;
        Ok(self.agent.plan(prompt, &context, cancel).await?)
    }

    /// The agent that answers.
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Connects to the target database of the connection with this id or alias.
    async fn open(&self, id_or_alias: &str) -> Result<Arc<dyn Database>, AnalystError> {
        let connection = self
            .store
            .find_connection(id_or_alias)
            .await?
            .ok_or_else(|| AnalystError::ConnectionNotFound(id_or_alias.to_owned()))?;
        let uri = self.uri(&connection)?;
        Ok(database::connect(&uri, &connection.schemas).await?)
    }

    fn uri(&self, connection: &Connection) -> Result<ConnectionUri, AnalystError> {
        let cipher = self.cipher.as_ref().ok_or(AnalystError::MissingKey)?;
        Ok(self.store.connection_uri(connection, cipher)?)
    }
}
