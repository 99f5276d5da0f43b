//! What is remembered of each service from one run to the next, and over a restart where somebody keeps it: losing it
//! costs comfort and no truth.
//!
//! 1. [`Memory::of`] gives the memory of one service; the first time it asks the [`Keeper`] what was kept.
//! 2. The checks of a run read and write it ([`ServiceMemory`]).
//! 3. At the end of a run [`Memory::keep`] hands it to the keeper, if it is otherwise than before.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::changes::LastGood;
use super::finding::Finding;
use super::patience::Patience;
use super::token::ProbeKey;
use crate::service::HostName;

/// How long no login is tried after a password was refused: well below what locks an account or bans an address.
const PAUSE_AFTER_REFUSAL: TimeDelta = TimeDelta::minutes(15);

/// How long a probe mail that has not arrived is waited for: senders give up after four to five days (RFC 5321
/// section 4.5.4.1).
const WAIT_FOR_LATE: TimeDelta = TimeDelta::days(5);
/// Most probe mails of a service that are waited for.
const MOST_OUTSTANDING: usize = 50;

/// Keeps what is remembered of a service over a restart. Both may block for a moment, and both may fail in silence.
pub trait Keeper: Send + Sync {
    /// Keeps this text under the name of a service, in place of what was there.
    fn keep(&self, service: &str, text: &str);

    /// What was kept last.
    fn kept(&self, service: &str) -> Option<String>;
}

/// The memory of a prober.
#[derive(Default)]
pub struct Memory {
    services: Mutex<HashMap<String, Arc<ServiceMemory>>>,
    /// Signs the tokens of probe mails.
    pub(super) key: ProbeKey,
    keeper: Option<Arc<dyn Keeper>>,
}

impl fmt::Debug for Memory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Memory").field("services", &self.services).finish_non_exhaustive()
    }
}

impl Memory {
    /// A memory that is kept by somebody.
    pub(super) fn kept_by(keeper: Arc<dyn Keeper>) -> Self {
        Self { keeper: Some(keeper), ..Self::default() }
    }

    /// The memory of one service.
    pub(super) fn of(&self, service: &str) -> Arc<ServiceMemory> {
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = || {
            let text = self.keeper.as_ref().and_then(|keeper| keeper.kept(service)).unwrap_or_default();
            // What cannot be read is begun anew: it was written by a newer Watchpost, or is damaged.
            let inner: Inner = serde_json::from_str(&text).unwrap_or_default();
            Arc::new(ServiceMemory { inner: Mutex::new(inner), kept: Mutex::new(text) })
        };
        Arc::clone(services.entry(service.to_owned()).or_insert_with(begin))
    }

    /// Lets one login be tried again at once: for a proof that a person asked for.
    pub fn rearm(&self, login: &str) {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        for service in services.values() {
            service.with(|inner| inner.paused.remove(login));
        }
    }

    /// Hands what is remembered of a service to the keeper, behind the run.
    pub(super) fn keep(&self, service: &str) {
        let Some(keeper) = self.keeper.clone() else { return };
        if let Some(text) = self.of(service).changed() {
            let service = service.to_owned();
            tokio::task::spawn_blocking(move || keeper.keep(&service, &text));
        }
    }
}

/// What is remembered of one service.
#[derive(Debug, Default)]
pub(super) struct ServiceMemory {
    inner: Mutex<Inner>,
    /// As it was last handed to the keeper.
    kept: Mutex<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Inner {
    /// By login name.
    paused: BTreeMap<String, DateTime<Utc>>,
    /// By host.
    addresses: BTreeMap<String, Vec<IpAddr>>,
    /// By domain.
    exchangers: BTreeMap<String, Vec<String>>,
    /// Probe mails that have not arrived.
    outstanding: Vec<Outstanding>,
    last_good: LastGood,
    /// Asked again after a restart.
    #[serde(skip)]
    patience: HashMap<SocketAddr, Patience>,
}

/// A probe mail that has not arrived.
#[derive(Debug, Serialize, Deserialize)]
struct Outstanding {
    /// The check that sent it.
    check: String,
    token: String,
    sent: DateTime<Utc>,
}

impl ServiceMemory {
    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The memory as text, if it is otherwise than the last time.
    fn changed(&self) -> Option<String> {
        let text = self.with(|inner| serde_json::to_string(inner).ok())?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (*kept != text).then(|| kept.clone_from(&text)).map(|()| text)
    }

