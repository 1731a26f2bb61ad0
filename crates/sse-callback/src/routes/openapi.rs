//! `/openapi.json`: the API for programs, as `OpenAPI` 3.1.

use axum::http::header;
use axum::response::IntoResponse;

/// The description, kept by hand; a test compares it with what the routes answer.
pub(super) async fn description() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (headers, include_str!("openapi.json"))
}
