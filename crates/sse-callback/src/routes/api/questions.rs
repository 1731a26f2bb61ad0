//! `POST /api/questions`: asks a question.

use axum::Json;
use axum::http::StatusCode;
use kai_core::ids::short_hex;
use serde::{Deserialize, Serialize};

use super::{Body, Visitor};
use crate::access::Right;
use crate::routes::error::ApiError;
use crate::runs::{MAX_PROMPT, NewQuestion};

/// How many bytes the id of a session may have: it becomes a part of other names.
const MAX_SESSION: usize = 200;

/// What is asked.
#[derive(Deserialize)]
pub(super) struct Question {
    prompt: String,
    connection_id: String,
    session_id: Option<String>,
    require_plan_approval: Option<bool>,
}

/// Where the answer will be.
#[derive(Serialize)]
pub(super) struct Begun {
    session_id: String,
    workflow_id: String,
}

/// Starts a run. Its events come on the stream of the session.
pub(super) async fn ask(
    visitor: Visitor,
    body: Result<Body<Question>, ApiError>,
) -> Result<(StatusCode, Json<Begun>), ApiError> {
    // Those who may not ask learn nothing about their question.
    visitor.check_any(Right::Ask)?;
    let Body(body) = body?;
    let prompt = body.prompt.trim();
    if prompt.is_empty() || prompt.chars().count() > MAX_PROMPT {
        let message = format!("the question must have 1 to {MAX_PROMPT} characters");
        return Err(wrong("prompt", &message));
    }
    if body.connection_id.trim().is_empty() {
        return Err(wrong(
            "connection_id",
            "the id or the alias of a database is needed",
        ));
    }
    let session = match body.session_id.filter(|session| !session.is_empty()) {
        Some(session) if session.len() > MAX_SESSION || session.chars().any(char::is_control) => {
            let message = format!("use at most {MAX_SESSION} bytes, without control characters");
            return Err(wrong("session_id", &message));
        }
        Some(session) => session,
        None => {
            let name = format!("chat-{}{}", short_hex(), short_hex());
            visitor.access.new_session(visitor.token.as_deref(), name)?
        }
    };
    visitor.check(Right::Ask, &session)?;
    let question = NewQuestion {
        session: session.clone(),
        prompt: prompt.to_owned(),
        connection: body.connection_id,
        plan_first: body.require_plan_approval.unwrap_or_default(),
    };
    let begun = Begun {
        session_id: session,
        workflow_id: visitor.runs.ask(question).await?,
    };
    Ok((StatusCode::CREATED, Json(begun)))
}

fn wrong(field: &str, message: &str) -> ApiError {
    ApiError::invalid(&["body", field], "value_error", message)
}
