//! `autonomous_chat(prompt, connection_id, conversation_id?, mode?)`: a run in one of the original's
//! modes, not streamed.

use kai_core::agent::AgentMode;
use kai_core::analyst::AnalystError;
use kai_core::wire::AgentResult;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use super::{ChatStreamingArguments, KaiActivities, Positional, failure};

impl KaiActivities {
    /// A mode that does not exist is told, and never tried again.
    pub(super) async fn work_alone(
        &self,
        ctx: &ActivityContext,
        mut arguments: Positional,
    ) -> Result<AgentResult, ActivityError> {
        let (arguments, mode) = read(&mut arguments).map_err(failure::of_analyst)?;
        self.answer(ctx, arguments, mode).await
    }
}

fn read(arguments: &mut Positional) -> Result<(ChatStreamingArguments, AgentMode), AnalystError> {
    let question = arguments.question("prompt")?;
    let mode = arguments.optional_text("mode")?;
    let mode = mode.map_or(Ok(AgentMode::default()), |name| {
        AgentMode::from_name(name.trim()).ok_or_else(|| {
            AnalystError::BadInput(format!(
                "there is no mode {name}; the modes are {}",
                AgentMode::NAMES.join(", ")
            ))
        })
    })?;
    Ok((question, mode))
}
