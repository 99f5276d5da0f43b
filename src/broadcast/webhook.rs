//! A signed JSON message to an address of the organisation's own: id, timestamp and HMAC as in Standard Webhooks.

use std::fmt::Write as _;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;
use hmac::{Hmac, Mac as _};
use reqwest::Client;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::http::{self, NoClient};
use super::words;
use crate::clock::Clock;
use crate::config::Secret;
use crate::outbox::{Delivery, Item, Proof, Purpose, Transport};

/// One such address.
pub struct Webhook {
    client: Client,
    url: Secret,
    signing_key: Option<Secret>,
    zone: Tz,
    clock: Clock,
}

impl Webhook {
    /// Makes it ready.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub fn open(url: Secret, signing_key: Option<Secret>, zone: Tz, clock: Clock) -> Result<Self, NoClient> {
        Ok(Webhook { client: http::client()?, url, signing_key, zone, clock })
    }
}

#[async_trait]
impl Transport for Webhook {
    async fn deliver(&self, item: &Item) -> Delivery {
        let body = body(item, self.zone);
        let (id, timestamp) = (id(item), self.clock.now().seconds());
        let mut request = self
            .client
            .post(self.url.expose())
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp);
        if let Some(key) = &self.signing_key {
            request = request.header("webhook-signature", signature(key.expose(), &id, timestamp, &body));
        }
        http::send(request.body(body)).await
    }

    /// What was said cannot be read back; the id lets the receiver drop what it has already.
    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}

fn body(item: &Item, zone: Tz) -> String {
    let (title, text) = words(item, zone);
    let (audience, number) = match &item.purpose {
        Purpose::Update { audience, number, .. } => (Some(audience.as_str()), Some(*number)),
        _ => (None, None),
    };
    let incident = item.incident.map(|id| id.to_string());
    json!({ "incident": incident, "audience": audience, "update": number, "title": title, "text": text })
        .to_string()
}

/// The same whenever the same thing is said.
fn id(item: &Item) -> String {
    let digest = Sha256::digest(item.key.0.as_bytes());
    digest.iter().take(16).fold(String::from("wp_"), |mut id, byte| {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`: what a receiver computes and compares.
pub fn signature(key: &str, id: &str, timestamp: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_published_scheme() {
        // printf 'a.1.{}' | openssl dgst -sha256 -hmac key -binary | base64
        assert_eq!(signature("key", "a", 1, "{}"), "v1,bL1jQXV9xdvhtjVTxMVmcec+7wicDeM5+UJZVhyrJw0=");
    }
}
