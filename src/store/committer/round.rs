//! Requests that are stored together: taken, checked, sealed; and answered once they are stored.

use tokio::sync::OwnedSemaphorePermit;

use super::{Committer, GATHER, GROUP_MOST};
use crate::clock::UtcMs;
use crate::outbox::Kept;
use crate::store::line::Stored;
use crate::store::seal;
use crate::store::shared::{Ask, Asked, Reply, write};
use crate::store::state::{Change, Prepared};
use crate::store::{Commit, Committed, StoreError};

/// What one asker is told once the group is stored.
pub(super) enum Answer {
    Commit(Reply<Committed>, Result<Committed, StoreError>),
    /// With what was asked: where nothing can be stored, it is claimed anew, in memory.
    Claim(Reply<Vec<Kept>>, Result<Vec<Kept>, StoreError>, (UtcMs, usize)),
}

/// Requests that are stored together.
#[derive(Default)]
pub(super) struct Round {
    pub(super) stored: Vec<Stored>,
    pub(super) changes: Vec<Change>,
    pub(super) answers: Vec<Answer>,
    pub(super) permits: Vec<Option<OwnedSemaphorePermit>>,
}

impl Committer {
    /// One group and, after it, what must stand alone. `false`: it was asked to stop.
    pub(super) fn round(&mut self, first: Asked) -> bool {
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

    pub(super) fn answer(&mut self, answers: Vec<Answer>, failed: Option<&StoreError>) {
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
}
