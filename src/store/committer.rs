//! The one thread that writes.
//!
//! 1. It takes what waits, up to [`GROUP_MOST`] requests, and checks each against the state as it will be.
//! 2. It seals and chains their events and appends the group to the journal, with one sync.
//! 3. Only then readers see the group, and the askers are answered.
//! 4. sled follows last. When sled fails, events are read from the journal until it is back.
//!
//! After a failed append the group is refused whole, and the state goes back to what is on disk.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::chain::Chain;
use super::failpoint::{self, Step};
use super::keys::Keyring;
use super::line::{LineNumber, Link, Stored};
use super::seal;
use super::sled::{Applied, Model};
use super::state::{Change, Prepared, State};
use super::writer::{Tip, Writer};
use super::{Commit, Committed, StoreError};
use crate::clock::UtcMs;
use crate::ids::{IncidentId, PersonId};
use crate::outbox::Kept;

/// Requests that share one sync at most.
const GROUP_MOST: usize = 256;

/// How often the committer looks after itself when nothing is asked.
const TICK: Duration = Duration::from_secs(1);

/// Ticks between two attempts to take the ballast's room again.
const BALLAST_TICKS: u32 = 60;

/// What the committer and the readers share.
pub(super) struct Shared {
    /// The data folder.
    pub folder: PathBuf,
    /// What is on disk, as the readers see it.
    pub state: RwLock<State>,
    /// The keys of personal values.
    pub keys: RwLock<Keyring>,
    /// sled; `None` while it is out of order.
    pub model: RwLock<Option<Model>>,
    /// Events that are on disk and not in sled yet.
    pub ahead: Mutex<BTreeMap<(IncidentId, u64), Link>>,
    /// Where the journal ends.
    pub tip: RwLock<Tip>,
    /// Whether storing works.
    pub health: RwLock<Health>,
}

/// Whether storing works.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Health {
    /// It does.
    #[default]
    Storing,
    /// It does, on the room that was kept for a full disk.
    OnBallast,
    /// It does not: the answer to the last attempt.
    NotStoring(StoreError),
}

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the committer is asked.
pub(super) enum Ask {
    /// Store this.
    Commit(Box<Commit>, Reply<Committed>),
    /// Claim what is due.
    Claim(UtcMs, usize, Reply<Vec<Kept>>),
    /// Destroy a person's key.
    Forget(PersonId, UtcMs, Reply<()>),
    /// Begin a new file, so that all before it are whole; answer with where that is, and the keys as of then.
    Settle(Reply<(Tip, Vec<u8>)>),
    /// End in order.
    Stop,
}

/// A request with its place in the bounded queue.
pub(super) struct Asked {
    /// What is asked.
    pub ask: Ask,
    /// Given back when the request is answered.
    pub permit: Option<OwnedSemaphorePermit>,
}

/// Gives the answer to one asker; an error where the group could not be stored.
type Answer = Box<dyn FnOnce(Option<&StoreError>) + Send>;

/// Requests that are stored together.
#[derive(Default)]
struct Round {
    stored: Vec<Stored>,
    changes: Vec<Change>,
    answers: Vec<Answer>,
    permits: Vec<Option<OwnedSemaphorePermit>>,
}

/// The committer's own.
pub(super) struct Committer {
    shared: Arc<Shared>,
    queue: Receiver<Asked>,
    writer: Writer,
    /// The state with what is being stored at this moment.
    state: State,
    ticks: u32,
    last_at: UtcMs,
}

impl Committer {
    /// With the state as it is on disk.
    pub fn new(
        shared: Arc<Shared>,
        queue: Receiver<Asked>,
        writer: Writer,
        state: State,
        now: UtcMs,
    ) -> Self {
        Committer { shared, queue, writer, state, ticks: 0, last_at: now }
    }

