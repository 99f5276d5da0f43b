//! Pinning by the route that Discord keeps; serenity 0.12.5 knows only the deprecated one.

use std::time::Duration;

use http::{Method, StatusCode, header};
use serenity::http::Http;
use serenity::model::id::{ChannelId, MessageId};

use super::Failure;
use crate::bot::gate::{NotSent, RestFailure, Unknown};

/// A small client of its own for the one route.
#[derive(Debug, Clone)]
pub(super) struct Pins {
    client: reqwest::Client,
}

impl Default for Pins {
    fn default() -> Self {
        // Never through a proxy of the environment: the way leads to the gate inside this process.
        let builder = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10));
        Pins { client: builder.build().unwrap_or_default() }
    }
}

impl Pins {
    /// Pins a message; pinning it again changes nothing.
    pub(super) async fn pin(&self, http: &Http, place: ChannelId, message: MessageId) -> Result<(), Failure> {
        // Without the gate there is no base address: then the old route will do.
        let Some(base) = http.proxy.as_deref() else {
            return Ok(place.pin(http, message).await?);
        };
        let url = format!("{}/api/v10/channels/{place}/messages/pins/{message}", base.trim_end_matches('/'));
        let request = self
            .client
            .request(Method::PUT, url)
            .header(header::AUTHORIZATION, http.token())
            .header(header::CONTENT_LENGTH, 0);
        let answer = request.send().await.map_err(|error| Failure::Rest(lost(&error)))?;
        if answer.status().is_success() {
            return Ok(());
        }
        let status = answer.status();
        Err(Failure::Rest(refused(status, answer.json().await.ok())))
    }
}

#[derive(serde::Deserialize)]
struct Said {
    #[serde(default)]
    code: i64,
}

fn refused(status: StatusCode, said: Option<Said>) -> RestFailure {
    RestFailure::from_answer(status.as_u16(), said.map_or(-1, |said| said.code))
}

fn lost(error: &reqwest::Error) -> RestFailure {
    if error.is_connect() {
        RestFailure::NotSent(NotSent::NoConnection)
    } else {
        RestFailure::Unknown(Unknown::Silent)
    }
}
