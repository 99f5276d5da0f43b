//! The one thread that writes.
//!
//! 1. It takes what waits, up to [`GROUP_MOST`] requests, and checks each against the state as it will be.
//! 2. It seals and chains their events and appends the group to the journal, with one sync.
//! 3. Only then readers see the group, and the askers are answered.
//! 4. sled follows last, when nothing is asked or enough has gathered. When sled fails, events are read from the journal
//!    until it is back.
//!
//! After a failed append the group is refused whole, and the state goes back to what is on disk.

mod round;
mod upkeep;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use self::round::Round;
use super::StoreError;
use super::failpoint::{self, Step};
use super::line::{LineNumber, Stored};
use super::shared::{Ask, Asked, Condition, Health, Shared, lock, read, write};
use super::sled::{Applied, Model};
use super::state::{Change, State};
use super::writer::Writer;
use crate::clock::UtcMs;
use crate::ids::PersonId;

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
