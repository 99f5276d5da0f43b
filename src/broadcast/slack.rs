//! A message in the form that Slack's incoming webhooks take; Mattermost, Rocket.Chat and others take it too.

use async_trait::async_trait;
use chrono_tz::Tz;
use reqwest::Client;
use serde_json::json;

use super::http::{self, NoClient};
use super::words;
use crate::config::Secret;
use crate::outbox::{Delivery, Item, Proof, Transport};

/// One such address.
pub struct Slack {
    client: Client,
    url: Secret,
    zone: Tz,
}

impl Slack {
    /// Makes it ready.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub fn open(url: Secret, zone: Tz) -> Result<Self, NoClient> {
        Ok(Slack { client: http::client()?, url, zone })
    }
}

#[async_trait]
impl Transport for Slack {
    async fn deliver(&self, item: &Item) -> Delivery {
        let body = body(item, self.zone);
        let request = self.client.post(self.url.expose()).header("content-type", "application/json");
        http::send(request.body(body)).await
    }

    /// An incoming webhook cannot be read back.
    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}

fn body(item: &Item, zone: Tz) -> String {
    let (title, text) = words(item, zone);
    json!({ "text": format!("*{}*\n{}", escaped(&title), escaped(&text)) }).to_string()
}

/// `&`, `<` and `>` begin Slack's own marks (`<!channel>`, links); as entities they are only themselves.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // Mattermost calls a channel also by `@all` in plain text. An address keeps its sign: a letter stands before it.
    let mut before = ' ';
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        out.push(letter);
        if letter == '@' && !before.is_alphanumeric() {
            out.push('\u{200b}');
        }
        before = letter;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_calls_a_channel() {
        assert_eq!(escaped("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@\u{200b}U1&gt;");
        assert_eq!(
            escaped("@all, @everyone: ana@example.org"),
            "@\u{200b}all, @\u{200b}everyone: ana@example.org"
        );
    }
}
