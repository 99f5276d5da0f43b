//! What the committer looks after when nobody asks: the ballast, keys that must go, sled when it is out of order.

use super::{Committer, Refill};
use crate::store::StoreError;
use crate::store::failpoint::{self, Step};
use crate::store::follow;
use crate::store::shared::{Health, read, write};
use crate::store::sled::Model;

/// Ticks between two attempts to take the ballast's room again.
const BALLAST_TICKS: u32 = 60;

/// Ticks between two attempts to store, while storing does not work.
const PROBE_TICKS: u32 = 5;

/// Ticks between two attempts to fill a new sled.
const REFILL_TICKS: u32 = 60;

impl Committer {
    /// Destroys the keys that are written down as destroyed. Does nothing where that was done.
    pub fn finish_forgetting(&mut self) -> Result<(), StoreError> {
        let doomed = self.forget_in_memory();
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

    /// Keys that are written down as destroyed and still there. Those of people are gone from memory afterwards.
    fn forget_in_memory(&self) -> Vec<u64> {
        let ledger = &self.writer.tip().ledger;
        let mut keys = write(&self.shared.keys);
        let doomed: Vec<u64> = keys.numbers().filter(|number| ledger.forgotten.contains(number)).collect();
        // A passing key still opens the snapshot of the newest file, until the next one is there.
        for number in doomed.iter().filter(|number| keys.is_of_person(**number)).copied().collect::<Vec<_>>()
        {
            keys.remove(number);
        }
        doomed
    }

    /// Looks after what is out of order.
    pub(super) fn tick(&mut self) {
        self.ticks = self.ticks.wrapping_add(1);
        let storing = !matches!(self.shared.condition.borrow().health, Health::NotStoring(_));
        if !storing && self.ticks.is_multiple_of(PROBE_TICKS) {
            self.probe();
        }
        if storing && self.ticks.is_multiple_of(BALLAST_TICKS) && !self.writer.ballast().is_whole() {
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

    /// Looks whether storing works again, so that it is known before somebody needs it.
    fn probe(&mut self) {
        let stored: Vec<_> = self.unstored.iter().map(|change| self.bare(change.clone())).collect();
        if self.make_durable(&stored).is_ok() {
            self.unstored.clear();
            self.publish(&stored, &[]);
            self.follow(stored);
        }
    }

    /// Opens sled again and lets it follow; where that does not do, fills a new one meanwhile.
    fn call_model_back(&mut self) {
        let (folder, tip) = (&self.shared.folder, self.writer.tip());
        let installation = self.writer.installation();
        let (model, from) = match self.refill.take() {
            Some(refill) if !refill.thread.is_finished() => {
                self.refill = Some(refill);
                return;
            }
            Some(refill) => (refill.thread.join().ok().and_then(Result::ok), refill.from),
            None => (Model::open(folder).ok(), tip.file),
        };
        match model {
            Some(model) if follow::follow(folder, &model, tip, installation, from).is_ok() => {
                tracing::info!("sled follows again");
                *write(&self.shared.model) = Some(model);
            }
            // One attempt reads the whole journal: not again at once.
            _ if self.ticks >= self.refill_at => {
                self.refill_at = self.ticks.saturating_add(REFILL_TICKS);
                self.refill = self.begin_refill();
            }
            _ => {}
        }
    }

    fn begin_refill(&self) -> Option<Refill> {
        let (folder, tip) = (self.shared.folder.clone(), self.writer.tip().clone());
        let installation = self.writer.installation().to_owned();
        let from = tip.file;
        let fill = move || follow::fill(&folder, &tip, &installation).map(|(model, _)| model);
        let thread = std::thread::Builder::new().name("watchpost-refill".to_owned()).spawn(fill).ok()?;
        Some(Refill { from, thread })
    }
}
