//! The one thread that writes.
//!
//! 1. It takes what waits, up to [`GROUP_MOST`] requests, and checks each against the state as it will be.
//! 2. It seals and chains their events and appends the group to the journal, with one sync.
//! 3. Only then readers see the group, and the askers are answered.
//! 4. sled follows last, when nothing is asked or enough has gathered. When sled fails, events are read from the journal
//!    until it is back.
//!
//! After a failed append the group is refused whole, and the state goes back to what is on disk.

mod upkeep;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::failpoint::{self, Step};
use super::line::{LineNumber, Stored};
use super::seal;
use super::shared::{Ask, Asked, Condition, Health, Reply, Shared, lock, read, write};
use super::sled::{Applied, Model};
use super::state::{Change, Prepared, State};
use super::writer::Writer;
use super::{Commit, Committed, StoreError};
use crate::clock::UtcMs;
use crate::ids::PersonId;
use crate::outbox::Kept;

/// Requests that share one sync at most.
const GROUP_MOST: usize = 256;

/// How often the committer looks after itself when nothing is asked.
const TICK: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 1000 });

/// How long the next of a group is waited for: whoever was answered together comes back together.
const GATHER: Duration = Duration::from_micros(100);

/// How long nothing must be asked before sled follows.
const QUIET: Duration = Duration::from_millis(2);

/// Commits that sled may be behind.
const BEHIND_MOST: usize = 1024;

/// After so many groups it looks after itself even though it is asked all the time.
const GROUPS_BETWEEN_TICKS: u32 = 1_000;

/// What one asker is told once the group is stored.
enum Answer {
    Commit(Reply<Committed>, Result<Committed, StoreError>),
    /// With what was asked: where nothing can be stored, it is claimed anew, in memory.
    Claim(Reply<Vec<Kept>>, Result<Vec<Kept>, StoreError>, (UtcMs, usize)),
}

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
    groups: u32,
    last_at: UtcMs,
    /// Claims that are only in memory, because nothing could be stored when they were made.
    unstored: Vec<Change>,
    /// Commits that sled has not followed yet, with where it is afterwards.
    behind: Vec<(LineNumber, Stored)>,
    /// How many requests the group before this one had.
    gathered: usize,
    refill: Option<Refill>,
    /// Not before this tick is a new sled filled again.
    refill_at: u32,
}

