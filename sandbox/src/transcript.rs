//! Every request that the bot made, in order, as it can be checked against Discord's OpenAPI description.

use std::collections::VecDeque;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

/// Requests that are kept; older ones are forgotten so that a long run cannot fill the memory.
const KEPT: usize = 50_000;

/// One request with its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// Counted from 1.
    pub number: u64,
    /// When it came, Unix milliseconds by the sandbox's clock.
    pub time_ms: u64,
    /// The method.
    pub method: String,
    /// The concrete path without the query. It may hold an interaction's or a webhook's token.
    pub path: String,
    /// The query, without the question mark.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// The JSON body; for an upload its `payload_json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Names and sizes of uploaded files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(String, usize)>,
    /// The nonce in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Value>,
    /// The status of the answer; 0 when there was none because a fault swallowed it.
    pub status: u16,
    /// Discord's number of the error, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// Real milliseconds until the answer.
    pub millis: u64,
}

impl Exchange {
    /// The path as it may be shown to people: tokens are replaced.
    #[must_use]
    pub fn shown_path(&self) -> String {
        let parts: Vec<_> = self.path.split('/').collect();
        let secret = |index: usize| {
            index >= 2 && matches!(parts[index - 2], "webhooks" | "interactions") && !parts[index].is_empty()
        };
        let shown: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(index, part)| if secret(index) { "(token)" } else { *part })
            .collect();
        shown.join("/")
    }

    /// The exchange without secrets: the path as [`Exchange::shown_path`] gives it.
    #[must_use]
    pub fn shown(&self) -> Self {
        Self { path: self.shown_path(), ..self.clone() }
    }
}

/// The requests of a run.
#[derive(Debug, Default)]
pub struct Transcript {
    exchanges: VecDeque<Exchange>,
    count: u64,
}

impl Transcript {
    pub(crate) fn add(&mut self, mut exchange: Exchange) {
        self.count += 1;
        exchange.number = self.count;
        if self.exchanges.len() == KEPT {
            self.exchanges.pop_front();
        }
        self.exchanges.push_back(exchange);
    }

    /// Requests so far, forgotten ones included.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The requests that are kept, oldest first.
    pub fn exchanges(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.exchanges.iter()
    }

    /// One JSON object a line with concrete paths, for the checker. Holds tokens of interactions: not for people.
    #[must_use]
    pub fn to_jsonl(&self) -> String {
        let mut lines = String::new();
        for exchange in &self.exchanges {
            let mut exchange = exchange.clone();
            exchange.body.iter_mut().for_each(write_upload_numbers_as_text);
            if let Ok(line) = serde_json::to_string(&exchange) {
                let _ = writeln!(lines, "{line}");
            }
        }
        lines
    }
}

/// The number of an uploaded file is an integer in Discord's documentation (reference, "Uploading Files"), and so
/// serenity sends it; the OpenAPI description wants text. Where they differ the documentation holds, so the transcript
/// for the checker gives the description what it wants.
fn write_upload_numbers_as_text(body: &mut Value) {
    for holder in ["", "/data", "/message"] {
        let files = body.pointer_mut(holder).and_then(|holder| holder.get_mut("attachments"));
        for id in
            files.and_then(Value::as_array_mut).into_iter().flatten().filter_map(|file| file.get_mut("id"))
        {
            if id.is_number() {
                *id = Value::String(id.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, shown: &str) {
        let exchange = Exchange {
            number: 0,
            time_ms: 0,
            method: String::new(),
            path: path.to_owned(),
            query: String::new(),
            body: None,
            files: Vec::new(),
            nonce: None,
            status: 200,
            code: None,
            millis: 0,
        };
        assert_eq!(exchange.shown_path(), shown);
    }

    #[test]
    fn people_see_no_token() {
        check(
            "/api/v10/webhooks/1/secret/messages/@original",
            "/api/v10/webhooks/1/(token)/messages/@original",
        );
        check("/api/v10/interactions/1/secret/callback", "/api/v10/interactions/1/(token)/callback");
        check("/api/v10/channels/1/webhooks", "/api/v10/channels/1/webhooks");
    }
}
