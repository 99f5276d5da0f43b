//! Looks after what is stored while Watchpost runs: copies by themselves, the check history, and what is known of both.
//!
//! 1. [`Keeper::open`] opens the check history beside the journal and reads from the configuration where copies go.
//! 2. [`Keeper::run`] makes a copy whenever the newest is old enough, and reads everything through after it; writes the
//!    history once a minute, and thins it out once a day. What is due follows from what is there, so a restart forgets
//!    nothing.
//!    With it goes what `[retention]` says: closed incidents into the archive, and who only reported is forgotten.
//! 3. [`Keeper::look`] says how all of it is, for `/admin store`.
//!
//! **The check history.** Whoever runs checks writes with
//! `keeper.history().record("main/smtp", Sample::new(at, verdict, latency))`: it touches memory only, never fails, and is
//! written by the keeper. It is read with [`History::samples`] (14 days), [`History::hours`] (400 days) and
//! [`History::days`] (ten years), each for a check from one moment to before another; these read the disk, so they go on a
//! thread that may block. That it is damaged, full or gone harms no incident.

pub mod look;
mod retention;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use watchpost_texts::say;

use crate::clock::UtcMs;
use crate::config::{self, Retention};
use crate::desk::Desk;
use crate::store::history::{History, HistoryFound};
use crate::store::vault::Passphrase;
use crate::store::{Health, Made, Schedule, StoreError, Verified};
pub use look::Look;

/// How often the open hours of the history are written: what a crash may lose of it.
const SAVE_EVERY: Duration = Duration::from_secs(60);
/// How often the history is thinned out.
const THIN_EVERY: Duration = Duration::from_secs(86_400);
/// When a copy that failed is tried again; also how long a new installation is left alone before its first one.
const AGAIN: Duration = Duration::from_secs(600);

/// Looks after what is stored.
pub struct Keeper {
    desk: Arc<Desk>,
    /// None: all is in memory.
    data: Option<PathBuf>,
    /// None: no copies are made.
    schedule: Option<Schedule>,
    history: Arc<History>,
    history_found: HistoryFound,
    known: Mutex<Known>,
    /// One copy at a time.
    copying: tokio::sync::Mutex<()>,
    /// How long each kind of record is kept; none: all is gone with the process.
    retention: Option<Retention>,
}

/// What became of the last attempts.
#[derive(Debug, Clone, Default)]
struct Known {
    failed: Option<(UtcMs, StoreError)>,
    verified: Option<(UtcMs, Result<Verified, StoreError>)>,
    next: Option<UtcMs>,
    archived: Option<retention::Archived>,
}

impl Keeper {
    /// For a store on disk, as configured. Blocks while the history is opened.
    pub fn open(desk: Arc<Desk>, config: &config::Store) -> Arc<Self> {
        let (history, history_found) = History::open(&config.folder);
        match &history_found {
            HistoryFound::Ready => {}
            HistoryFound::BegunAnew { why } => {
                tracing::warn!(
                    why,
                    "the check history could not be read and was begun anew; incidents are not touched"
                );
            }
            HistoryFound::Without { why } => {
                tracing::error!(why, "there is no check history; incidents are not touched");
            }
        }
        let passphrase =
            config.backup_passphrase.as_ref().map(|secret| Passphrase::new(secret.value().clone()));
        let schedule = (config.backup_keep > 0).then(|| Schedule {
            folder: config.backup_folder.clone(),
            every: config.backup_every.length(),
            keep: usize::from(config.backup_keep),
            passphrase,
        });
        let kept = &config.retention;
        let history = Arc::new(history.keeping(kept.samples, kept.hours, kept.days));
        desk.keeps_measurements(history.clone());
        Arc::new(Keeper {
            desk,
            data: Some(config.folder.clone()),
            schedule,
            history,
            history_found,
            known: Mutex::default(),
            copying: tokio::sync::Mutex::default(),
            retention: Some(config.retention.clone()),
        })
    }

    /// For a store that is gone with its process.
    pub fn in_memory(desk: Arc<Desk>) -> Arc<Self> {
        let history = Arc::new(History::in_memory());
        desk.keeps_measurements(history.clone());
        Arc::new(Keeper {
            desk,
            data: None,
            schedule: None,
            history,
            history_found: HistoryFound::Ready,
            known: Mutex::default(),
            copying: tokio::sync::Mutex::default(),
            retention: None,
        })
    }

    /// What the checks measured.
    pub fn history(&self) -> &Arc<History> {
        &self.history
    }

