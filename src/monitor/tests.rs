//! A monitor over the lab in stepped time: what is broken there, and what the operations channel reads of it.

use std::path::Path;

use secrecy::SecretString;
use watchpost_lab::{Fault, Lab, LabOptions, Switch};

use super::*;
use crate::book::window::{WindowKind, WindowRequest};
use crate::check::tests::service;
use crate::check::{Prober, Silent, Verdict};
use crate::clock::Clock;
use crate::config::Environment;
use crate::ids::{MessageId, PersonId, PlaceId};
use crate::outbox::{Delivery, Item, Place, Post, Proof};
use crate::person::Person;
use crate::policy::Policy;
use crate::store::MemoryStore;

mod history;
mod noise;
mod outages;
mod warnings;

/// 2026-11-24T01:12:00Z, in the lab and for the monitor.
const NIGHT: UtcMs = UtcMs(1_795_482_720_000);

/// Asks the lab as its one service.
struct LabWatcher {
    service: Mutex<Arc<Service>>,
    prober: Prober,
    clock: Clock,
}

#[async_trait]
impl Watcher for LabWatcher {
    async fn watch(&self, _: &ServiceName, set: Set) -> Option<Watching> {
        let service = lock(&self.service).clone();
        let assessment = self.prober.assess(&service, set, self.clock.now().to_utc(), &Silent).await;
        Some(Watching { service, assessment })
    }
}

/// Everything that a night needs, without a chat.
struct Night {
    lab: Lab,
    clock: Clock,
    desk: Arc<Desk>,
    monitor: Arc<Monitor>,
    watcher: Arc<LabWatcher>,
    history: Arc<History>,
    /// Where the history lies.
    _folder: tempfile::TempDir,
    /// What left, and when.
    posts: Vec<(UtcMs, Item)>,
}

impl Night {
    async fn begins(more: &str) -> Self {
        Self::with(more, LabOptions::default()).await
    }

