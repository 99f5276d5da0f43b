//! A push message through ntfy: the text as the body, the title as a header.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Tz;
use reqwest::Client;

use super::http::{self, NoClient};
use super::words;
use crate::config::Secret;
use crate::outbox::{Delivery, Item, Proof, Purpose, Transport};

/// What ntfy takes as one message (its documentation, "Limitations"): 4,096 bytes; more becomes an attachment.
const LONGEST: usize = 4_096;

/// One topic.
pub struct Ntfy {
    client: Client,
    url: Secret,
    zone: Tz,
    /// Where the whole can be read.
    whole: Option<String>,
}

impl Ntfy {
    /// Makes it ready.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub fn open(url: Secret, zone: Tz, whole: Option<String>) -> Result<Self, NoClient> {
        Ok(Ntfy { client: http::client()?, url, zone, whole })
    }
}

#[async_trait]
impl Transport for Ntfy {
    async fn deliver(&self, item: &Item) -> Delivery {
        let (title, long) = words(item, self.zone);
        let text = if item.message.short.is_empty() { long } else { item.message.short.clone() };
        let priority = match &item.purpose {
            Purpose::Ring { .. } => "urgent",
            _ if item.message.silent => "low",
            _ => "high",
        };
        let mut request =
            self.client.post(self.url.expose()).header("title", encoded(&title)).header("priority", priority);
        // A touch on the message opens it.
        if let Some(whole) = &self.whole {
            request = request.header("click", whole);
        }
        http::send(request.body(shortened(&text, self.whole.as_deref()))).await
    }

    /// A topic cannot be read back without another right.
    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}

/// As RFC 2047 says, so that no letter of a title can end the header; ntfy reads that form.
fn encoded(title: &str) -> String {
    format!("=?UTF-8?B?{}?=", STANDARD.encode(title))
}

/// As much as fits, and where the whole can be read.
fn shortened(text: &str, whole: Option<&str>) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let rest = whole.map_or_else(|| "…".to_owned(), |whole| format!("… {whole}"));
    let room = LONGEST.saturating_sub(rest.len());
    let end = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}{rest}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_end_its_header_and_a_text_fits() {
        assert_eq!(encoded("a\r\nb"), "=?UTF-8?B?YQ0KYg==?=");
        let long = shortened(&"ü".repeat(3_000), None);
        assert!(long.len() <= LONGEST && long.ends_with('…'));
        let linked = shortened(&"ü".repeat(4_000), Some("https://status.example.net/"));
        assert!(linked.len() <= LONGEST && linked.ends_with("… https://status.example.net/"), "{linked}");
        assert_eq!(shortened("short", Some("https://status.example.net/")), "short");
    }
}
