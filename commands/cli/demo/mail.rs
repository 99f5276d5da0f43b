//! The panel of the mail service: what it is doing, and its faults as switches. A plain page without scripts.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use watchpost_lab::{Fault, Lab, Status, Switch};

const STYLE: &str = "<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:1rem}\
    table{border-collapse:collapse;width:100%}td,th{padding:.25rem .6rem .25rem 0;text-align:left;vertical-align:top}\
    button{font:inherit;padding:.2rem .7rem}.on{font-weight:700}h2{font-size:1.05rem;margin:1.2rem 0 .3rem}</style>";

#[derive(Clone)]
struct Panel {
    lab: Arc<Lab>,
    /// Where users read what they were told.
    status_page: String,
}

/// The routes of the panel, below `/mail`.
pub fn router(lab: Arc<Lab>, status_page: String) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/status.json", get(status))
        .route("/faults.json", get(faults))
        .route("/faults/{name}/{to}", post(switch))
        .with_state(Panel { lab, status_page })
}

async fn page(State(panel): State<Panel>) -> Html<String> {
    Html(write(&panel.lab.status(), &panel.status_page))
}

async fn status(State(panel): State<Panel>) -> impl IntoResponse {
    axum::Json(panel.lab.status())
}

/// Everything that can be broken, in the order in which it is shown.
async fn faults() -> impl IntoResponse {
    let shown = |fault: &Fault| serde_json::json!({ "name": fault.name(), "seen": fault.seen(), "group": format!("{:?}", fault.group()) });
    let mut all: Vec<Fault> = Fault::all().collect();
    all.sort_by_key(|fault| fault.group());
    axum::Json(all.iter().map(shown).collect::<Vec<_>>())
}

async fn switch(State(panel): State<Panel>, Path((name, to)): Path<(String, String)>) -> Response {
    let to = match to.as_str() {
        "on" => Switch::On,
        "off" => Switch::Off,
        _ => return (StatusCode::NOT_FOUND, "a fault is switched on or off\n").into_response(),
    };
    match Fault::by_name(&name) {
        Some(fault) => {
            panel.lab.switch(fault, to).await;
            Redirect::to("/mail/").into_response()
        }
        None => (StatusCode::NOT_FOUND, "there is no such fault\n").into_response(),
    }
}

/// All names and sentences come from the program: nothing here was typed by anybody.
fn write(status: &Status, status_page: &str) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"3\">\
         <title>Mail service</title>{STYLE}<h1>Mail service of {}</h1>\
         <p><a href=\"{status_page}\" target=\"_blank\" rel=\"noopener\">Status page: what users read</a></p>\
         <h2>Faults</h2><table>",
        status.domain
    );
    for fault in Fault::all() {
        let on = status.faults.iter().any(|one| one.name == fault.name());
        let (class, now, to) = if on { ("on", "ON", "off") } else { ("", "off", "on") };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "<tr class=\"{class}\"><td>{name}</td><td>{now}</td><td><form method=\"post\" \
             action=\"/mail/faults/{name}/{to}\"><button>switch {to}</button></form></td><td>{}</td></tr>",
            fault.seen(),
            name = fault.name(),
        );
    }
    let _ = write!(out, "</table><h2>Queue</h2><p>{} waiting</p><h2>Ports</h2><table>", status.queue.length);
    for listener in &status.listeners {
        let state = if listener.open { "open" } else { "CLOSED" };
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{:?}</td><td>{}</td><td>{state}</td></tr>",
            listener.host_name, listener.service, listener.address
        );
    }
    out.push_str("</table></html>");
    out
}