    async fn with(more: &str, options: LabOptions) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::stepped(NIGHT);
        let told = clock.clone();
        let options = LabOptions {
            clock: watchpost_lab::Clock::new(move || told.now().0),
            outbound: [127, 0, 0, 4].into(),
            ..options
        };
        let lab = Lab::start(options).await.expect("the lab");
        let text = format!(
            r#"
            [organisation]
            name = "Example"
            [guild.175928847299117063]
            operations = 175928847299117064
            [service.lab]
            domain = "lab.example"
            [audience.users]
            destinations = ["status"]
            [destination.status]
            kind = "discord"
            channel = 175928847299117065
            [responder.ana]
            discord = 175928847299117066
            {more}
            "#
        );
        let nothing: [(&str, &str); 0] = [];
        let config = Config::parse(Path::new("watchpost.toml"), &text, &Environment::from_iter(nothing))
            .expect("sound");
        let store = Arc::new(MemoryStore::default());
        let desk = Desk::open(store, Policy::of(&config), clock.clone()).await.expect("a desk");
        let watcher = Arc::new(LabWatcher {
            service: Mutex::new(Arc::new(service(&lab))),
            prober: Prober::default(),
            clock: clock.clone(),
        });
        let folder = tempfile::tempdir().expect("a folder");
        let history = Arc::new(History::open(folder.path()).0);
        let monitor = Monitor::new(desk.clone(), watcher.clone(), Some(history.clone()), &config);
        Night { lab, clock, desk, monitor, watcher, history, _folder: folder, posts: Vec::new() }
    }

    /// One step of time with all that follows from it.
    async fn seconds(&mut self, seconds: u64) {
        self.clock.step(Duration::from_secs(seconds));
        self.monitor.carry_out_due().await;
        self.desk.carry_out_due().await.expect("the store");
        self.deliver().await;
    }

    async fn minutes(&mut self, minutes: u64) {
        for _ in 0..minutes {
            self.seconds(60).await;
        }
    }

    /// Everything that is due arrives.
    async fn deliver(&mut self) {
        loop {
            let due = self.desk.store().claim_due(self.clock.now(), 32).await.expect("the store");
            if due.is_empty() {
                return;
            }
            for kept in due {
                let message = MessageId(1_000 + self.posts.len() as u64);
                let place = match &kept.item.place {
                    Place::Channel(place) => *place,
                    _ => PlaceId(1),
                };
                let proof = match kept.item.post {
                    Post::Thread { .. } => Proof::Thread(PlaceId(message.0)),
                    _ => Proof::Message { place, message },
                };
                self.desk.settle(&kept, &Delivery::Sent(proof)).await.expect("the store");
                self.posts.push((self.clock.now(), kept.item));
            }
        }
    }

    /// Another provider's mailbox takes part, so that the way out is seen as well.
    fn has_a_mailbox_elsewhere(&self) {
        self.equip(|service, lab| service.elsewhere = Some(crate::check::tests::elsewhere(lab)));
    }

    /// Changes what the configuration says of the service.
    fn equip(&self, change: impl FnOnce(&mut Service, &Lab)) {
        let mut service = (**lock(&self.watcher.service)).clone();
        change(&mut service, &self.lab);
        *lock(&self.watcher.service) = Arc::new(service);
    }

    async fn switch(&self, fault: Fault, to: Switch) {
        self.lab.switch(fault, to).await;
    }

    /// New posts of alarms in the operations channel, as minute and text.
    fn alarms(&self) -> Vec<(i64, String)> {
        let posts = self.posts.iter().filter(|(_, item)| {
            matches!(item.purpose, crate::outbox::Purpose::Alarm { .. }) && item.post == Post::New
        });
        posts.map(|(at, item)| ((at.0 - NIGHT.0) / 60_000, text(item))).collect()
    }

    fn says(&self, part: &str) -> usize {
        self.posts.iter().filter(|(_, item)| text(item).contains(part)).count()
    }

    async fn enter(&self, request: BookRequest) {
        let actor = Actor::Person(Person { id: PersonId(66), name: "ana".to_owned() });
        let entering = Entering { actor, origin: Origin::Chat, once: None, request };
        self.desk.enter(entering).await.expect("entered");
    }
}

