//! What a run does when its database goes away in the middle: it waits a little for it to come back and
//! asks again, which is safe, since it only ever reads.

use std::time::{Duration, Instant};

use super::tools::{SoFar, Tool, ToolContext, ToolOutput};
use super::turn::Audience;
use super::{Agent, notices};
use crate::database::DatabaseError;
use crate::event::AgentEvent;
use crate::model::ToolCall;

/// How long a run waits where nobody says: long enough for a database that is restarted.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// The pause before the first new attempt; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How often a query may be cut off. One that was, twice, may itself be what brings the database down.
const MOST_CUTS: u32 = 2;

impl Agent {
    /// Runs a tool, and runs it again while the database is away, as long as the run is patient. A tool
    /// whose query is cut off again tells the model so, which may ask for less.
    ///
    /// # Errors
    /// When the database stayed away, or cannot be asked for another reason.
    pub(super) async fn run_tool(
        &self,
        tool: &dyn Tool,
        call: &ToolCall,
        so_far: SoFar<'_>,
        context: &ToolContext,
        audience: Audience<'_>,
    ) -> Result<ToolOutput, DatabaseError> {
        let mut away: Option<Instant> = None;
        let mut pause = FIRST_PAUSE;
        let mut cuts = 0;
        loop {
            let error = match tool.run(context, so_far, &call.arguments).await {
                Err(error) if error.is_retryable() => error,
                outcome => return outcome,
            };
            if matches!(error, DatabaseError::CutOff(_)) {
                cuts += 1;
                if cuts == MOST_CUTS {
                    return Ok(ToolOutput::cut_off(&error));
                }
            }
            let since = *away.get_or_insert_with(|| {
                audience.tell_of_outage();
                Instant::now()
            });
            if since.elapsed() >= self.patience {
                return Err(error);
            }
            tracing::warn!(tool = tool.name(), %error, "the database is asked again");
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}

impl Audience<'_> {
    /// Says why nothing happens for a while.
    fn tell_of_outage(&self) {
        let content = notices::database_away(self.language);
        self.events.emit(AgentEvent::Thinking { content });
    }
}
