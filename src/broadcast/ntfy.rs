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
}

impl Ntfy {
    /// Makes it ready.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub fn open(url: Secret, zone: Tz) -> Result<Self, NoClient> {
        Ok(Ntfy { client: http::client()?, url, zone })
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
        let request = self
            .client
            .post(self.url.expose())
            .header("title", encoded(&title))
            .header("priority", priority)
            .body(shortened(&text));
        http::send(request).await
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

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = (0..=LONGEST - '…'.len_utf8()).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_end_its_header_and_a_text_fits() {
        assert_eq!(encoded("a\r\nb"), "=?UTF-8?B?YQ0KYg==?=");
        let long = shortened(&"ü".repeat(3_000));
        assert!(long.len() <= LONGEST && long.ends_with('…'));
        assert_eq!(shortened("short"), "short");
    }
}