    /// Looks after everything until `stop` becomes true; then the history is written a last time.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let clock = self.desk.clock().clone();
        let mut copy = self.first_copy(clock.now()).await;
        let mut save = clock.now() + SAVE_EVERY;
        let mut thin = clock.now();
        loop {
            self.note(|known| known.next = copy);
            let next = copy.map_or(save.min(thin), |copy| copy.min(save).min(thin));
            tokio::select! {
                () = clock.wait_until(next) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
            let now = clock.now();
            if copy.is_some_and(|copy| copy <= now) {
                copy = Some(self.copy_when_due(now).await);
            }
            if save <= now {
                self.with_history("written", move |history| history.save(now)).await;
                save = now + SAVE_EVERY;
            }
            if thin <= now {
                self.with_history(say!("thinned out"), move |history| history.thin_out(now).map(drop)).await;
                self.keep_and_forget(now).await;
                thin = now + THIN_EVERY;
            }
        }
        let now = clock.now();
        self.with_history("written", move |history| history.save(now)).await;
    }

    /// When the first copy of this run is due.
    async fn first_copy(&self, now: UtcMs) -> Option<UtcMs> {
        let schedule = self.schedule.as_ref()?;
        Some(match schedule.newest() {
            Ok(Some(newest)) => newest + schedule.every,
            // A new installation has nothing to copy yet.
            Ok(None) if self.desk.store().last_seq().await.is_ok_and(|last| last.0 <= 1) => now + AGAIN,
            // Where the folder cannot be read, the attempt says why.
            Ok(None) | Err(_) => now,
        })
    }

    /// Makes a copy if the newest is old enough. Answers when the next one is due.
    async fn copy_when_due(&self, now: UtcMs) -> UtcMs {
        let Some(schedule) = &self.schedule else { return now + THIN_EVERY };
        // While nothing can be stored a copy would only take more room.
        if let Health::NotStoring(error) = self.desk.store().condition().borrow().health.clone() {
            self.note(|known| known.failed = Some((now, error)));
            return now + AGAIN;
        }
        let _one = self.copying.lock().await;
        match schedule.run(self.desk.store().as_ref(), now).await {
            Ok(made) => {
                if let Some(made) = made {
                    self.made(&made, now).await;
                }
                schedule.newest().ok().flatten().map_or(now + AGAIN, |newest| newest + schedule.every)
            }
            Err(error) => {
                self.not_made(error, now);
                now + AGAIN
            }
        }
    }

    /// Makes a copy now, however young the newest is: after somebody was forgotten, the newest must not know them.
    /// `None`: no copies are made by themselves.
    ///
    /// # Errors
    /// Those of [`Schedule::run_now`].
    pub async fn copy_now(&self) -> Result<Option<Made>, StoreError> {
        let Some(schedule) = &self.schedule else { return Ok(None) };
        let now = self.desk.clock().now();
        let _one = self.copying.lock().await;
        match schedule.run_now(self.desk.store().as_ref(), now).await {
            Ok(made) => {
                self.made(&made, now).await;
                Ok(Some(made))
            }
            Err(error) => {
                self.not_made(error.clone(), now);
                Err(error)
            }
        }
    }

    async fn made(&self, made: &Made, now: UtcMs) {
        tracing::info!(copy = %made.path.display(), events = made.verified.events, head = made.verified.head, "a copy of everything was made");
        let verified = self.desk.store().verify().await;
        match &verified {
            Ok(verified) => {
                for fault in &verified.faults {
                    tracing::error!(
                        fault,
                        "the stored data is not as it was written; /admin store says more"
                    );
                }
            }
            Err(error) => tracing::error!(%error, "the stored data could not be read through"),
        }
        self.note(|known| {
            known.failed = None;
            known.verified = Some((now, verified));
        });
    }

    fn not_made(&self, error: StoreError, now: UtcMs) {
        tracing::error!(%error, "no copy could be made; the older ones are left alone, and it is tried again in ten minutes");
        self.note(|known| known.failed = Some((now, error)));
    }

    async fn with_history(
        &self,
        what: &str,
        work: impl FnOnce(&History) -> Result<(), crate::store::ModelError> + Send + 'static,
    ) {
        let history = self.history.clone();
        match tokio::task::spawn_blocking(move || work(&history)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, what, "the check history could not be kept up"),
            Err(error) => tracing::warn!(%error, what, "the check history could not be kept up"),
        }
    }

    fn note(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
