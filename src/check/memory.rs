//! What is remembered from one run to the next, in memory only: losing it costs a little comfort and no truth.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::token::ProbeKey;
use crate::service::HostName;

/// How long no login is tried after a password was refused: well below what locks an account or bans an address.
const PAUSE_AFTER_REFUSAL: TimeDelta = TimeDelta::minutes(15);

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