    /// Until when no login is tried for this account.
    pub fn paused_until(&self, login: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.with(|inner| inner.paused.get(login).copied().filter(|until| *until > now))
    }

    /// A password was refused.
    pub fn pause(&self, login: &str, now: DateTime<Utc>) {
        self.with(|inner| inner.paused.insert(login.to_owned(), now + PAUSE_AFTER_REFUSAL));
    }

    /// Tells in the findings what is otherwise than when the service last worked.
    pub fn compare(&self, findings: &mut [Finding]) {
        self.with(|inner| inner.last_good.compare(findings));
    }

    /// The service works; what was found is what it is compared with from now on.
    pub fn keep_good(&self, findings: &[Finding], now: DateTime<Utc>) {
        self.with(|inner| inner.last_good.keep(findings, now));
    }

    /// What the long question told about this place, if it was asked.
    pub fn patience(&self, address: SocketAddr) -> Option<Patience> {
        self.with(|inner| inner.patience.get(&address).copied())
    }

    pub fn set_patience(&self, address: SocketAddr, told: Patience) {
        self.with(|inner| inner.patience.insert(address, told));
    }

    /// The place greets in time again.
    pub fn forget_patience(&self, address: SocketAddr) {
        self.with(|inner| inner.patience.remove(&address));
    }

    /// A probe mail was taken and has not arrived yet.
    pub fn expect_mail(&self, check: &str, token: &str, sent: DateTime<Utc>) {
        self.with(|inner| {
            inner.outstanding.push(Outstanding { check: check.to_owned(), token: token.to_owned(), sent });
            let surplus = inner.outstanding.len().saturating_sub(MOST_OUTSTANDING);
            inner.outstanding.drain(..surplus);
        });
    }

    /// The tokens of the mails that a check still waits for.
    pub fn outstanding(&self, check: &str, now: DateTime<Utc>) -> Vec<String> {
        self.with(|inner| {
            inner.outstanding.retain(|mail| now - mail.sent < WAIT_FOR_LATE);
            let waits = inner.outstanding.iter().filter(|mail| mail.check == check);
            waits.map(|mail| mail.token.clone()).collect()
        })
    }

    /// These have arrived after all; returns how late each is, in minutes.
    pub fn arrived(&self, check: &str, tokens: &[String], now: DateTime<Utc>) -> Vec<i64> {
        self.with(|inner| {
            let is_here = |mail: &Outstanding| mail.check == check && tokens.contains(&mail.token);
            let late = inner.outstanding.iter().filter(|mail| is_here(mail));
            let late = late.map(|mail| (now - mail.sent).num_minutes()).collect();
            inner.outstanding.retain(|mail| !is_here(mail));
            late
        })
    }

    pub fn remember_addresses(&self, host: &HostName, addresses: &[IpAddr]) {
        self.with(|inner| inner.addresses.insert(host.to_string(), addresses.to_vec()));
    }

    /// The addresses that a host had when the name servers last answered.
    pub fn last_addresses(&self, host: &HostName) -> Vec<IpAddr> {
        self.with(|inner| inner.addresses.get(host.as_str()).cloned().unwrap_or_default())
    }

    pub fn remember_exchangers(&self, domain: &HostName, hosts: &[HostName]) {
        let hosts = hosts.iter().map(ToString::to_string).collect();
        self.with(|inner| inner.exchangers.insert(domain.to_string(), hosts));
    }

