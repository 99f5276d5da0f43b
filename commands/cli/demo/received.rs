//! What arrived outside Discord: a recorder in place of a partner's portal, which checks the signature as a portal would;
//! and the mailbox of the board at another provider, which the relay of the stand-in mail service fills.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use mail_parser::{Address, MessageParser};
use serde::Serialize;
use watchpost::broadcast::webhook::signature;
use watchpost_lab::Lab;

use super::page::Page;
use super::stage::BOARD;

/// The key that the demonstration signs with. It is in nobody's use.
pub const SIGNING_KEY: &str = "the key of the demonstration";
/// Most messages that are kept.
const KEPT: usize = 50;

/// The recorder.
#[derive(Debug, Default)]
pub struct Received(Mutex<Vec<Message>>);

/// One message.
#[derive(Debug, Clone, Serialize)]
struct Message {
    at_ms: i64,
    how: &'static str,
    signature: &'static str,
    title: String,
    text: String,
    /// Of a mail: from whom to whom.
    #[serde(flatten)]
    letter: Option<Letter>,
}

/// What stands on the envelope of a mail, as its reader sees it.
#[derive(Debug, Clone, Serialize)]
struct Letter {
    from: String,
    to: String,
}

/// Everything that arrived, oldest first.
pub(super) async fn list(State(page): State<Page>) -> Json<serde_json::Value> {
    let mut all = page.received.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    all.extend(mail(&page.lab));
    all.sort_by_key(|message| message.at_ms);
    Json(serde_json::json!(all))
}

/// The mail that the board has got, as its mail program shows it.
fn mail(lab: &Lab) -> Vec<Message> {
    let Some(board) = lab.account(BOARD) else { return Vec::new() };
    let inbox = lab.inbox(&board.address);
    let extra = inbox.len().saturating_sub(KEPT);
    let read = |(at_ms, raw): &(i64, Vec<u8>)| {
        let mail = MessageParser::default().parse(raw)?;
        let text = mail.body_text(0).unwrap_or_default().into_owned();
        let title = mail.subject().unwrap_or_default().to_owned();
        let letter = Some(Letter { from: named(mail.from()), to: named(mail.to()) });
        Some(Message {
            at_ms: *at_ms,
            how: "mail",
            signature: "through a relay elsewhere",
            title,
            text,
            letter,
        })
    };
    inbox[extra..].iter().filter_map(read).collect()
}

/// Name and address, or what of them is there.
fn named(address: Option<&Address<'_>>) -> String {
    let Some(first) = address.and_then(Address::first) else { return String::new() };
    match (first.name(), first.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    }
}

/// Takes a message; one whose signature is not right is refused, as a careful receiver does.
pub(super) async fn take(State(page): State<Page>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = String::from_utf8_lossy(&body);
    if !is_signed(&headers, &text) {
        return StatusCode::UNAUTHORIZED;
    }
    let said: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let word = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    let message = Message {
        at_ms: page.clock.now().0,
        how: "signed webhook",
        signature: "signature is right",
        title: word("title"),
        text: word("text"),
        letter: None,
    };
    keep(&page.received, message);
    StatusCode::NO_CONTENT
}

fn is_signed(headers: &HeaderMap, body: &str) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let timestamp = header("webhook-timestamp").parse().unwrap_or_default();
    header("webhook-signature") == signature(SIGNING_KEY, header("webhook-id"), timestamp, body)
}

fn keep(received: &Arc<Received>, message: Message) {
    let mut kept = received.0.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push(message);
    let extra = kept.len().saturating_sub(KEPT);
    kept.drain(..extra);
}
