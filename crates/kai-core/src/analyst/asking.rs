//! Asking: a question on a stored connection, what goes before the agent's first turn, and what is kept of
//! the answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Analyst, AnalystError};
use crate::agent::tools::ToolContext;
use crate::agent::{
    AgentError, AgentTask, Earlier, EventSink, Exchange, Plan, RunLog, newest_within,
};
use crate::database::{Database, Pending};
use crate::event::AgentEvent;
use crate::ids::SessionId;
use crate::knowledge::{Briefing, Catalogue, Knowledge, Notebook, Topic};
use crate::scan::Remembered;
use crate::store::{Connection, ConversationKey};
use crate::wire::AgentResult;

/// When the database of a question is connected to.
#[derive(Debug, Clone, Copy)]
enum Connecting {
    /// Before the run begins.
    Now,
    /// At the run's first tool.
    WhenNeeded,
}

impl Analyst {
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
        let connecting = self.connecting(true);
        let context = self
            .prepare(connection, &task.prompt, connecting, cancel)
            .await?;
        tell_of_briefing(&context.briefing, events);
        let task = &self.told_history(connection, task, Utc::now()).await?;
        let result = self.agent.run(task, &context, events, cancel).await;
        context.database.close().await;
        let result = result?;
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
        let connecting = self.connecting(earlier.is_none());
        let context = self
            .prepare(connection, &task.prompt, connecting, cancel)
            .await?;
        if earlier.is_none() {
            tell_of_briefing(&context.briefing, events);
        }
        let begun = earlier
            .as_ref()
            .map_or_else(Utc::now, |earlier| earlier.begun);
        let task = self.told_history(connection, task, begun);
        let task = &task.await?;
        let answer = self
            .agent
            .go_on(task, &context, earlier, log, events, cancel);
        let result = answer.await;
        context.database.close().await;
        let result = result?;
        self.remember(connection, task, &result).await;
        Ok(result)
    }

    /// When to connect. The first turn of a model that works by rule tells which tables it looks for, and
    /// needs no database for that: whoever asked sees it before the connection stands. Other models are told
    /// the tables first, and a run that goes on needs the database at once.
    fn connecting(&self, is_first_attempt: bool) -> Connecting {
        if is_first_attempt && self.agent.works_by_rule() {
            Connecting::WhenNeeded
        } else {
            Connecting::Now
        }
    }

    /// The task, told what was answered in its conversation before it began: every attempt at a run
    /// is told the same.
    async fn told_history(
        &self,
        connection: &str,
        task: &AgentTask,
        begun: DateTime<Utc>,
    ) -> Result<AgentTask, AnalystError> {
        let mut task = task.clone();
        if let Some(conversation) = &task.thread.conversation {
            let history = self.history(connection, conversation, begun);
            task.thread.history = history.await?;
        }
        Ok(task)
    }

    /// What was answered in a conversation before a moment, as far as a model is told of it.
    async fn history(
        &self,
        connection: &str,
        conversation: &SessionId,
        before: DateTime<Utc>,
    ) -> Result<Vec<Exchange>, AnalystError> {
        if self.history.tokens == 0 {
            return Ok(Vec::new());
        }
        let connection = &self.find(connection).await?;
        let key = ConversationKey {
            connection,
            conversation,
        };
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
        let context = self
            .prepare(connection, prompt, Connecting::Now, cancel)
            .await?;
        let history = match conversation {
            Some(conversation) => self.history(connection, conversation, Utc::now()).await?,
            None => Vec::new(),
        };
        let plan = self.agent.plan(prompt, &history, &context, cancel);
        let plan = plan.await;
        context.database.close().await;
        Ok(plan?)
    }

    /// Looks at the question and at what is known for it, and connects to its database unless that can
    /// wait.
    async fn prepare(
        &self,
        connection: &str,
        prompt: &str,
        connecting: Connecting,
        cancel: &CancellationToken,
    ) -> Result<ToolContext, AnalystError> {
        if prompt.trim().is_empty() {
            return Err(AnalystError::EmptyPrompt);
        }
        // Boxed, since what connects is large and lives only for a moment.
        let opening = Box::pin(self.context(connection, prompt, connecting));
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
        connecting: Connecting,
    ) -> Result<ToolContext, AnalystError> {
        let connection = self.find(id_or_alias).await?;
        let database: Arc<dyn Database> = match connecting {
            Connecting::Now => self.connect(&connection).await?,
            Connecting::WhenNeeded => {
                let uri = self.store.connection_uri(&connection, self.cipher()?)?;
                Arc::new(Pending::new(uri, connection.schemas.clone()))
            }
        };
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
