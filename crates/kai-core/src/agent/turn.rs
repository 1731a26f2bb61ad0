//! One turn of the model: its text shown as it arrives, and what it came to.

use futures::StreamExt;

use super::conversation::{Conversation, Narrowed};
use super::step::{Step, Turn};
use super::tags::TagParser;
use super::{Agent, AgentTask, EventSink, notices};
use crate::event::AgentEvent;
use crate::ids::SessionId;
use crate::interruption::Interruption;
use crate::language::Language;
use crate::model::{ChatRequest, Message, ModelError, ToolSpec, TurnPiece};

/// The part of a model's context, one in so many, that is left for what it writes.
const LEFT_FOR_ANSWER: usize = 8;

/// Who is told of a turn, and how.
#[derive(Clone, Copy)]
pub(super) struct Audience<'a> {
    pub(super) task: &'a AgentTask,
    pub(super) language: Language,
    pub(super) events: &'a dyn EventSink,
}

impl Agent {
    /// The next turn of the model or, where the conversation has become too long for it and nothing
    /// can be shortened any more, its summary.
    pub(super) async fn take_turn(
        &self,
        conversation: &mut Conversation,
        tools: &[ToolSpec],
        audience: Audience<'_>,
    ) -> Result<Step, ModelError> {
        let most = self
            .model
            .context_tokens()
            .map(|tokens| tokens - tokens / LEFT_FOR_ANSWER);
        let of_tools: usize = tools.iter().map(ToolSpec::tokens).sum();
        loop {
            let tokens = of_tools + conversation.tokens();
            let asked = match most {
                // What does not fit is not even sent, as long as something can be left out.
                Some(most) if tokens > most && conversation.can_narrow() => {
                    Err(ModelError::ContextTooLong {
                        model: self.model.name().to_owned(),
                        reason: format!("about {tokens} tokens of {most} that it may be sent"),
                    })
                }
                _ => self.ask(conversation.messages(), tools, audience).await,
            };
            match asked {
                Err(error @ ModelError::ContextTooLong { .. }) => match conversation.narrow() {
                    Narrowed::Shortened => {
                        tracing::info!(%error, "the conversation was shortened");
                    }
                    Narrowed::NeedsSummary => {
                        tracing::info!(%error, "the conversation is summarised");
                        return Ok(Step::Summary(
                            self.summarise(conversation.messages()).await?,
                        ));
                    }
                    Narrowed::No => return Err(error),
                },
                turn => return turn.map(Step::Turn),
            }
        }
    }

    async fn ask(
        &self,
        messages: &[Message],
        tools: &[ToolSpec],
        audience: Audience<'_>,
    ) -> Result<Turn, ModelError> {
        let request = ChatRequest { messages, tools };
        let mut stream = self.model.next_turn(request).await?;
        let mut listener = Listener::new(audience);
        while let Some(piece) = stream.next().await {
            listener.hear(piece?);
        }
        Ok(listener.finish())
    }
}

/// Hears a turn, and shows what is to be shown of it.
struct Listener<'a> {
    audience: Audience<'a>,
    parser: TagParser,
    turn: Turn,
    /// Whether something of the turn was shown.
    has_shown: bool,
    /// Whether the last that was shown was reasoning, which the text is set apart from.
    is_reasoning: bool,
}

impl<'a> Listener<'a> {
    fn new(audience: Audience<'a>) -> Self {
        Self {
            audience,
            parser: TagParser::default(),
            turn: Turn::default(),
            has_shown: false,
            is_reasoning: false,
        }
    }

    fn hear(&mut self, piece: TurnPiece) {
        match piece {
            TurnPiece::Text(text) => {
                for event in self.parser.push(&text) {
                    self.tell(event);
                }
                self.turn.text.push_str(&text);
            }
            TurnPiece::Reasoning(content) => {
                self.is_reasoning = true;
                self.show(AgentEvent::Thinking { content });
            }
            TurnPiece::ToolCall(call) => self.turn.tool_calls.push(call),
            TurnPiece::Echo(echo) => self.turn.echo = echo,
            TurnPiece::Usage(usage) => self.turn.usage = Some(usage),
            TurnPiece::Restart => self.start_again(),
        }
    }

    /// Keeps what the event says, and shows it.
    fn tell(&mut self, event: AgentEvent) {
        match &event {
            AgentEvent::Thinking { content } => {
                if self.is_reasoning {
                    let content = "\n\n".to_owned();
                    self.show(AgentEvent::Thinking { content });
                }
                self.turn.thinking.push_str(content);
            }
            AgentEvent::Token { content } => self.turn.answer.push_str(content),
            AgentEvent::Suggestions { content } => self.turn.suggestions.push_str(content),
            _ => {}
        }
        self.is_reasoning = false;
        self.show(event);
    }

    fn show(&mut self, event: AgentEvent) {
        if self.audience.task.mode.shows(&event) {
            self.has_shown = true;
            self.audience.events.emit(event);
        }
    }

    /// What was heard so far does not count; who has seen it is told.
    fn start_again(&mut self) {
        let Audience { task, language, .. } = self.audience;
        if self.has_shown {
            let session = task.thread.session.clone();
            self.audience.events.emit(AgentEvent::SessionResumed {
                message: notices::turn_again(language),
                session_id: session.unwrap_or_else(|| SessionId::new(task.id.as_str())),
                reason: Some(Interruption::Turn),
            });
        }
        *self = Self::new(self.audience);
    }

    fn finish(mut self) -> Turn {
        for event in std::mem::take(&mut self.parser).finish() {
            self.tell(event);
        }
        self.turn
    }
}
