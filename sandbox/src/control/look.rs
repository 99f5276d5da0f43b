//! Looking, over HTTP.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures::Stream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Panel;
use crate::core::Core;
use crate::id::Id;
use crate::rest::Edge;
use crate::user::view;
use crate::user::{PingView, Response as Outcome};

pub(super) fn routes(panels: Vec<Panel>) -> Router<Edge> {
    let panels = Arc::new(panels);
    Router::new()
        .route("/world", get(move |edge, query| world(edge, query, Arc::clone(&panels))))
        .route("/channels/{channel}", get(channel))
        .route("/interactions/{id}", get(interaction))
        .route("/pings", get(pings))
        .route("/requests", get(requests))
        .route("/transcript", get(transcript))
        .route("/verdict", get(verdict))
        .route("/events", get(events))
}

#[derive(Deserialize)]
struct As {
    #[serde(rename = "as")]
    member: Option<String>,
}

fn viewer(core: &Core, who: &As) -> Option<Id> {
    who.member.as_deref().and_then(|name| core.user_named(name).ok())
}

async fn world(State(edge): State<Edge>, Query(who): Query<As>, panels: Arc<Vec<Panel>>) -> Json<Value> {
    let core = edge.shared.lock();
    let viewer = viewer(&core, &who);
    let guilds: Vec<_> = core
        .places
        .guilds
        .values()
        .map(|guild| {
            let role = |role: &crate::world::Role| {
                json!({
                    "id": role.id, "name": role.name, "color": role.color, "mentionable": role.mentionable,
                    "position": role.position,
                })
            };
            json!({"id": guild.id, "name": guild.name, "roles": guild.roles.values().map(role).collect::<Vec<_>>()})
        })
        .collect();
    let people: Vec<_> = core
        .places
        .users
        .values()
        .map(|user| {
            json!({
                "id": user.id, "name": user.name, "bot": user.bot, "locale": user.locale,
                "roles": roles_of(&core, user.id),
            })
        })
        .collect();
    Json(json!({
        "now_ms": core.now_ms(), "bot": {
            "name": core.places.application.name, "id": core.places.bot(), "connected": core.hub.is_ready(),
            "identifies": core.hub.identifies, "resumes": core.hub.resumes,
        },
        "guilds": guilds, "people": people, "channels": view::channels(&core, viewer),
        "commands": commands(&core, viewer), "faults": core.faults, "panels": *panels,
        "requests": core.transcript.count(), "violations": core.violations,
    }))
}

fn roles_of(core: &Core, user: Id) -> Vec<String> {
    let of_guild = |guild: &crate::world::Guild| {
        let roles = guild.members.get(&user).map(|member| member.roles.clone()).unwrap_or_default();
        roles.iter().filter_map(|id| guild.roles.get(id)).map(|role| role.name.clone()).collect::<Vec<_>>()
    };
    core.places.guilds.values().flat_map(of_guild).collect()
}

/// Commands as the viewer is offered them in the first channel that they see; all of them for nobody in particular.
fn commands(core: &Core, viewer: Option<Id>) -> Vec<Value> {
    let shown = |command: &crate::world::Command| {
        json!({
            "id": command.id, "name": command.name, "kind": command.kind,
            "description": command.definition["description"], "options": command.options(),
        })
    };
    let Some(viewer) = viewer else {
        return core.places.commands.iter().map(shown).collect();
    };
    let sees = |channel: &&crate::world::Channel| {
        channel.guild.is_some()
            && crate::permissions::in_channel(&core.places, channel, viewer) != crate::Permissions::NONE
    };
    let place = core.places.channels.values().find(sees);
    place.map(|place| core.offered(viewer, place).into_iter().map(shown).collect()).unwrap_or_default()
}

/// Which part of a channel: the newest `limit` messages before `before`.
#[derive(Deserialize)]
struct Part {
    before: Option<Id>,
    limit: Option<usize>,
}

async fn channel(
    State(edge): State<Edge>,
    Path(id): Path<Id>,
    Query(who): Query<As>,
    Query(part): Query<Part>,
) -> Response {
    let core = edge.shared.lock();
    let viewer = viewer(&core, &who);
    let Some(channel) = core.places.channels.get(&id) else {
        return (StatusCode::NOT_FOUND, "There is no such channel.").into_response();
    };
    let threads: Vec<_> =
        core.places.threads(id).map(|thread| view::ChannelView::of(&core, thread)).collect();
    let (messages, more) = view::page(&core, id, viewer, part.before, part.limit.unwrap_or(usize::MAX));
    Json(json!({
        "channel": view::ChannelView::of(&core, channel), "messages": messages, "more": more,
        "threads": threads,
    }))
    .into_response()
}

async fn interaction(State(edge): State<Edge>, Path(id): Path<Id>) -> Response {
    let core = edge.shared.lock();
    match core.interactions.get(&id) {
        Some(interaction) => Json(Outcome::of(&core, interaction)).into_response(),
        None => (StatusCode::NOT_FOUND, "There is no such interaction.").into_response(),
    }
}

async fn pings(State(edge): State<Edge>, Query(who): Query<As>) -> Json<Vec<PingView>> {
    let core = edge.shared.lock();
    let viewer = viewer(&core, &who);
    let fits = |ping: &&crate::core::Ping| viewer.is_none_or(|id| id == ping.user);
    Json(core.pings.iter().filter(fits).map(|ping| PingView::of(&core, ping)).collect())
}

/// The last requests, without tokens.
async fn requests(State(edge): State<Edge>) -> Json<Value> {
    const LAST: usize = 100;
    let core = edge.shared.lock();
    let mut last: Vec<_> = core.transcript.exchanges().rev().take(LAST).map(crate::Exchange::shown).collect();
    last.reverse();
    Json(json!(last))
}

/// The whole transcript for the checker. It holds tokens of interactions; they are good for 15 minutes and this
/// machine only.
async fn transcript(State(edge): State<Edge>) -> Response {
    let lines = edge.shared.lock().transcript.to_jsonl();
    ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}

async fn verdict(State(edge): State<Edge>) -> Json<Value> {
    Json(json!({"violations": edge.shared.lock().violations}))
}

/// Says that something changed; what it is, one asks the other paths.
async fn events(State(edge): State<Edge>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = edge.shared.lock().changes();
    let stream = futures::stream::unfold(changes, |mut changes| async move {
        changes.changed().await.ok()?;
        let version = *changes.borrow_and_update();
        Some((Ok(Event::default().event("change").data(version.to_string())), changes))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

/// A file of a message or an option, as Discord's own server for files would send it.
pub(super) async fn attachment(
    State(edge): State<Edge>,
    Path((_, id, name)): Path<(Id, Id, String)>,
) -> Response {
    let Some((_, bytes)) = edge.shared.lock().file(id) else {
        return (StatusCode::NOT_FOUND, "This content is no longer available.").into_response();
    };
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
    let headers = [
        (header::CONTENT_TYPE, image_type(&name).to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{safe}\"")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// What a bot uploads is opaque, except pictures that a page can show without running anything.
fn image_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).as_deref() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        _ => "application/octet-stream",
    }
}