    /// The MX hosts that a domain had when the name servers last answered.
    pub fn last_exchangers(&self, domain: &HostName) -> Vec<HostName> {
        let kept = self.with(|inner| inner.exchangers.get(domain.as_str()).cloned().unwrap_or_default());
        kept.iter().filter_map(|host| HostName::parse(host).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Arc<ServiceMemory> {
        Memory::default().of("main")
    }

    #[test]
    fn a_mail_that_comes_late_is_late_and_not_lost() {
        let memory = memory();
        let sent = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        memory.expect_mail("delivery", "one", sent);
        memory.expect_mail("inbound", "two", sent);
        let later = sent + TimeDelta::minutes(7);
        assert_eq!(memory.outstanding("delivery", later), ["one"]);
        assert_eq!(memory.arrived("delivery", &["one".into(), "two".into()], later), [7]);
        assert!(memory.outstanding("delivery", later).is_empty());
        assert!(memory.outstanding("inbound", sent + WAIT_FOR_LATE).is_empty(), "nobody waits for ever");
    }

    #[test]
    fn a_refused_password_pauses_until_a_person_wants_proof() {
        let all = Memory::default();
        let memory = all.of("main");
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        assert_eq!(memory.paused_until("probe", now), None);
        memory.pause("probe", now);
        assert_eq!(memory.paused_until("probe", now), Some(now + TimeDelta::minutes(15)));
        assert_eq!(memory.paused_until("probe", now + TimeDelta::minutes(15)), None);
        all.rearm("probe");
        assert_eq!(memory.paused_until("probe", now), None);
    }

    /// Keeps texts in memory, as the check history does on disk.
    #[derive(Default)]
    struct Shelf(Mutex<HashMap<String, String>>);

    impl Keeper for Shelf {
        fn keep(&self, service: &str, text: &str) {
            self.0.lock().unwrap().insert(service.to_owned(), text.to_owned());
        }

        fn kept(&self, service: &str) -> Option<String> {
            self.0.lock().unwrap().get(service).cloned()
        }
    }

    #[test]
    fn what_is_kept_is_there_after_a_restart() {
        let shelf = Arc::new(Shelf::default());
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let domain = HostName::parse("example.org").expect("a name");
        let before = Memory::kept_by(shelf.clone()).of("main");
        before.expect_mail("delivery", "one", now);
        before.pause("probe", now);
        before.remember_exchangers(&domain, &[HostName::parse("mail.example.org").expect("a name")]);
        before.remember_addresses(&domain, &["192.0.2.1".parse().expect("an address")]);
        let good = [Finding::ok("mx", "example.org", super::super::Path::Aside).fact("mx", "10 a.")];
        before.keep_good(&good, now);
        let text = before.changed().expect("it is new");
        assert_eq!(before.changed(), None, "what has not changed is not written again");
        shelf.keep("main", &text);

        let memory = Memory::kept_by(shelf.clone());
        assert!(memory.of("other").outstanding("delivery", now).is_empty(), "each service has its own");
        let after = memory.of("main");
        assert_eq!(after.outstanding("delivery", now), ["one"]);
        assert!(
            after.paused_until("probe", now).is_some(),
            "a restart does not try a refused password again"
        );
        assert_eq!(after.last_exchangers(&domain).len(), 1);
        assert_eq!(after.last_addresses(&domain).len(), 1);
        let mut changed = [Finding::ok("mx", "example.org", super::super::Path::Aside).fact("mx", "10 b.")];
        after.compare(&mut changed);
        assert_eq!(changed[0].facts.get("mx was"), Some("10 a."));
        assert_eq!(after.changed(), None);
    }

    #[test]
    fn what_cannot_be_read_is_begun_anew() {
        let shelf = Arc::new(Shelf::default());
        shelf.keep("main", "{\"paused\": 7}");
        let memory = Memory::kept_by(shelf).of("main");
        assert!(memory.outstanding("delivery", Utc::now()).is_empty());
    }
}
