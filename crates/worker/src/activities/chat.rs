//! `chat(prompt_text, connection_id, conversation_id?)`: one analysis, not streamed.

use kai_core::agent::AgentMode;
use kai_core::wire::AgentResult;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use super::{ChatStreamingArguments, KaiActivities, Positional, failure};

impl KaiActivities {
    /// A run as `chat_streaming` makes it, kept and taken over like it, with nobody watching.
    pub(super) async fn analyse(
        &self,
        ctx: &ActivityContext,
        mut arguments: Positional,
    ) -> Result<AgentResult, ActivityError> {
        let arguments = arguments
            .question("prompt_text")
            .map_err(failure::of_analyst)?;
        self.answer(ctx, arguments, AgentMode::Analysis).await
    }
}

impl Positional {
    /// `prompt, connection_id, conversation_id?`, which is what both activities begin with.
    pub(super) fn question(
        &mut self,
        prompt: &str,
    ) -> Result<ChatStreamingArguments, kai_core::analyst::AnalystError> {
        Ok(ChatStreamingArguments {
            prompt: self.needed(prompt)?,
            connection_id: self.needed("connection_id")?,
            conversation_id: self.optional_text("conversation_id")?,
            callback_url: None,
            plan: None,
        })
    }
}
