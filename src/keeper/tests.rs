//! Copies and history by stepped time, over the store on disk.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Keeper;
use crate::check::Verdict;
use crate::clock::{Clock, UtcMs};
use crate::config::{Config, Environment};
use crate::desk::Desk;
use crate::ids::{GuildId, IncidentId, Seq};
use crate::incident::event::{Event, NewEvent, Origin, Recorded};
use crate::incident::{Incident, Severity};
use crate::person::Actor;
use crate::policy::Policy;
use crate::store::history::Sample;
use crate::store::{Commit, JournalStore, Options, Store, backup};

const START: UtcMs = UtcMs(1_795_392_000_000);

struct House {
    folder: tempfile::TempDir,
    clock: Clock,
    keeper: Arc<Keeper>,
    stop: watch::Sender<bool>,
    running: tokio::task::JoinHandle<()>,
}

impl House {
    async fn starts(folder: tempfile::TempDir, clock: Clock, more: &str) -> Self {
        let data = folder.path().join("data");
        let text = format!(
            "[organisation]\nname = \"Example\"\n\
             [service.mail]\ndomain = \"example.org\"\n[audience.users]\n\
             [store]\nfolder = {:?}\nbackup_every = \"1d\"\nbackup_keep = 2\n{more}",
            data.display().to_string()
        );
        let environment = Environment::from_iter([("PASSPHRASE", "open sesame")]);
        let config =
            Config::parse(std::path::Path::new("watchpost.toml"), &text, &environment).expect("sound");
        let options = Options { ballast_bytes: 0, ..Options::default() };
        let store: Arc<dyn Store> =
            Arc::new(JournalStore::open(&data, options, clock.now()).expect("a store"));
        let desk = Desk::open(store, Policy::of(&config), clock.clone()).await.expect("opens");
        let keeper = Keeper::open(desk, &config.store);
        let (stop, told) = watch::channel(false);
        let running = tokio::spawn(keeper.clone().run(told));
        let house = House { folder, clock, keeper, stop, running };
        house.until("it runs", |house| house.keeper.known().next.is_some()).await;
        house
    }

    async fn stops(self) -> (tempfile::TempDir, Clock) {
        self.stop.send_replace(true);
        self.running.await.expect("no panic");
        (self.folder, self.clock)
    }

    fn copies(&self) -> Vec<String> {
        let folder = self.folder.path().join("data/backups");
        let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = names
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with("watchpost-") && !name.ends_with(".new"))
            .collect();
        names.sort();
        names
    }

    async fn until(&self, what: &str, there: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !there(self) {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await;
        assert!(waited.is_ok(), "{what}: {:?}", self.copies());
    }

    async fn day_passes(&self) {
        self.clock.step(Duration::from_secs(86_400));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_made_each_day_and_two_are_kept_also_over_a_restart() {
    let house = House::starts(tempfile::tempdir().expect("a folder"), Clock::stepped(START), "").await;
    assert_eq!(house.copies(), Vec::<String>::new(), "a new installation has nothing to copy");
    house.clock.step(Duration::from_secs(600));
    house.until("the first copy", |house| house.copies().len() == 1).await;
    house.until("it is read through", |house| house.keeper.known().verified.is_some()).await;
    house.day_passes().await;
    house.until("the second", |house| house.copies().len() == 2).await;
    let (folder, clock) = house.stops().await;

    let house = House::starts(folder, clock, "").await;
    assert_eq!(house.copies().len(), 2, "none is due");
    house.day_passes().await;
    house.until("the third", |house| house.copies().iter().any(|name| name.contains("2026-11-25"))).await;
    house.until("the oldest is gone", |house| house.copies().len() == 2).await;
    let newest = house.folder.path().join("data/backups").join(house.copies().last().expect("one"));
    let verified = backup::verify_folder(&newest).expect("read");
    assert_eq!(verified.faults, Vec::<String>::new());
    let look = house.keeper.look().await;
    assert_eq!(look.head, verified.head);
    assert!(look.copies.expect("copies").newest.is_some());
    house.stops().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_passphrase_copies_are_sealed_and_one_can_be_asked_for() {
    let more = "backup_passphrase_env = \"PASSPHRASE\"\n";
    let house = House::starts(tempfile::tempdir().expect("a folder"), Clock::stepped(START), more).await;
    let made = house.keeper.copy_now().await.expect("made").expect("copies are on");
    let again = house.keeper.copy_now().await.expect("made").expect("copies are on");
    assert_ne!(made.path, again.path, "two within one second");
    let bytes = std::fs::read(&made.path).expect("one file");
    assert!(bytes.starts_with(b"watchpost-backup 1\n"));
    let clear = b"watchpost-journal";
    assert!(!bytes.windows(clear.len()).any(|window| window == clear), "nothing stands in it in clear");
    house.stops().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_measured_is_there_after_an_orderly_stop() {
    let house = House::starts(tempfile::tempdir().expect("a folder"), Clock::stepped(START), "").await;
    let sample = Sample::new(START, Verdict::Down, Some(Duration::from_millis(20)));
    house.keeper.history().record("main/smtp", sample);
    let (folder, clock) = house.stops().await;
    let house = House::starts(folder, clock, "").await;
    let found = house.keeper.history().samples("main/smtp", START, START + Duration::from_secs(60));
    assert_eq!(found, [sample]);
    house.stops().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_incident_is_archived_when_its_time_has_come() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("archive");
    let more = format!(
        "[retention]\narchive_folder = {:?}\narchive_after_days = 2\n",
        archive.display().to_string()
    );
    let house = House::starts(folder, Clock::stepped(START), &more).await;
    let events = [
        Event::Declared {
            guild: GuildId(1),
            title: "Phones cannot send".to_owned(),
            service: None,
            severity: Severity::Sev2,
            since: None,
            drill: false,
            procedure: None,
        },
        Event::Resolved { why: "renewed".to_owned() },
    ];
    let new = |event| NewEvent {
        incident: IncidentId(1),
        happened_at: START,
        actor: Actor::Watchpost,
        origin: Origin::Check,
        event,
    };
    let new: Vec<NewEvent> = events.into_iter().map(new).collect();
    let recorded = new.iter().zip(1..).map(|(new, version)| Recorded {
        seq: Seq(version),
        version,
        recorded_at: START,
        new: new.clone(),
    });
    let incident = Incident::from_events(IncidentId(1), &recorded.collect::<Vec<_>>());
    let commit = Commit {
        recorded_at: START,
        expect: vec![(IncidentId(1), 0)],
        heads: vec![incident.head()],
        events: new,
        ..Commit::default()
    };
    house.keeper.desk.store().commit(commit).await.expect("stored");
    house.day_passes().await;
    assert!(!archive.join("INC-1.html").exists(), "a day is too early");
    house.day_passes().await;
    house
        .until("it is archived", |house| house.keeper.known().archived.is_some_and(|one| one.there == 1))
        .await;
    let json = std::fs::read_to_string(archive.join("INC-1.json")).expect("written");
    assert_eq!(crate::review::json::read(&json).expect("read back").incident.title, "Phones cannot send");
    assert!(
        std::fs::read_to_string(archive.join("INC-1.html")).expect("written").contains("Phones cannot send")
    );
    house.stops().await;
}
