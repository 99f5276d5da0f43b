//! The dead-man's switch: an address elsewhere is called, and nothing is said to it but that we live.

use async_trait::async_trait;
use reqwest::Client;

use super::http::{self, NoClient};
use crate::config::Secret;
use crate::ids::DestinationName;
use crate::outbox::{Delivery, Item, Proof, Transport};

/// Under which name the relay finds it: no configured destination can be called so.
pub fn name() -> DestinationName {
    DestinationName("~heartbeat".to_owned())
}

/// The address.
pub struct Heartbeat {
    client: Client,
    url: Secret,
}

impl Heartbeat {
    /// Makes it ready.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub fn open(url: Secret) -> Result<Self, NoClient> {
        Ok(Heartbeat { client: http::client()?, url })
    }
}

#[async_trait]
impl Transport for Heartbeat {
    async fn deliver(&self, _item: &Item) -> Delivery {
        http::send(self.client.post(self.url.expose())).await
    }

    /// Called twice does no harm.
    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}
