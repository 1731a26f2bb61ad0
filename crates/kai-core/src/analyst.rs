//! What `ask`, the other commands and the activities have in common: to answer a question on a stored
//! connection, to test, scan and describe its database, and to keep what is said of it.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::agent::tools::ToolContext;
use crate::agent::{
    Agent, AgentError, AgentTask, Earlier, EventSink, Exchange, HistoryLimits, Plan, RunLog,
    newest_within,
};
use crate::database::{self, ConnectionUri, Database, DatabaseError, QueryLimits};
use crate::event::AgentEvent;
use crate::ids::{ConnectionId, SessionId};
use crate::knowledge::{
    Briefing, Budgets, Catalogue, ConfigUpdate, FailedLine, Item, Knowledge, Model, ModelReport,
    Notebook, SyncReport, Topic, VerifiedQuery, VerifiedReport, verified,
};
use crate::scan::{self, Remembered, Scan, ScanError, ScanProgress, ScanReport};
use crate::spans::{self, Outcome};
use crate::store::{
    Attempt, Cipher, Connection, ConversationKey, NewConnection, OwnedRun, RunKey, RunSoFar, Store,
    StoreError,
};
use crate::wire::AgentResult;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

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
        tell_of_briefing(&context.briefing, events);
        let task = &self.told_history(connection, task, Duration::ZERO).await?;
        let result = self.agent.run(task, &context, events, cancel).await?;
        self.remember(connection, task, &result).await;
        Ok(result)
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
        if earlier.is_none() {
            tell_of_briefing(&context.briefing, events);
        }
        let spent = earlier.as_ref().map(|earlier| earlier.spent);
        let task = self.told_history(connection, task, spent.unwrap_or_default());
        let task = &task.await?;
        let answer = self
            .agent
            .go_on(task, &context, earlier, log, events, cancel);
        let result = answer.await?;
        self.remember(connection, task, &result).await;
        Ok(result)
    }

    /// The task, told what was answered in its conversation before it began, `spent` ago: every
    /// attempt at a run is told the same.
    async fn told_history(
        &self,
        connection: &str,
        task: &AgentTask,
        spent: Duration,
    ) -> Result<AgentTask, AnalystError> {
        let mut task = task.clone();
        if let Some(conversation) = &task.thread.conversation {
            let history = self.history(connection, conversation, spent);
            task.thread.history = history.await?;
        }
        Ok(task)
    }

    /// What was answered in a conversation until so long ago, as far as a model is told of it.
    async fn history(
        &self,
        connection: &str,
        conversation: &SessionId,
        spent: Duration,
    ) -> Result<Vec<Exchange>, AnalystError> {
        if self.history.tokens == 0 {
            return Ok(Vec::new());
        }
        let connection = &self.find(connection).await?;
        let key = ConversationKey {
            connection,
            conversation,
        };
        let before = Utc::now() - lasting(spent);
        let keep = lasting(self.history.keep);
        let exchanges = self.store.exchanges(key, before, keep, self.cipher()?);
        Ok(newest_within(exchanges.await?, self.history.tokens))
    }

    /// Keeps what was answered for later questions of the conversation. The answer is worth more than
    /// its memory, so a store that fails now costs only that.
    async fn remember(&self, connection: &str, task: &AgentTask, result: &AgentResult) {
        let Some(conversation) = &task.thread.conversation else {
            return;
        };
        if self.history.tokens == 0 {
            return;
        }
        let exchange = Exchange {
            question: task.prompt.clone(),
            sql_queries: result.sql_queries.clone(),
            answer: result.final_answer.clone(),
        };
        let keeping = async {
            let connection = &self.find(connection).await?;
            let key = ConversationKey {
                connection,
                conversation,
            };
            let keep = lasting(self.history.keep);
            let cipher = self.cipher()?;
            let saving = self
                .store
                .save_exchange(key, &task.id, &exchange, keep, cipher);
            Ok::<_, AnalystError>(saving.await?)
        };
        if let Err(error) = keeping.await {
            tracing::warn!(%error, "an answer could not be kept for its conversation");
        }
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

    /// Whether the run has ended.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn run_has_ended(&self, key: &RunKey) -> Result<bool, StoreError> {
        self.store.run_has_ended(key).await
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
        let opening = Box::pin(self.context(connection, prompt));
        cancel
            .run_until_cancelled(opening)
            .await
            .unwrap_or(Err(AnalystError::Agent(AgentError::Cancelled)))
    }

    /// What the agent's tools work on: the database, described with its last scan, and what the
    /// operator has said that matters for the question.
    async fn context(
        &self,
        id_or_alias: &str,
        question: &str,
    ) -> Result<ToolContext, AnalystError> {
        let connection = self.find(id_or_alias).await?;
        let database = self.connect(&connection).await?;
        let knowledge = self.store.knowledge(&connection, self.cipher()?).await?;
        let database = self.remembered(database, &connection)?;
        let briefing = self.briefing(&connection, &database, knowledge, question);
        Ok(ToolContext {
            briefing: briefing.await?,
            database: Arc::new(database),
            limits: self.limits,
        })
    }

    /// What is known that matters for the question. A model that works by rule finds its tables
    /// itself, and keeps nothing in mind.
    async fn briefing(
        &self,
        connection: &Connection,
        database: &Remembered,
        knowledge: Knowledge,
        question: &str,
    ) -> Result<Briefing, AnalystError> {
        let tokens = self.budgets.knowledge;
        let briefing = Briefing::within(Arc::new(knowledge), question, tokens);
        if self.agent.works_by_rule() {
            return Ok(briefing);
        }
        let (store, cipher) = (self.store.clone(), self.cipher()?.clone());
        let notebook = Notebook::new(store, cipher, connection.clone());
        if Topic::new(question).is_greeting() {
            return Ok(briefing.with_notebook(notebook));
        }
        let memories = notebook.for_question(question).await?;
        let schema = match Catalogue::read(database, question).await {
            Ok(catalogue) => catalogue.digest(question, self.budgets.schema),
            Err(error) if error.is_retryable() => return Err(error.into()),
            // The model is told when it asks for the tables.
            Err(error) => {
                tracing::warn!(connection = %connection.id, %error, "the tables cannot be told");
                String::new()
            }
        };
        Ok(briefing
            .with_memories(memories, tokens)
            .with_notebook(notebook)
            .with_schema(schema))
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

    /// Plans how to answer the question on the connection with this id or alias, without running a
    /// query. It may continue a conversation.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub async fn plan(
        &self,
        connection: &str,
        prompt: &str,
        conversation: Option<&SessionId>,
        cancel: &CancellationToken,
    ) -> Result<Plan, AnalystError> {
        let context = self.prepare(connection, prompt, cancel).await?;
        let history = match conversation {
            Some(conversation) => {
                self.history(connection, conversation, Duration::ZERO)
                    .await?
            }
            None => Vec::new(),
        };
        let plan = self.agent.plan(prompt, &history, &context, cancel);
        Ok(plan.await?)
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
        Ok(scan.run(tables, progress, cancel).await?)
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

/// The time as the store's clock counts, within what a date can be moved by.
fn lasting(duration: Duration) -> TimeDelta {
    const LONGEST: TimeDelta = TimeDelta::days(3650);
    TimeDelta::from_std(duration).map_or(LONGEST, |duration| duration.min(LONGEST))
}

fn tell_of_briefing(briefing: &Briefing, events: &dyn EventSink) {
    let memories = briefing.memories();
    if !memories.is_empty() {
        let mut namespaces: BTreeMap<&str, usize> = BTreeMap::new();
        for memory in memories {
            *namespaces.entry(memory.namespace.name()).or_default() += 1;
        }
        events.emit(AgentEvent::MemoryLoaded {
            message: format!("Memories: {}", memories.len()),
            stats: json!({"total": memories.len(), "namespaces": namespaces}),
        });
    }
    let skills = briefing.skills();
    if skills.is_empty() {
        return;
    }
    let names: Vec<&str> = skills.iter().map(|skill| skill.name.as_str()).collect();
    events.emit(AgentEvent::SkillLoaded {
        message: format!("Skills: {}", names.join(", ")),
        skills: skills
            .iter()
            .map(|skill| json!({"name": skill.name, "description": skill.description}))
            .collect(),
    });
}
