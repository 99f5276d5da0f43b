//! The page and the HTTP form of the person's side, under `/sandbox`. `sandbox/README.md` describes every path.

mod acts;
mod catalogue;
mod guard;
mod look;
mod page;
mod switches;

use axum::Router;
use axum::middleware;
use serde::Serialize;

use crate::rest::{self, Edge};

/// Something else that the page shows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) path: String,
}

/// Everything on the REST port: `/api` for the bot, `/attachments` for both, `/` and `/sandbox` for people.
pub(crate) fn router(edge: Edge, panels: Vec<Panel>) -> Router {
    let people = Router::new()
        .merge(look::routes(panels))
        .merge(acts::routes())
        .merge(switches::routes())
        .layer(middleware::from_fn(guard::only_this_machine));
    Router::new()
        .merge(page::routes())
        .nest("/sandbox", people)
        .route("/api/{*path}", axum::routing::any(rest::handle))
        .route("/attachments/{channel}/{id}/{name}", axum::routing::get(look::attachment))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(edge)
}
