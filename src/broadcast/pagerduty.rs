//! A service of PagerDuty, by its Events API v2: an alarm is triggered, acknowledged and resolved under one key.

use async_trait::async_trait;
use chrono_tz::Tz;
use reqwest::Client;
use serde_json::{Value, json};
use watchpost_texts::say;

use super::http::{self, NoClient};
use super::words;
use crate::config::Secret;
use crate::outbox::{Delivery, Item, Proof, Purpose, Transport};

/// Where events go (developer.pagerduty.com, "Send an event").
const ADDRESS: &str = "https://events.pagerduty.com/v2/enqueue";
/// `payload.summary` has at most 1,024 characters.
const LONGEST: usize = 1_024;

/// One service of PagerDuty.
pub struct PagerDuty {
    client: Client,
    routing_key: Secret,
    url: Option<Secret>,
    zone: Tz,
}

impl PagerDuty {
    /// Makes it ready.
    ///
    /// # Errors
    /// Where the HTTP client cannot be made.
    pub fn open(routing_key: Secret, url: Option<Secret>, zone: Tz) -> Result<Self, NoClient> {
        Ok(PagerDuty { client: http::client()?, routing_key, url, zone })
    }
}

#[async_trait]
impl Transport for PagerDuty {
    async fn deliver(&self, item: &Item) -> Delivery {
        let url = self.url.as_ref().map_or(ADDRESS, Secret::expose);
        let body = body(item, self.routing_key.expose(), self.zone).to_string();
        http::send(self.client.post(url).header("content-type", "application/json").body(body)).await
    }

    /// An event under the same key is the same alarm: sent again it rings nobody twice.
    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}

fn body(item: &Item, routing_key: &str, zone: Tz) -> Value {
    let action = match item.purpose {
        Purpose::RingAnswered => "acknowledge",
        Purpose::RingOver => "resolve",
        _ => "trigger",
    };
    // One alarm for each incident: a second ring adds to it.
    let key = item.incident.map_or_else(|| item.key.to_string(), |id| format!("watchpost/{id}"));
    let mut event = json!({ "routing_key": routing_key, "event_action": action, "dedup_key": key });
    if action == "trigger" {
        let (title, text) = words(item, zone);
        let summary: String = say!("{title}: {text}").chars().take(LONGEST).collect();
        event["payload"] = json!({ "summary": summary, "source": "watchpost", "severity": "critical" });
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::UtcMs;
    use crate::ids::IncidentId;
    use crate::outbox::{ItemKey, Message, Place, Post};

    #[test]
    fn one_alarm_is_triggered_acknowledged_and_resolved() {
        let item = |purpose| Item {
            key: ItemKey("INC-7/ring/1".to_owned()),
            slot: "INC-7/ring/1".to_owned(),
            incident: Some(IncidentId(7)),
            purpose,
            place: Place::Route("pagerduty".into()),
            post: Post::New,
            message: Message::text("Phones cannot send"),
            due: UtcMs(0),
        };
        let said = |purpose| {
            let event = body(&item(purpose), "key", Tz::UTC);
            (event["event_action"].clone(), event["dedup_key"].clone(), event["payload"]["summary"].clone())
        };
        let key = || json!("watchpost/INC-7");
        assert_eq!(
            said(Purpose::Ring { number: 1 }),
            (json!("trigger"), key(), json!("E-mail: Phones cannot send"))
        );
        assert_eq!(said(Purpose::RingAnswered), (json!("acknowledge"), key(), Value::Null));
        assert_eq!(said(Purpose::RingOver), (json!("resolve"), key(), Value::Null));
    }
}
