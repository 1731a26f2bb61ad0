//! `/api/sessions`: what was asked lately, how it stands, and telling a run what to do.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Body, Visitor};
use crate::access::Right;
use crate::routes::SessionPath;
use crate::routes::error::ApiError;
use crate::runs::{Asked, Order, Standing};

/// The answer of the list.
#[derive(Serialize)]
pub(super) struct Listed {
    sessions: Vec<Asked>,
}

/// The newest questions, of the sessions that the visitor may read.
pub(super) async fn list(visitor: Visitor) -> Result<Json<Listed>, ApiError> {
    visitor.check_any(Right::Subscribe)?;
    let is_shown = |session: &str| visitor.check(Right::Subscribe, session).is_ok();
    let sessions = visitor.runs.recent(is_shown).await?;
    Ok(Json(Listed { sessions }))
}

/// Which run is meant.
#[derive(Deserialize)]
pub(super) struct Which {
    workflow_id: Option<String>,
}

/// How a session's run stands.
pub(super) async fn show(
    visitor: Visitor,
    SessionPath(session): SessionPath,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Standing>, ApiError> {
    let session = session.as_str();
    visitor.check(Right::Subscribe, session)?;
    let Query(which) = which
        .map_err(|error| ApiError::invalid(&["query"], "query_invalid", &error.body_text()))?;
    let workflow_id = which.workflow_id.as_deref();
    let standing = visitor.runs.standing(session, workflow_id).await?;
    Ok(Json(standing))
}

/// What a person says of an order.
#[derive(Deserialize)]
pub(super) struct Words {
    workflow_id: Option<String>,
    reason: Option<String>,
}

/// That a run was told.
#[derive(Serialize)]
pub(super) struct Told {
    status: &'static str,
}

/// Tells a session's run what to do.
pub(super) async fn tell(
    visitor: Visitor,
    Path((session, order)): Path<(String, String)>,
    words: Result<Body<Words>, ApiError>,
) -> Result<(StatusCode, Json<Told>), ApiError> {
    visitor.check(Right::Ask, &session)?;
    let order =
        Order::named(&order).ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "Not Found"))?;
    let Body(words) = words?;
    let workflow_id = words.workflow_id.as_deref();
    visitor
        .runs
        .tell(&session, workflow_id, order, words.reason)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(Told { status: "ok" })))
}
