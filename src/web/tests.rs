//! The page as a reader's browser sees it: over a real connection, with its forms.

use std::collections::BTreeMap;
use std::path::Path;

use reqwest::Client;

use super::*;
use crate::clock::{Clock, UtcMs};
use crate::config::{Environment, Texts};
use crate::desk::Ask;
use crate::ids::{GuildId, PersonId, PlaceId};
use crate::incident::Facts;
use crate::incident::decide::{Declaration, News, Request};
use crate::incident::event::Origin;
use crate::outbox::Place;
use crate::person::{Actor, Person};
use crate::policy::{Audience, GuildPolicy, Policy, Target};
use crate::store::MemoryStore;

const GUILD: GuildId = GuildId(1);

struct House {
    desk: Arc<Desk>,
    address: String,
    client: Client,
    _stop: watch::Sender<bool>,
}

async fn house() -> House {
    let users = Audience::new(
        "users".into(),
        Texts::Users,
        vec![Target { name: "status".into(), place: Place::Channel(PlaceId(20)) }],
    );
    let guild = GuildPolicy { operations: PlaceId(10), incidents: PlaceId(10), ..GuildPolicy::default() };
    let policy =
        Policy { guilds: BTreeMap::from([(GUILD, guild)]), audiences: vec![users], ..Policy::default() };
    let clock = Clock::stepped(UtcMs(1_000_000_000));
    let desk = Desk::open(Arc::new(MemoryStore::default()), policy, clock).await.expect("a desk");
    let text = "[organisation]\nname = \"Example\"\ntime_zone = \"Europe/Berlin\"\n";
    let config = Config::parse(Path::new("watchpost.toml"), text, &Environment::default()).expect("sound");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(serve_on(Web::new(desk.clone(), &config), listener, stopped));
    House { desk, address, client: Client::new(), _stop: stop }
}

impl House {
    async fn ask(&self, request: Request) {
        let ask = Ask {
            guild: GUILD,
            actor: Actor::Person(Person { id: PersonId(7), name: "ana".into() }),
            origin: Origin::Chat,
            once: None,
            incident: None,
            request,
        };
        self.desk.ask(ask).await.expect("done");
    }

    async fn page(&self) -> String {
        self.client.get(&self.address).send().await.expect("an answer").text().await.expect("a text")
    }

    async fn send(&self, token: &str, site: &str, fields: &str) -> (u16, String) {
        let body = format!("token={token}&{fields}");
        let request =
            self.client.post(format!("{}/report", self.address)).header("sec-fetch-site", site).body(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }

    fn reports(&self) -> usize {
        self.desk.open_incidents(GUILD).iter().map(|incident| incident.reports.len()).sum()
    }
}

fn token(page: &str) -> String {
    let from = page.split("name=\"token\" value=\"").nth(1).expect("a form");
    from.split('"').next().expect("a token").to_owned()
}

#[tokio::test]
async fn a_report_is_counted_and_answered_and_a_foreign_form_is_not_taken() {
    let house = house().await;
    let page = house.page().await;
    assert!(page.contains("E-mail works") && page.contains("Your mail does not work?"), "{page}");
    let token = token(&page);
    let fields = "symptom=cannot_send&client=phone&text=550+no+such+user+%3Canna%40example.org%3E";
    let (status, answer) = house.send(&token, "same-origin", fields).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("You are the first to say so"), "{answer}");

    let said = Declaration { guild: GUILD, text: "Phones cannot send".into(), ..Declaration::default() };
    house.ask(Request::Declare(said)).await;
    let facts = Facts { impact: "Phones cannot send.".into(), ..Facts::default() };
    house.ask(Request::Tell(News { facts: Some(facts), eta: None, only: None, correction: false })).await;
    let page = house.page().await;
    assert!(page.contains("Same here"), "{page}");
    let before = house.reports();
    let (status, answer) = house.send(&token, "same-origin", "incident=INC-1&symptom=delayed").await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("You are counted") && answer.contains("Phones cannot send"), "{answer}");
    assert_eq!(house.reports(), before + 1);
    let kept = format!("{:?}", house.desk.open_incidents(GUILD));
    assert!(!kept.contains("anna@example.org") && !kept.contains("127.0.0.1"), "{kept}");

    for (token, site) in [(token.as_str(), "cross-site"), ("1.0", "same-origin")] {
        let (status, answer) = house.send(token, site, "symptom=bounced").await;
        assert_eq!(status, 403, "{answer}");
    }
    assert_eq!(house.reports(), before + 1);
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_twice_and_lets_no_script_in() {
    let house = house().await;
    let first = house.client.get(&house.address).send().await.expect("an answer");
    let policy = first.headers()["content-security-policy"].to_str().expect("a policy").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    let tag = first.headers()["etag"].clone();
    let again =
        house.client.get(&house.address).header("if-none-match", tag).send().await.expect("an answer");
    assert_eq!(again.status().as_u16(), 304);
    let json =
        house.client.get(format!("{}/api/v2/summary.json", house.address)).send().await.expect("an answer");
    let summary: serde_json::Value = json.json().await.expect("JSON");
    for key in ["page", "status", "components", "incidents", "scheduled_maintenances"] {
        assert!(summary.get(key).is_some(), "{key} is missing in {summary}");
    }
    assert_eq!(summary["components"][0]["status"], "operational");
}