/// A new sled that is being filled on a thread of its own.
struct Refill {
    /// The newest file when it was begun: from there on it has to follow.
    from: u64,
    thread: JoinHandle<Result<Model, String>>,
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
        Committer {
            shared,
            queue,
            writer,
            state,
            ticks: 0,
            groups: 0,
            last_at: now,
            unstored: Vec::new(),
            behind: Vec::new(),
            gathered: 0,
            refill: None,
            refill_at: 0,
        }
    }

    /// Works until it is stopped or nobody is left to ask.
    pub fn run(mut self) {
        loop {
            let patience = if self.behind.is_empty() { TICK } else { QUIET };
            match self.queue.recv_timeout(patience) {
                Ok(asked) => {
                    if !self.round(asked) {
                        break;
                    }
                    self.groups += 1;
                    if self.groups.is_multiple_of(GROUPS_BETWEEN_TICKS) {
                        self.tick();
                    }
                }
                Err(RecvTimeoutError::Timeout) if !self.behind.is_empty() => self.catch_up(),
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
                next = self.next_of_group(round.permits.len());
            }
        }
        self.gathered = round.permits.len();
        self.store(round);
        match alone {
            Some(ask) => self.alone(ask),
            None => true,
        }
    }

    /// What is asked next, while the group is smaller than the one before it: waited for a moment.
    fn next_of_group(&self, so_far: usize) -> Option<Asked> {
        match self.queue.try_recv() {
            Ok(asked) => Some(asked),
            Err(_) if so_far >= self.gathered => None,
            Err(_) => self.queue.recv_timeout(GATHER).ok(),
        }
    }

    fn take_commit(&mut self, commit: Commit, reply: Reply<Committed>, round: &mut Round) {
        self.last_at = commit.recorded_at;
        let answer = self.state.check(commit).and_then(|prepared| self.enter(prepared, round));
        round.answers.push(Answer::Commit(reply, answer));
    }

    fn take_claim(&mut self, now: UtcMs, max: usize, reply: Reply<Vec<Kept>>, round: &mut Round) {
        self.last_at = self.last_at.max(now);
        let answer = match self.state.claim(now, max) {
            None => Ok(Vec::new()),
            Some((items, change)) => {
                let events = Vec::new();
                self.enter(Prepared { events, change }, round).map(|_| items)
            }
        };
        round.answers.push(Answer::Claim(reply, answer, (now, max)));
    }

    /// Seals a checked commit and makes it part of the group.
    fn enter(&mut self, prepared: Prepared, round: &mut Round) -> Result<Committed, StoreError> {
        let before = round.stored.iter().rev().find_map(|stored| stored.events.last());
        let chain = before.map_or(self.writer.tip().chain, |link| link.chain);
        let stored = {
            let mut keys = write(&self.shared.keys);
            seal::seal_commit(&prepared, chain, &mut keys)?
        };
        self.state.apply(&prepared.change);
        round.changes.push(prepared.change);
        round.stored.push(stored);
        Ok(Committed { events: prepared.events })
    }

    fn store(&mut self, mut round: Round) {
        if round.stored.is_empty() {
            return self.answer(round.answers, None);
        }
        failpoint::pass(Step::Sealed);
        // Claims that could not be stored when they were made go first; the state has them already.
        let unstored = self.unstored.iter().map(|change| self.bare(change.clone()));
        let stored: Vec<Stored> = unstored.chain(round.stored.drain(..)).collect();
        match self.make_durable(&stored) {
            Err(error) => {
                self.state = read(&self.shared.state).clone();
                self.answer(round.answers, Some(&error));
            }
            Ok(()) => {
                self.unstored.clear();
                self.publish(&stored, &round.changes);
                failpoint::pass(Step::Published);
                self.answer(round.answers, None);
                failpoint::pass(Step::Answered);
                self.follow(stored);
                self.rotate_if_long();
            }
        }
    }

    /// A change without events, as it stands in the journal.
    fn bare(&self, change: Change) -> Stored {
        Stored { change, last_key: read(&self.shared.keys).last(), ..Stored::default() }
    }

    fn answer(&mut self, answers: Vec<Answer>, failed: Option<&StoreError>) {
        for answer in answers {
            // Whoever asked may have gone; what was stored stands all the same.
            match answer {
                Answer::Commit(reply, answer) => {
                    let _ = reply.send(failed.map_or(answer, |error| Err(error.clone())));
                }
                Answer::Claim(reply, answer, (now, max)) => {
                    let answer = if failed.is_some() { Ok(self.claim_unstored(now, max)) } else { answer };
                    let _ = reply.send(answer);
                }
            }
        }
    }

    /// Claims in memory only, because nothing can be stored: people go on being told. Should the process end before
    /// the claim is stored, an item may be brought twice, under the same key.
    fn claim_unstored(&mut self, now: UtcMs, max: usize) -> Vec<Kept> {
        let Some((items, change)) = self.state.claim(now, max) else {
            return Vec::new();
        };
        self.state.apply(&change);
        write(&self.shared.state).apply(&change);
        self.unstored.push(change);
        items
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
        self.shared.condition.send_if_modified(|known| {
            if known.health == health {
                return false;
            }
            tracing::warn!(?health, "storing has changed");
            let lasting =
                [&known.health, &health].into_iter().all(|one| matches!(one, Health::NotStoring(_)));
            // Another reason for the same trouble does not begin it anew.
            let since = if lasting { known.since } else { self.last_at };
            *known = Condition { health, since, cut_short: known.cut_short };
            true
        });
    }

    /// Lets the readers see what is on disk.
    fn publish(&self, stored: &[Stored], changes: &[Change]) {
        if read(&self.shared.model).is_some() {
            let mut ahead = lock(&self.shared.ahead);
            for link in stored.iter().flat_map(|stored| &stored.events) {
                if let Some(place) = link.place() {
                    ahead.insert(place, link.text().as_bytes().to_vec());
                }
            }
        }
        write(&self.shared.tip).clone_from(self.writer.tip());
        let mut state = write(&self.shared.state);
        for change in changes {
            state.apply(change);
        }
    }

    /// Keeps a group for sled to follow by; readers find it beside sled until then.
    fn follow(&mut self, stored: Vec<Stored>) {
        if read(&self.shared.model).is_none() {
            return;
        }
        let first = self.writer.tip().last + 1 - stored.len() as LineNumber;
        self.behind.extend((first..).zip(stored));
        if self.behind.len() >= BEHIND_MOST {
            self.catch_up();
        }
    }

    /// Lets sled follow to the end of the journal.
    fn catch_up(&mut self) {
        let behind = std::mem::take(&mut self.behind);
        if behind.is_empty() {
            return;
        }
        let tip = self.writer.tip();
        let applied =
            Applied { installation: self.writer.installation().to_owned(), line: tip.last, chain: tip.chain };
        let followed = match read(&self.shared.model).as_ref() {
            Some(model) => model.apply(&behind, &applied),
            None => Ok(()),
        };
        if let Err(error) = followed {
            tracing::warn!(%error, "sled does not follow; events are read from the journal");
            *write(&self.shared.model) = None;
        }
        lock(&self.shared.ahead).clear();
        failpoint::pass(Step::Followed);
    }

    fn rotate_if_long(&mut self) {
        if self.writer.is_long()
            && let Err(error) = self.rotate()
        {
            tracing::warn!(%error, "no new journal file could be begun; the old one goes on");
        }
    }

    fn rotate(&mut self) -> Result<(), StoreError> {
        // A sled that is behind by more than the newest file would have to be filled anew after a crash.
        self.catch_up();
        self.writer.rotate(&self.state, &read(&self.shared.keys), self.last_at)?;
        // They stand in the snapshot now.
        self.unstored.clear();
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
        let group = vec![Stored { forgot, ..self.bare(change) }];
        self.make_durable(&group)?;
        self.state.apply(&group[0].change);
        self.publish(&group, &[group[0].change.clone()]);
        self.follow(group);
        failpoint::pass(Step::ForgettingWritten);
        self.finish_forgetting()
    }

    fn end(mut self) {
        self.catch_up();
        if let Some(refill) = self.refill.take() {
            // Its sled must be closed before the next start opens it.
            drop(refill.thread.join());
        }
        if let Err(error) = self.writer.stop() {
            tracing::warn!(%error, "the journal could not be marked as stopped in order");
        }
        let model = write(&self.shared.model).take();
        if let Some(Err(error)) = model.map(|model| model.flush()) {
            tracing::warn!(%error, "sled did not flush; the next start compares it with the journal");
        }
    }
}
