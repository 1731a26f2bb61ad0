//! `/docs`: a page that describes the API; it needs nothing from elsewhere.

use axum::response::Html;

/// The page.
pub(super) async fn page() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}