fn text(item: &Item) -> String {
    let block = item.message.block.as_ref().map(|block| format!("{}\n{}", block.title, block.text));
    format!("{} {}", item.message.text, block.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_confirmed_told_once_and_over_when_a_mail_came_through() {
    let mut night = Night::begins("").await;
    night.minutes(3).await;
    assert_eq!(night.alarms(), [], "a healthy service alarms nobody");

    night.switch(Fault::SmtpStopped, Switch::On).await;
    night.minutes(3).await;
    let alarms = night.alarms();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert!(alarms[0].1.contains("lab since <t:"), "{}", alarms[0].1);
    assert!(alarms[0].1.contains("refuses connections"), "{}", alarms[0].1);

    night.switch(Fault::SmtpStopped, Switch::Off).await;
    night.minutes(12).await;
    assert_eq!(night.says("✓ lab works again"), 1);
    assert_eq!(night.alarms().len(), 1);
    let book = night.desk.book();
    assert!(book.watched.alarms[0].over.is_some() && !book.watched.is_broken(&"lab".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_comes_and_goes_every_90_seconds_is_one_alarm() {
    let mut night = Night::begins("").await;
    night.minutes(2).await;
    for turn in 0..40 {
        let to = if turn % 2 == 0 { Switch::On } else { Switch::Off };
        night.switch(Fault::SmtpStopped, to).await;
        for _ in 0..3 {
            night.seconds(30).await;
        }
    }
    assert_eq!(night.alarms().len(), 1, "{:?}", night.alarms());
    assert_eq!(night.says("works again"), 0, "it never recovered in between");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_a_matter_of_the_probe() {
    let mut night = Night::begins("").await;
    night.minutes(1).await;
    night.equip(|service, _| {
        service.probe.as_mut().expect("an account").secret = SecretString::from("not the password");
    });
    night.minutes(40).await;
    assert_eq!(night.alarms(), []);
    assert_eq!(night.says("That is a matter of the probe"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn blind_is_not_broken_and_is_said_after_two_intervals() {
    let mut night = Night::begins("").await;
    // From the start: later on, remembered addresses would be asked.
    night.switch(Fault::DnsDown, Switch::On).await;
    night.minutes(4).await;
    assert_eq!(night.alarms(), []);
    assert_eq!(night.says("I am blind to lab"), 1);
    night.switch(Fault::DnsDown, Switch::Off).await;
    night.minutes(2).await;
    assert_eq!(night.says("I can see all services again"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_broken_at_the_end_of_a_maintenance_is_raised_then() {
    let mut night = Night::begins("").await;
    night.minutes(2).await;
    let now = night.clock.now();
    let plan = WindowRequest::Plan {
        kind: WindowKind::Maintenance,
        service: Some("lab".into()),
        cause: None,
        from: now + Duration::from_secs(60),
        until: now + Duration::from_secs(20 * 60),
        repeat: None,
        why: "new storage".to_owned(),
        announced: true,
        alarm: None,
    };
    night.enter(BookRequest::Window(plan)).await;
    night.minutes(2).await;
    assert_eq!(night.says("Planned work on e-mail"), 1, "users are told");
    night.switch(Fault::SmtpStopped, Switch::On).await;
    night.minutes(15).await;
    assert_eq!(night.alarms(), [], "alarms wait");
    assert!(night.desk.book().watched.is_broken(&"lab".into()), "checks go on");
    night.minutes(5).await;
    let alarms = night.alarms();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(night.says("Maintenance of lab is over"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_so_configured_an_outage_declares_itself_and_wakes_somebody() {
    let mut night = Night::begins("[monitor]\ndeclare = \"declare\"").await;
    night.minutes(2).await;
    night.switch(Fault::CertificateExpired, Switch::On).await;
    night.minutes(4).await;
    let incident = night.desk.open_incidents(crate::ids::GuildId(175_928_847_299_117_063)).remove(0);
    assert_eq!(incident.service, Some("lab".into()));
    assert!(incident.assessment.as_ref().is_some_and(|last| last.cause.is_some()), "with the assessment");
    assert!(night.says("You are called because nobody has it yet") >= 1);
    assert_eq!(night.alarms(), [], "no proposal beside it");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_report_while_all_is_green_cause_a_deeper_look_once() {
    let mut night = Night::begins("[monitor]\nfunctional = \"6h\"").await;
    night.minutes(2).await;
    // Only a whole run sees this: the login.
    night.switch(Fault::AuthDown, Switch::On).await;
    night.minutes(3).await;
    assert_eq!(night.alarms(), [], "the quick questions do not log in");
    let doubt = || WatchRequest::Doubt { service: "lab".into(), people: 5 };
    night.enter(BookRequest::Watch(doubt())).await;
    night.enter(BookRequest::Watch(doubt())).await;
    night.minutes(3).await;
    assert_eq!(night.says("5 people report trouble with lab"), 1);
    assert_eq!(night.alarms().len(), 1, "{:?}", night.posts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_the_schedule_sees_is_entered_once() {
    let mut night = Night::begins("").await;
    night.minutes(2).await;
    assert!(night.desk.book().changes.is_empty(), "{:?}", night.desk.book().changes);
    night.switch(Fault::MxChanged, Switch::On).await;
    night.minutes(3).await;
    let book = night.desk.book();
    let of_mx: Vec<_> =
        book.changes.iter().filter(|change| change.text.starts_with("mx of lab.example: was")).collect();
    assert_eq!(of_mx.len(), 1, "{:?}", book.changes);
    assert_eq!(of_mx[0].by, Actor::Watchpost);
}
