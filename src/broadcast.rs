//! Destinations that are not chat: one file each.
//!
//! 1. [`Routes::open`] makes a [`Transport`] of each configured destination.
//! 2. The relay hands an item to the one that its place names.
//! 3. Each stands behind a breaker of its own (`breaker`), so that one that is away or gone costs the others nothing.
//! 4. Each answers with what proves the delivery, or with a sentence that says why there is none.
//!
//! No route may need the mail that it reports on: the configuration refuses that at the start.

mod breaker;
pub mod file;
pub mod heartbeat;
mod http;
pub mod mail;
pub mod ntfy;
pub mod page;
pub mod pagerduty;
pub mod slack;
pub mod webhook;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono_tz::Tz;
use watchpost_texts::say;

use crate::clock::Clock;
use crate::config::{Config, Destination, Route};
use crate::desk::Desk;
use crate::ids::DestinationName;
use crate::outbox::{Delivery, Item, Place, Proof, Transport};
use crate::review::spell_out;

/// All destinations that are not chat.
pub struct Routes(BTreeMap<DestinationName, Arc<dyn Transport>>);

impl Routes {
    /// Makes a transport of each configured destination that is not chat. Without a desk the status page as files only
    /// takes samples.
    ///
    /// # Errors
    /// The sentence of the HTTP client where it cannot be made.
    pub fn open(config: &Config, clock: &Clock, desk: Option<&Arc<Desk>>) -> Result<Self, http::NoClient> {
        let mut routes: BTreeMap<DestinationName, Arc<dyn Transport>> = BTreeMap::new();
        for destination in &config.destinations {
            if let Some(transport) = open(destination, config, clock, desk)? {
                let guarded = breaker::Guarded::new(transport, clock.clone());
                routes.insert(destination.name.clone(), Arc::new(guarded));
            }
        }
        if let Some(configured) = &config.heartbeat {
            let transport = heartbeat::Heartbeat::open(configured.url.clone())?;
            routes.insert(heartbeat::name(), Arc::new(transport));
        }
        Ok(Routes(routes))
    }

    fn of(&self, item: &Item) -> Option<&Arc<dyn Transport>> {
        match &item.place {
            Place::Route(name) => self.0.get(name),
            Place::Channel(_) | Place::Direct(_) => None,
        }
    }
}

fn open(
    destination: &Destination,
    config: &Config,
    clock: &Clock,
    desk: Option<&Arc<Desk>>,
) -> Result<Option<Arc<dyn Transport>>, http::NoClient> {
    let zone = config.organisation.time_zone;
    let whole = config.web.public_url.as_ref().map(|url| url.as_str().to_owned());
    Ok(match &destination.route {
        Route::Webhook { url, signing_key } => {
            Some(Arc::new(webhook::Webhook::open(url.clone(), signing_key.clone(), zone, clock.clone())?))
        }
        Route::Slack { url } => Some(Arc::new(slack::Slack::open(url.clone(), zone)?)),
        Route::Ntfy { url } => Some(Arc::new(ntfy::Ntfy::open(url.clone(), zone, whole)?)),
        Route::PagerDuty { routing_key, url } => {
            Some(Arc::new(pagerduty::PagerDuty::open(routing_key.clone(), url.clone(), zone)?))
        }
        Route::Discord { .. } | Route::Announcement { .. } => None,
        Route::Mail(relay) => Some(Arc::new(mail::MailRelay::open(relay, config, clock.clone()))),
        Route::Page => Some(Arc::new(page::Page::open(config.web.listen)?)),
        Route::File { folder } => Some(Arc::new(file::Files::open(folder, config, desk))),
    })
}

#[async_trait]
impl Transport for Routes {
    async fn deliver(&self, item: &Item) -> Delivery {
        match self.of(item) {
            Some(transport) => transport.deliver(item).await,
            None => Delivery::Dead {
                why: say!("this destination is no longer configured. Add it to watchpost.toml, or take it from its audience")
                    .to_owned(),
            },
        }
    }

    async fn find(&self, item: &Item) -> Option<Proof> {
        self.of(item)?.find(item).await
    }
}

/// The item's title and text for readers outside the chat.
fn words(item: &Item, zone: Tz) -> (String, String) {
    let message = &item.message;
    match &message.block {
        Some(block) => (block.title.clone(), spell_out(&block.text, zone)),
        None => ("E-mail".to_owned(), spell_out(&message.text, zone)),
    }
}
