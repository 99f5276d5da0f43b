//! How late a word is on its way, as figures: 200 open incidents whose texts all come due at the same moment.
//!
//! `cargo bench -p watchpost --bench lateness [INCIDENTS]`: from the moment at which a text was due to its proof, with the
//! store on disk, the real relay and the real clock; each delivery takes 20 ms and none is made beside another to the same
//! channel, as Discord wants it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use watchpost::clock::Clock;
use watchpost::config::Texts;
use watchpost::desk::{Ask, Desk};
use watchpost::ids::{GuildId, IncidentId, MessageId, PlaceId};
use watchpost::incident::Severity;
use watchpost::incident::decide::{Declaration, Request};
use watchpost::incident::event::Origin;
use watchpost::outbox::relay::{self, Transports};
use watchpost::outbox::{Delivery, Item, Place, Post, Proof, Transport};
use watchpost::person::Actor;
use watchpost::policy::{Audience, Cadence, GuildPolicy, Policy, Target};
use watchpost::store::{JournalStore, Options};

const GUILD: GuildId = GuildId(1);
/// From the declaration to the first word: long enough that all are declared before the first is due.
const FIRST: Duration = Duration::from_secs(45);

/// A chat that takes its time.
struct Slow;

#[async_trait]
impl Transport for Slow {
    async fn deliver(&self, item: &Item) -> Delivery {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Delivery::Sent(match (&item.post, &item.place) {
            (Post::Thread { under, .. }, _) => Proof::Thread(PlaceId(under.0)),
            (Post::New, Place::Channel(place)) => {
                Proof::Message { place: *place, message: MessageId(place.0) }
            }
            _ => Proof::Answer("200".to_owned()),
        })
    }

    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}

fn policy(incidents: u64) -> Policy {
    let audience = |name: &str, texts, first: u64| {
        // Each incident's text goes to a channel of its own in the worst case; here all share one for each audience.
        let target =
            Target { name: name.into(), place: Place::Route(format!("{name}{first}").as_str().into()) };
        Audience::new(name.into(), texts, vec![target])
    };
    let each = ["users", "management"].map(|name| (name.into(), Duration::from_secs(3_600)));
    let cadence = Cadence { first: FIRST, each: BTreeMap::from(each) };
    let guild = GuildPolicy { operations: PlaceId(10), incidents: PlaceId(10), ..GuildPolicy::default() };
    Policy {
        guilds: BTreeMap::from([(GUILD, guild)]),
        audiences: vec![
            audience("users", Texts::Users, incidents),
            audience("management", Texts::Management, incidents),
        ],
        cadences: Severity::ALL.into_iter().map(|severity| (severity, cadence.clone())).collect(),
        distance: Duration::from_secs(600),
        ..Policy::default()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let incidents = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(200_u64);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(incidents))
}

async fn measure(incidents: u64) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let clock = Clock::system();
    let store = Arc::new(JournalStore::open(folder.path(), Options::default(), clock.now())?);
    let desk = Desk::open(store, policy(incidents), clock.clone()).await?;
    let stop = watch::Sender::new(false);
    let slow = Arc::new(Slow);
    let transports = Transports { chat: slow.clone(), routes: slow };
    let relay = tokio::spawn(relay::run(desk.clone(), transports, stop.subscribe()));
    let began = clock.now();
    for number in 0..incidents {
        let said = Declaration { guild: GUILD, text: format!("incident {number}"), ..Declaration::default() };
        let ask = Ask {
            guild: GUILD,
            actor: Actor::Watchpost,
            origin: Origin::Check,
            once: None,
            incident: None,
            request: Request::Declare(said),
        };
        desk.ask(ask).await?;
    }
    let declared = clock.now().since(began);
    say(&format!("{incidents} incidents declared in {declared:?}"));
    let all = |desk: &Desk| {
        (1..=incidents).filter_map(|id| desk.incident(IncidentId(id))).all(|incident| {
            incident.telling.updates.len() >= 2
                && incident.telling.updates.iter().all(|one| !one.arrivals.is_empty())
        })
    };
    while !all(&desk) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        if clock.now().since(began) > Duration::from_secs(600) {
            return Err("not everything arrived within ten minutes".into());
        }
    }
    stop.send_replace(true);
    relay.await?;
    let mut late: Vec<Duration> = Vec::new();
    for incident in (1..=incidents).filter_map(|id| desk.incident(IncidentId(id))) {
        for issued in &incident.telling.updates {
            late.extend(issued.arrivals.iter().map(|arrival| arrival.at.since(issued.planned)));
        }
    }
    late.sort();
    let at = |percent: usize| late[(late.len() - 1) * percent / 100];
    say(&format!(
        "{} texts, due to proved: p50 {:?}, p99 {:?}, last {:?} (goal: p99 under 5 s)",
        late.len(),
        at(50),
        at(99),
        at(100)
    ));
    Ok(())
}

fn say(text: &str) {
    // The figures are what this program is for; that nobody reads them is no fault.
    let _ = writeln!(std::io::stdout(), "{text}");
}
