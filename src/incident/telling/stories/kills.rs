//! Killed at each step between due and proven, over the store on disk: nothing is lost; in a chat that can be read back
//! nothing is doubled, elsewhere at most one for each kill.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;
use crate::clock::Clock;
use crate::desk::{Ask, Desk};
use crate::outbox::{Delivery, Kept, Post, Progress, Proof};
use crate::store::{JournalStore, Options};

/// Where the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    BeforeDue,
    AfterIssued,
    AfterClaimed,
    AfterSent,
    AfterSettled,
    Never,
}

/// What the world outside has seen; it does not die.
#[derive(Default)]
struct World {
    seen: Mutex<Vec<String>>,
}

impl World {
    fn count(&self, key: &str) -> usize {
        self.seen.lock().expect("no test panics while it is held").iter().filter(|seen| *seen == key).count()
    }

    fn deliver(&self, item: &Item) -> Proof {
        self.seen.lock().expect("no test panics while it is held").push(item.key.0.clone());
        match (&item.post, &item.place) {
            (Post::Thread { under, .. }, _) => Proof::Thread(PlaceId(under.0)),
            (Post::New, Place::Channel(place)) => Proof::Message { place: *place, message: MessageId(1) },
            _ => Proof::Answer("200".into()),
        }
    }
}

struct Process {
    desk: Arc<Desk>,
    world: Arc<World>,
}

impl Process {
    async fn starts(folder: &Path, clock: &Clock, world: &Arc<World>) -> Self {
        let store = JournalStore::open(folder, Options::default(), clock.now()).expect("opens");
        let mut policy = policy(Berlin);
        policy.responders.clear();
        // One place that can be read back, and one that cannot.
        policy.audiences.truncate(1);
        policy.audiences[0]
            .destinations
            .push(Target { name: "hall".into(), place: Place::Route("hall".into()) });
        let desk = Desk::open(Arc::new(store), policy, clock.clone()).await.expect("opens");
        Process { desk, world: world.clone() }
    }

    /// Runs until nothing is due; dies at the step, at the first update that reaches it.
    async fn runs(&self, kill: Kill) -> bool {
        if kill == Kill::BeforeDue {
            return true;
        }
        loop {
            self.desk.carry_out_due().await.expect("carried out");
            if kill == Kill::AfterIssued {
                return true;
            }
            let claimed = self.desk.store().claim_due(self.desk.clock().now(), 32).await.expect("claimed");
            if claimed.is_empty() {
                return false;
            }
            for kept in claimed {
                if self.brings(&kept, kill).await {
                    return true;
                }
            }
        }
    }

    async fn brings(&self, kept: &Kept, kill: Kill) -> bool {
        let update = matches!(kept.item.purpose, Purpose::Update { .. });
        if update && kill == Kill::AfterClaimed {
            return true;
        }
        let chat = matches!(kept.item.place, Place::Channel(_));
        let uncertain = matches!(kept.progress, Progress::Uncertain { .. });
        // Only the chat can be read back.
        let proof = match chat && uncertain && self.world.count(&kept.item.key.0) > 0 {
            true => Proof::Message { place: PlaceId(20), message: MessageId(1) },
            false => self.world.deliver(&kept.item),
        };
        if update && kill == Kill::AfterSent {
            return true;
        }
        self.desk.settle(kept, &Delivery::Sent(proof)).await.expect("settled");
        update && kill == Kill::AfterSettled
    }
}

#[tokio::test]
async fn killed_at_each_step_nothing_is_lost_and_nothing_doubled() {
    for kill in [Kill::BeforeDue, Kill::AfterIssued, Kill::AfterClaimed, Kill::AfterSent, Kill::AfterSettled]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let (clock, world) = (Clock::stepped(at(2, 12)), Arc::new(World::default()));
        let process = Process::starts(folder.path(), &clock, &world).await;
        let said = Declaration { guild: GUILD, text: "Mail is disturbed".into(), ..Declaration::default() };
        let ask = Ask {
            guild: GUILD,
            actor: Actor::Watchpost,
            origin: Origin::Check,
            once: None,
            incident: None,
            request: Request::Declare(said),
        };
        process.desk.ask(ask).await.expect("declared");
        assert!(!process.runs(Kill::Never).await);
        drop(process);
        for (round, until) in [at(2, 27), at(3, 25), at(4, 25)].into_iter().enumerate() {
            clock.step(until.since(clock.now()));
            let process = Process::starts(folder.path(), &clock, &world).await;
            assert!(process.runs(kill).await, "{kill:?}: nothing to kill in round {round}");
            drop(process);
            clock.step(Duration::from_secs(20));
            let process = Process::starts(folder.path(), &clock, &world).await;
            assert!(!process.runs(Kill::Never).await);
            let number = round + 1;
            let incident = process.desk.incident(IncidentId(1)).expect("open");
            assert_eq!(incident.told[&"users".into()].number as usize, number, "{kill:?}");
            let (users, hall) =
                (format!("INC-1/update/users/{number}/users"), format!("INC-1/update/users/{number}/hall"));
            assert_eq!(world.count(&users), 1, "{kill:?}: lost or doubled in the chat");
            assert!((1..=2).contains(&world.count(&hall)), "{kill:?}: {}", world.count(&hall));
            let issued = incident.telling.updates.last().expect("issued");
            assert_eq!(issued.arrivals.len(), 2, "{kill:?}: {issued:?}");
            drop(process);
        }
    }
}
