//! Acting as a member, over HTTP. Every act answers with the interaction's or the message's id; what came of it is
//! read with `GET /sandbox/interactions/{id}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use serde::Deserialize;
use serde_json::json;

use crate::core::Core;
use crate::id::Id;
use crate::posting::Upload;
use crate::rest::Edge;
use crate::user::{ActError, Input};

pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/members/{member}/types", post(types))
        .route("/members/{member}/clicks", post(clicks))
        .route("/members/{member}/chooses", post(chooses))
        .route("/members/{member}/fills-in", post(fills_in))
        .route("/members/{member}/uses", post(uses))
        .route("/members/{member}/writes", post(writes))
        .route("/members/{member}/reacts", post(reacts))
}

/// A file in a request: its name and its content in base64.
#[derive(Deserialize)]
struct File {
    filename: String,
    content: String,
}

impl File {
    fn bytes(&self) -> Vec<u8> {
        base64::engine::general_purpose::STANDARD.decode(&self.content).unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Filled {
    name: String,
    #[serde(default)]
    value: String,
    file: Option<File>,
}

#[derive(Deserialize)]
struct Typed {
    command: String,
    channel: String,
    #[serde(default)]
    options: Vec<Filled>,
    /// The option that is being typed; asks for suggestions instead of sending.
    focused: Option<String>,
}

#[derive(Deserialize)]
struct Click {
    message: Id,
    button: String,
}

#[derive(Deserialize)]
struct Choice {
    message: Id,
    select: String,
    choices: Vec<String>,
}

#[derive(Deserialize)]
struct Form {
    interaction: Id,
    fields: Vec<Filled>,
}

#[derive(Deserialize)]
struct Menu {
    command: String,
    message: Option<Id>,
    member: Option<String>,
    #[serde(default)]
    channel: String,
}

#[derive(Deserialize)]
struct Written {
    channel: String,
    content: String,
    reply_to: Option<Id>,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct Emoji {
    message: Id,
    emoji: String,
}

fn act(edge: &Edge, member: &str, act: impl FnOnce(&mut Core, Id) -> Result<Id, ActError>) -> Response {
    let mut core = edge.shared.lock();
    let done = core.user_named(member).and_then(|user| act(&mut core, user));
    match done {
        Ok(id) => Json(json!({"id": id})).into_response(),
        Err(error) => {
            let body = Json(json!({"error": error.to_string()}));
            (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
        }
    }
}

async fn types(State(edge): State<Edge>, Path(member): Path<String>, Json(typed): Json<Typed>) -> Response {
    let input = |filled: &Filled| match &filled.file {
        Some(file) => {
            Input::File { filename: file.filename.clone(), content_type: None, bytes: file.bytes().into() }
        }
        None => Input::Text(filled.value.clone()),
    };
    let inputs: Vec<_> = typed.options.iter().map(|filled| (filled.name.clone(), input(filled))).collect();
    act(&edge, &member, |core, user| {
        core.type_command(user, &typed.channel, &typed.command, &inputs, typed.focused.as_deref())
    })
}

async fn clicks(State(edge): State<Edge>, Path(member): Path<String>, Json(click): Json<Click>) -> Response {
    act(&edge, &member, |core, user| core.click(user, click.message, &click.button))
}

async fn chooses(
    State(edge): State<Edge>,
    Path(member): Path<String>,
    Json(choice): Json<Choice>,
) -> Response {
    act(&edge, &member, |core, user| core.choose(user, choice.message, &choice.select, &choice.choices))
}

async fn fills_in(State(edge): State<Edge>, Path(member): Path<String>, Json(form): Json<Form>) -> Response {
    let fields: Vec<_> = form.fields.into_iter().map(|filled| (filled.name, filled.value)).collect();
    act(&edge, &member, |core, user| core.fill_in(user, form.interaction, &fields))
}

async fn uses(State(edge): State<Edge>, Path(member): Path<String>, Json(menu): Json<Menu>) -> Response {
    act(&edge, &member, |core, user| match (menu.message, &menu.member) {
        (Some(message), _) => core.message_menu(user, &menu.command, message),
        (None, Some(target)) => {
            let target = core.user_named(target)?;
            core.user_menu(user, &menu.command, target, &menu.channel)
        }
        (None, None) => Err(ActError::NoSuchMessage { member: member.clone() }),
    })
}

async fn writes(
    State(edge): State<Edge>,
    Path(member): Path<String>,
    Json(written): Json<Written>,
) -> Response {
    let upload = |(number, file): (u64, &File)| Upload {
        number,
        filename: file.filename.clone(),
        content_type: None,
        bytes: file.bytes().into(),
    };
    let files: Vec<_> = (0..).zip(&written.files).map(upload).collect();
    act(&edge, &member, |core, user| {
        core.write(user, &written.channel, &written.content, &files, written.reply_to)
    })
}

async fn reacts(State(edge): State<Edge>, Path(member): Path<String>, Json(emoji): Json<Emoji>) -> Response {
    act(&edge, &member, |core, user| {
        core.react(emoji.message, &emoji.emoji, user);
        Ok(emoji.message)
    })
}
