//! The status page that Watchpost serves itself. What is committed stands on it; so only that it is served is to be seen.

use std::net::SocketAddr;

use async_trait::async_trait;
use reqwest::Client;
use watchpost_texts::say;

use super::http::{self, NoClient};
use crate::outbox::{Delivery, Item, Proof, Transport};

/// The page at its own address.
pub struct Page {
    client: Client,
    listen: Option<SocketAddr>,
}

impl Page {
    /// Makes it ready.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub fn open(listen: Option<SocketAddr>) -> Result<Self, NoClient> {
        Ok(Page { client: http::client()?, listen })
    }
}

#[async_trait]
impl Transport for Page {
    async fn deliver(&self, _item: &Item) -> Delivery {
        let Some(listen) = self.listen else {
            return Delivery::Dead { why: say!("no page is served: [web] has no listen").to_owned() };
        };
        match http::send(self.client.get(format!("http://{listen}/"))).await {
            Delivery::Sent(_) => Delivery::Sent(Proof::Answer(say!("the status page shows it").to_owned())),
            Delivery::Retry { after, .. } => Delivery::Retry {
                after,
                why: say!("the status page is not served. Is its port in use?").to_owned(),
            },
            other => other,
        }
    }

    /// The page shows what is committed; bringing it again costs one look.
    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}
