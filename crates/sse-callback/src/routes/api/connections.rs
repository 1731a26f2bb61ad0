//! `GET /api/connections`: the databases that can be asked.

use axum::Json;
use serde::Serialize;

use super::Visitor;
use crate::access::Right;
use crate::routes::error::ApiError;
use crate::runs::ConnectionSummary;

/// The answer.
#[derive(Serialize)]
pub(super) struct Listed {
    connections: Vec<ConnectionSummary>,
}

/// For those who may ask.
pub(super) async fn list(visitor: Visitor) -> Result<Json<Listed>, ApiError> {
    visitor.check_any(Right::Ask)?;
    let connections = visitor.runs.connections().await?;
    Ok(Json(Listed { connections }))
}
