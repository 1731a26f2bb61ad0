//! What `ask`, the other commands and the activities have in common: to answer a question on a stored
//! connection, to test, scan and describe its database, and to keep what is said of it.

mod asking;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::agent::{Agent, AgentError, HistoryLimits};
use crate::database::{self, ConnectionUri, Database, DatabaseError, QueryLimits};
use crate::delivery::Deliveries;
use crate::ids::ConnectionId;
use crate::knowledge::{
    Budgets, ConfigUpdate, FailedLine, Item, Model, ModelReport, SyncReport, VerifiedQuery,
    VerifiedReport, verified,
};
use crate::recorder::LeftTails;
use crate::scan::{self, Remembered, Scan, ScanError, ScanProgress, ScanReport};
use crate::spans::{self, Outcome};
use crate::store::{
    Attempt, Cipher, Connection, NewConnection, OwnedRun, RunKey, RunSoFar, Store, StoreError,
};

/// Answers questions on stored connections.
pub struct Analyst {
    store: Store,
    cipher: Option<Cipher>,
    agent: Agent,
    limits: QueryLimits,
    budgets: Budgets,
    history: HistoryLimits,
}

/// Why a question could not be asked, or nothing else be done with a connection.
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
    /// What was asked for makes no sense, whoever asks.
    #[error("{0}")]
    BadInput(String),
    /// The run gave no result.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

impl AnalystError {
    /// Whether asking again later may help.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::ConnectionNotFound(_)
            | Self::EmptyPrompt
            | Self::MissingKey
            | Self::BadInput(_) => false,
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
            Self::BadInput(_) => "BadInput",
            Self::Store(_) | Self::Agent(AgentError::Log(_)) => "Store",
            Self::Database(_) | Self::Agent(AgentError::Database(_)) => "Database",
            Self::Agent(AgentError::Model(_)) => "Model",
            Self::Agent(AgentError::Cancelled) => "Cancelled",
        }
    }
}

