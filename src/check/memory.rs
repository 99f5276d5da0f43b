//! What is remembered from one run to the next, in memory only: losing it costs a little comfort and no truth.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

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
/// Most probe mails that are waited for.
const MOST_OUTSTANDING: usize = 50;

/// The memory of a prober.
#[derive(Debug, Default)]
pub struct Memory {
    inner: Mutex<Inner>,
    /// Signs the tokens of probe mails.
    pub(super) key: ProbeKey,
}

#[derive(Debug, Default)]
struct Inner {
    paused: HashMap<String, DateTime<Utc>>,
    addresses: HashMap<HostName, Vec<IpAddr>>,
    exchangers: HashMap<HostName, Vec<HostName>>,
    /// Probe mails that have not arrived, with the check that sent them.
    outstanding: Vec<(&'static str, String, DateTime<Utc>)>,
    /// By the service's name.
    last_good: HashMap<String, LastGood>,
    patience: HashMap<SocketAddr, Patience>,
}

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Until when no login is tried for this account.
    pub(super) fn paused_until(&self, login: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.with(|inner| inner.paused.get(login).copied().filter(|until| *until > now))
    }

    /// A password was refused.
    pub(super) fn pause(&self, login: &str, now: DateTime<Utc>) {
        self.with(|inner| inner.paused.insert(login.to_owned(), now + PAUSE_AFTER_REFUSAL));
    }

    /// Lets one login be tried again at once: for a proof that a person asked for.
    pub fn rearm(&self, login: &str) {
        self.with(|inner| inner.paused.remove(login));
    }

    /// Tells in the findings what is otherwise than when the service last worked.
    pub(super) fn compare(&self, service: &str, findings: &mut [Finding]) {
        self.with(|inner| {
            if let Some(good) = inner.last_good.get(service) {
                good.compare(findings);
            }
        });
    }

    /// The service works; what was found is what it is compared with from now on.
    pub(super) fn keep_good(&self, service: &str, findings: &[Finding], now: DateTime<Utc>) {
        self.with(|inner| inner.last_good.entry(service.to_owned()).or_default().keep(findings, now));
    }

    /// What the long question told about this place, if it was asked.
    pub(super) fn patience(&self, address: SocketAddr) -> Option<Patience> {
        self.with(|inner| inner.patience.get(&address).copied())
    }

    pub(super) fn set_patience(&self, address: SocketAddr, told: Patience) {
        self.with(|inner| inner.patience.insert(address, told));
    }

    /// The place greets in time again.
    pub(super) fn forget_patience(&self, address: SocketAddr) {
        self.with(|inner| inner.patience.remove(&address));
    }

    /// A probe mail was taken and has not arrived yet.
    pub(super) fn expect_mail(&self, check: &'static str, token: &str, now: DateTime<Utc>) {
        self.with(|inner| {
            inner.outstanding.push((check, token.to_owned(), now));
            let surplus = inner.outstanding.len().saturating_sub(MOST_OUTSTANDING);
            inner.outstanding.drain(..surplus);
        });
    }

    /// The tokens of the mails that a check still waits for.
    pub(super) fn outstanding(&self, check: &str, now: DateTime<Utc>) -> Vec<String> {
        self.with(|inner| {
            inner.outstanding.retain(|(_, _, sent)| now - *sent < WAIT_FOR_LATE);
            let waits = inner.outstanding.iter().filter(|(asker, _, _)| *asker == check);
            waits.map(|(_, token, _)| token.clone()).collect()
        })
    }

    /// These have arrived after all; returns how late each is, in minutes.
    pub(super) fn arrived(&self, check: &str, tokens: &[String], now: DateTime<Utc>) -> Vec<i64> {
        self.with(|inner| {
            let is_here = |asker: &str, token: &String| asker == check && tokens.contains(token);
            let late = inner.outstanding.iter().filter(|(asker, token, _)| is_here(asker, token));
            let late = late.map(|(_, _, sent)| (now - *sent).num_minutes()).collect();
            inner.outstanding.retain(|(asker, token, _)| !is_here(asker, token));
            late
        })
    }

    pub(super) fn remember_addresses(&self, host: &HostName, addresses: &[IpAddr]) {
        self.with(|inner| inner.addresses.insert(host.clone(), addresses.to_vec()));
    }

    /// The addresses that a host had when the name servers last answered.
    pub(super) fn last_addresses(&self, host: &HostName) -> Vec<IpAddr> {
        self.with(|inner| inner.addresses.get(host).cloned().unwrap_or_default())
    }

    pub(super) fn remember_exchangers(&self, domain: &HostName, hosts: &[HostName]) {
        self.with(|inner| inner.exchangers.insert(domain.clone(), hosts.to_vec()));
    }

    /// The MX hosts that a domain had when the name servers last answered.
    pub(super) fn last_exchangers(&self, domain: &HostName) -> Vec<HostName> {
        self.with(|inner| inner.exchangers.get(domain).cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_comes_late_is_late_and_not_lost() {
        let memory = Memory::default();
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
        let memory = Memory::default();
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        assert_eq!(memory.paused_until("probe", now), None);
        memory.pause("probe", now);
        assert_eq!(memory.paused_until("probe", now), Some(now + TimeDelta::minutes(15)));
        assert_eq!(memory.paused_until("probe", now + TimeDelta::minutes(15)), None);
        memory.rearm("probe");
        assert_eq!(memory.paused_until("probe", now), None);
    }
}