    /// Works until it is stopped or nobody is left to ask.
    pub fn run(mut self) {
        loop {
            match self.queue.recv_timeout(TICK) {
                Ok(asked) => {
                    if !self.round(asked) {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.end();
    }

    /// One group and, after it, what must stand alone. `false`: it was asked to stop.
    fn round(&mut self, first: Asked) -> bool {
        let mut round = Round::default();
        let mut next = Some(first);
        let mut alone = None;
        while let Some(Asked { ask, permit }) = next.take() {
            round.permits.push(permit);
            match ask {
                Ask::Commit(commit, reply) => self.take_commit(*commit, reply, &mut round),
                Ask::Claim(now, max, reply) => self.take_claim(now, max, reply, &mut round),
                other => alone = Some(other),
            }
            if alone.is_none() && round.permits.len() < GROUP_MOST {
                next = self.queue.try_recv().ok();
            }
        }
        self.store(round);
        match alone {
            Some(ask) => self.alone(ask),
            None => true,
        }
    }

    fn take_commit(&mut self, commit: Commit, reply: Reply<Committed>, round: &mut Round) {
        self.last_at = commit.recorded_at;
        let answer = self.state.check(commit).and_then(|prepared| self.enter(prepared, round));
        round.answers.push(Box::new(move |failed| {
            // Whoever asked may have gone; the commit stands all the same.
            let _ = reply.send(failed.map_or(answer, |error| Err(error.clone())));
        }));
    }

    fn take_claim(&mut self, now: UtcMs, max: usize, reply: Reply<Vec<Kept>>, round: &mut Round) {
        let answer = match self.state.claim(now, max) {
            None => Ok(Vec::new()),
            Some((items, change)) => {
                let events = Vec::new();
                self.enter(Prepared { events, change }, round).map(|_| items)
            }
        };
        round.answers.push(Box::new(move |failed| {
            let _ = reply.send(failed.map_or(answer, |error| Err(error.clone())));
        }));
    }

    /// Seals a checked commit and makes it part of the group.
    fn enter(&mut self, prepared: Prepared, round: &mut Round) -> Result<Committed, StoreError> {
        let before = round.stored.iter().rev().find_map(|stored| stored.events.last());
        let chain = before.map_or(self.writer.tip().chain, |link| link.chain);
        let stored = {
            let mut keys = write(&self.shared.keys);
            sealed(&prepared, chain, &mut keys)?
        };
        self.state.apply(&prepared.change);
        round.changes.push(prepared.change);
        round.stored.push(stored);
        Ok(Committed { events: prepared.events })
    }

    fn store(&mut self, round: Round) {
        let failed = if round.stored.is_empty() {
            None
        } else {
            failpoint::pass(Step::Sealed);
            self.make_durable(&round.stored).err()
        };
        match &failed {
            None => {
                self.publish(&round.stored, &round.changes);
                failpoint::pass(Step::Published);
            }
            Some(_) => self.state = read(&self.shared.state).clone(),
        }
        for answer in round.answers {
            answer(failed.as_ref());
        }
        failpoint::pass(Step::Answered);
        if failed.is_none() && !round.stored.is_empty() {
            self.follow(round.stored);
            failpoint::pass(Step::Followed);
            self.rotate_if_long();
        }
    }

    fn make_durable(&mut self, stored: &[Stored]) -> Result<(), StoreError> {
        // The key is there before anything that is sealed under it.
        let saved = write(&self.shared.keys).save(self.writer.disk());
        let done = match saved {
            Err(StoreError::Full(_)) if self.writer.ballast().give_up() => {
                write(&self.shared.keys).save(self.writer.disk())
            }
            other => other,
        }
        .and_then(|()| {
            failpoint::pass(Step::KeysSaved);
            self.writer.append(stored)
        });
        self.note_health(done.as_ref().err());
        done
    }

    fn note_health(&self, failed: Option<&StoreError>) {
        let health = match failed {
            Some(error) => Health::NotStoring(error.clone()),
            None if self.writer.ballast().is_whole() => Health::Storing,
            None => Health::OnBallast,
        };
        let mut known = write(&self.shared.health);
        if *known != health {
            tracing::warn!(?health, "storing has changed");
            *known = health;
        }
    }

    /// Lets the readers see what is on disk.
    fn publish(&self, stored: &[Stored], changes: &[Change]) {
        if stored.is_empty() {
            return;
        }
        if read(&self.shared.model).is_some() {
            let mut ahead = lock(&self.shared.ahead);
            for link in stored.iter().flat_map(|stored| &stored.events) {
                if let Some(place) = link.place() {
                    ahead.insert(place, link.clone());
                }
            }
        }
        write(&self.shared.tip).clone_from(self.writer.tip());
        let mut state = write(&self.shared.state);
        for change in changes {
            state.apply(change);
        }
    }

    /// Lets sled follow by a group.
    fn follow(&mut self, stored: Vec<Stored>) {
        let tip = self.writer.tip();
        let first = tip.last + 1 - stored.len() as LineNumber;
        let numbered: Vec<(LineNumber, Stored)> = (first..).zip(stored).collect();
        let applied =
            Applied { installation: self.writer.installation().to_owned(), line: tip.last, chain: tip.chain };
        let followed = match read(&self.shared.model).as_ref() {
            Some(model) => model.apply(&numbered, &applied),
            None => return,
        };
        if let Err(error) = followed {
            tracing::warn!(%error, "sled does not follow; events are read from the journal");
            *write(&self.shared.model) = None;
        }
        lock(&self.shared.ahead).clear();
    }

    fn rotate_if_long(&mut self) {
        if self.writer.is_long()
            && let Err(error) = self.rotate()
        {
            tracing::warn!(%error, "no new journal file could be begun; the old one goes on");
        }
    }

    fn rotate(&mut self) -> Result<(), StoreError> {
        self.writer.rotate(&self.state, &read(&self.shared.keys), self.last_at)?;
        write(&self.shared.tip).clone_from(self.writer.tip());
        Ok(())
    }

    fn alone(&mut self, ask: Ask) -> bool {
        match ask {
            Ask::Forget(person, at, reply) => {
                let _ = reply.send(self.forget(person, at));
            }
            Ask::Settle(reply) => {
                let keys = self.rotate().and_then(|()| read(&self.shared.keys).to_bytes());
                let _ = reply.send(keys.map(|keys| (self.writer.tip().clone(), keys)));
            }
            Ask::Stop => return false,
            Ask::Commit(..) | Ask::Claim(..) => {}
        }
        true
    }

    /// Writes down that the key goes, then lets it go: in between, the next start finishes it.
    fn forget(&mut self, person: PersonId, at: UtcMs) -> Result<(), StoreError> {
        self.last_at = at;
        // The passing key goes in any case: who has no event of their own may still be named in what was said.
        let forgot = {
            let keys = read(&self.shared.keys);
            let theirs = keys.of_person(&person.to_string());
            theirs.into_iter().chain([keys.passing()]).collect()
        };
        let change = Change { at, last_seq: self.state.last_seq(), ..Change::default() };
        let stored = Stored { change, last_key: read(&self.shared.keys).last(), forgot, ..Stored::default() };
        let group = vec![stored];
        self.make_durable(&group)?;
        self.state.apply(&group[0].change);
        self.publish(&group, &[group[0].change.clone()]);
        self.follow(group);
        failpoint::pass(Step::ForgettingWritten);
        self.finish_forgetting()
    }

    /// Destroys the keys that are written down as destroyed. Does nothing where that was done.
    pub fn finish_forgetting(&mut self) -> Result<(), StoreError> {
        let doomed: Vec<u64> = {
            let (keys, ledger) = (read(&self.shared.keys), &self.writer.tip().ledger);
            keys.numbers().filter(|number| ledger.forgotten.contains(number)).collect()
        };
        if doomed.is_empty() {
            return Ok(());
        }
        // What was said to people may name the one who goes: what is settled is dropped, the rest gets a new key.
        self.state.drop_settled();
        write(&self.shared.state).drop_settled();
        {
            let mut keys = write(&self.shared.keys);
            if doomed.contains(&keys.passing()) {
                keys.change_passing()?;
            }
            keys.save(self.writer.disk())?;
        }
        self.rotate()?;
        let mut keys = write(&self.shared.keys);
        for number in doomed {
            keys.remove(number);
        }
        failpoint::pass(Step::KeyRemoved);
        keys.save(self.writer.disk())
    }

    /// Looks after what is out of order.
    fn tick(&mut self) {
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks.is_multiple_of(BALLAST_TICKS) && !self.writer.ballast().is_whole() {
            self.writer.ballast().take();
            self.note_health(None);
        }
        if let Err(error) = self.finish_forgetting() {
            tracing::warn!(%error, "a key that was given up is still there; tried again");
        }
        if read(&self.shared.model).is_none() {
            self.call_model_back();
        }
    }

    /// Opens sled again where it is not behind by more than nothing; more is for the next start.
    fn call_model_back(&mut self) {
        let Ok(model) = Model::open(&self.shared.folder) else {
            return;
        };
        let ready = super::open::follow_newest(
            &self.shared.folder,
            &model,
            self.writer.tip(),
            self.writer.installation(),
        );
        if ready {
            tracing::info!("sled follows again");
            *write(&self.shared.model) = Some(model);
        }
    }

    fn end(mut self) {
        if let Err(error) = self.writer.stop() {
            tracing::warn!(%error, "the journal could not be marked as stopped in order");
        }
        let model = write(&self.shared.model).take();
        if let Some(Err(error)) = model.map(|model| model.flush()) {
            tracing::warn!(%error, "sled did not flush; the next start compares it with the journal");
        }
    }
}

/// A commit as it will stand in the journal, chained after `chain`.
fn sealed(prepared: &Prepared, mut chain: Chain, keys: &mut Keyring) -> Result<Stored, StoreError> {
    let unwritable =
        |error: serde_json::Error| StoreError::Unavailable(format!("it cannot be written: {error}"));
    let mut events = Vec::with_capacity(prepared.events.len());
    for recorded in &prepared.events {
        let mut event = serde_json::to_value(recorded).map_err(unwritable)?;
        seal::seal(&mut event, keys)?;
        chain = chain.next(&event);
        events.push(Link { chain, event });
    }
    let mut change = prepared.change.clone();
    let said = std::mem::take(&mut change.outgoing);
    let outgoing = if said.is_empty() {
        None
    } else {
        let plain = serde_json::to_vec(&said).map_err(unwritable)?;
        Some(keys.seal(keys.passing(), &plain)?)
    };
    Ok(Stored { events, change, outgoing, last_key: keys.last(), forgot: Vec::new() })
}

/// Nothing panics while one of these locks is held; if something did, what they guard is changed in one step.
pub(super) fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// As [`read`], to change it.
pub(super) fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// As [`read`], for one at a time.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