impl From<ScanError> for AnalystError {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Database(error) => Self::Database(error),
            ScanError::Store(error) => Self::Store(error),
            ScanError::Cancelled => Self::Agent(AgentError::Cancelled),
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
            budgets: Budgets::default(),
            history: HistoryLimits::default(),
        }
    }

    /// The same, whose model is told so much before a question.
    #[must_use]
    pub fn with_budgets(self, budgets: Budgets) -> Self {
        Self { budgets, ..self }
    }

    /// The same, remembering so much of each conversation.
    #[must_use]
    pub fn with_history(self, history: HistoryLimits) -> Self {
        Self { history, ..self }
    }

    /// The stored connections, by alias.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn connections(&self) -> Result<Vec<Connection>, AnalystError> {
        Ok(self.store.connections().await?)
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
        let Some(cipher) = &self.cipher else {
            return Ok(None);
        };
        let span = spans::store("take");
        let taking = self.store.take_run(key, attempt, cipher);
        let taken = taking.instrument(span.clone()).await;
        Outcome::from(&taken).note_on(&span);
        taken.map(Some)
    }

    /// What finds and delivers what lost workers have left, to callback URLs at these hosts. Like
    /// taking runs, that needs the key.
    pub fn left_tails(
        &self,
        deliveries: Deliveries,
        allowed_hosts: Vec<String>,
    ) -> Option<LeftTails> {
        let cipher = self.cipher.clone()?;
        let store = self.store.clone();
        Some(LeftTails::new(store, cipher, deliveries, allowed_hosts))
    }

    /// Whether the run has ended.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn run_has_ended(&self, key: &RunKey) -> Result<bool, StoreError> {
        self.store.run_has_ended(key).await
    }

    /// The database, described with what its last scan kept.
    fn remembered(
        &self,
        database: Arc<dyn Database>,
        connection: &Connection,
    ) -> Result<Remembered, AnalystError> {
        let (store, cipher) = (self.store.clone(), self.cipher()?.clone());
        Ok(Remembered::new(database, store, cipher, connection.clone()))
    }

    /// The connection with this id or alias.
    ///
    /// # Errors
    /// When there is none, or the store cannot be asked.
    pub async fn find(&self, id_or_alias: &str) -> Result<Connection, AnalystError> {
        let found = self.store.find_connection(id_or_alias).await?;
        found.ok_or_else(|| AnalystError::ConnectionNotFound(id_or_alias.to_owned()))
    }

    /// Connects to the connection's database.
    ///
    /// # Errors
    /// When its URI cannot be decrypted, or the database cannot be reached.
    pub async fn connect(
        &self,
        connection: &Connection,
    ) -> Result<Arc<dyn Database>, AnalystError> {
        let uri = self.store.connection_uri(connection, self.cipher()?)?;
        Ok(database::connect(&uri, &connection.schemas).await?)
    }

    /// The agent that answers.
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// How much one query may cost.
    pub fn limits(&self) -> QueryLimits {
        self.limits
    }

    /// Stores a connection under the id that is given, in the place of the one that has it, without
    /// connecting to it.
    ///
    /// # Errors
    /// When the URI or the alias cannot be used, or the store cannot be asked.
    pub async fn store_connection(
        &self,
        id: &str,
        uri: &str,
        alias: &str,
    ) -> Result<Connection, AnalystError> {
        if id.trim().is_empty() {
            return Err(AnalystError::BadInput(
                "connection_id is blank; give the connection an id".to_owned(),
            ));
        }
        let uri =
            ConnectionUri::parse(uri).map_err(|error| AnalystError::BadInput(error.to_string()))?;
        let mut new = NewConnection::new(alias, uri);
        new.metadata
            .insert("source".to_owned(), "temporal_worker".into());
        let id = ConnectionId::new(id);
        Ok(self.store.put_connection(&id, new, self.cipher()?).await?)
    }

    /// Scans the named tables of the connection with this id or alias; all when none is named.
    ///
    /// # Errors
    /// When there is no such connection, its database or the store cannot be asked, or `cancel` was
    /// cancelled.
    pub async fn scan(
        &self,
        id_or_alias: &str,
        tables: &[String],
        progress: &ScanProgress,
        cancel: &CancellationToken,
    ) -> Result<ScanReport, AnalystError> {
        let connection = self.find(id_or_alias).await?;
        let database = cancel
            .run_until_cancelled(Box::pin(self.connect(&connection)))
            .await
            .ok_or(ScanError::Cancelled)??;
        let scan = Scan {
            connection: &connection,
            database: database.as_ref(),
            store: &self.store,
            cipher: self.cipher()?,
        };
        let report = scan.run(tables, progress, cancel).await;
        database.close().await;
        Ok(report?)
    }

    /// Describes the named tables of the connection with this id or alias as Markdown; all when none
    /// is named.
    ///
    /// # Errors
    /// When there is no such connection, or its database or the store cannot be asked.
    pub async fn model(
        &self,
        id_or_alias: &str,
        tables: &[String],
    ) -> Result<ModelReport, AnalystError> {
        let connection = self.find(id_or_alias).await?;
        let database = self.connect(&connection).await?;
        let database = self.remembered(database, &connection)?;
        let listed = database.list_tables().await?;
        let all: Vec<String> = listed.into_iter().map(|table| table.name).collect();
        let (names, _) = scan::select(&connection, &all, tables);
        let tables = database.describe_tables(&names).await?;
        Ok(ModelReport::of(Model {
            alias: &connection.alias,
            dialect: connection.dialect,
            tables: &tables,
        }))
    }

    /// Keeps what an operator says of the connection with this id or alias.
    ///
    /// # Errors
    /// When there is no such connection, or the store cannot be asked. What is wrong with an item is
    /// in the report.
    pub async fn sync(
        &self,
        id_or_alias: &str,
        update: ConfigUpdate,
    ) -> Result<SyncReport, AnalystError> {
        let connection = self.find(id_or_alias).await?;
        let (items, report) = update.read(&connection.id);
        let cipher = self.cipher()?;
        self.store
            .save_knowledge(&connection, &items, cipher)
            .await?;
        Ok(report)
    }

    /// Keeps questions with queries that were found right, one JSON object on each line. Each query is
    /// run once; one that does not run is in the report.
    ///
    /// # Errors
    /// When there is no such connection, or its database or the store cannot be asked.
    pub async fn add_verified(
        &self,
        id_or_alias: &str,
        lines: &str,
    ) -> Result<VerifiedReport, AnalystError> {
        let connection = self.find(id_or_alias).await?;
        let (pairs, mut failed) = verified::read(lines);
        let database = self.connect(&connection).await?;
        let mut items = Vec::new();
        for (line, pair) in pairs {
            match verified::tried(database.as_ref(), &pair.sql, self.limits).await? {
                Ok(()) => items.push(Item::Verified(pair)),
                Err(error) => failed.push(FailedLine { line, error }),
            }
        }
        failed.sort_by_key(|failed| failed.line);
        let cipher = self.cipher()?;
        self.store
            .save_knowledge(&connection, &items, cipher)
            .await?;
        Ok(VerifiedReport {
            added: items.len(),
            failed,
        })
    }

    /// The questions of the connection with queries that were found right.
    ///
    /// # Errors
    /// When there is no such connection, or the store cannot be asked.
    pub async fn verified(&self, id_or_alias: &str) -> Result<Vec<VerifiedQuery>, AnalystError> {
        let connection = self.find(id_or_alias).await?;
        let knowledge = self.store.knowledge(&connection, self.cipher()?).await?;
        Ok(knowledge.verified)
    }

    fn cipher(&self) -> Result<&Cipher, AnalystError> {
        self.cipher.as_ref().ok_or(AnalystError::MissingKey)
    }
}
