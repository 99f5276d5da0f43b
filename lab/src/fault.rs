//! What can be broken, and where each fault takes hold.
//!
//! A fault is a [`Personality`]: a name, a sentence, and an answer at one or more of the seams at which the lab asks
//! ("may I listen?", "what certificate?", "what do I answer at RCPT?"). A seam that a fault does not name stays
//! healthy. A new fault is one file in `fault/`, a variant of [`Fault`] and a line in `TABLE`.

mod certificate_expired;
mod hung;
mod stopped;
mod storage_full;
mod stuck_delivery;

use std::fmt;
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

use serde::Serialize;

use crate::authority::CertificateKind;
use crate::dns::zone::Zones;
use crate::options::{Endpoint, Host, Service};
use crate::personality::{
    Conduct, DeliveryAnswer, DeliveryMoment, ImapAnswer, ImapMoment, Listening, LoginAnswer, LoginMoment,
    Personality, SmtpAnswer, SmtpMoment,
};
use crate::site::Site;

/// Everything that can be broken, by fixed names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each fault says in `seen()` what a client meets")]
pub enum Fault {
    Stopped,
    Hung,
    CertificateExpired,
    StorageFull,
    StuckDelivery,
}

/// In the order of the variants of [`Fault`].
const TABLE: &[(Fault, &Personality)] = &[
    (Fault::Stopped, &stopped::PERSONALITY),
    (Fault::Hung, &hung::PERSONALITY),
    (Fault::CertificateExpired, &certificate_expired::PERSONALITY),
    (Fault::StorageFull, &storage_full::PERSONALITY),
    (Fault::StuckDelivery, &stuck_delivery::PERSONALITY),
];

impl Fault {
    /// Every fault, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(fault, _)| *fault)
    }

    /// The fault of this name, or of another name that it is known by.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|fault| fault.name() == name || fault.personality().aliases.contains(&name))
    }

    /// The fixed name, for instance `certificate-expired`.
    pub fn name(self) -> &'static str {
        self.personality().name
    }

    /// What a client meets, in one sentence.
    pub fn seen(self) -> &'static str {
        self.personality().seen
    }

    fn personality(self) -> &'static Personality {
        TABLE[self as usize].1
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The two positions of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// The fault is there.
    On,
    /// The fault is gone.
    Off,
}

/// Where a fault takes hold. The default is everywhere in the watched domain, and not outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Only on this host.
    pub host: Option<Host>,
    /// Only on this address.
    pub address: Option<IpAddr>,
    /// Only in this service.
    pub service: Option<Service>,
}

impl Place {
    /// Everything on one address.
    pub fn address(address: IpAddr) -> Self {
        Self { address: Some(address), ..Self::default() }
    }

    /// One service, on each of its addresses.
    pub fn service(service: Service) -> Self {
        Self { service: Some(service), ..Self::default() }
    }

    /// Everything on one host.
    pub fn host(host: Host) -> Self {
        Self { host: Some(host), ..Self::default() }
    }

    fn covers(&self, endpoint: &Endpoint) -> bool {
        let named = self.host.is_some() || self.address.is_some();
        self.host.is_none_or(|host| host == endpoint.host)
            && self.address.is_none_or(|address| address == endpoint.address.ip())
            && self.service.is_none_or(|service| service == endpoint.service)
            && (named || endpoint.host != Host::Outside)
    }
}

/// A fault that is on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Active {
    pub(crate) fault: Fault,
    pub(crate) place: Place,
    pub(crate) since_ms: i64,
}

/// All switches of a lab. Each seam asks here; the fault that was switched on last answers first.
#[derive(Debug, Default)]
pub(crate) struct Board(RwLock<Vec<Active>>);

impl Board {
    pub(crate) fn switch(&self, fault: Fault, place: Place, to: Switch, now_ms: i64) {
        let mut board = self.0.write().unwrap_or_else(PoisonError::into_inner);
        board.retain(|active| (active.fault, active.place) != (fault, place));
        if to == Switch::On {
            board.push(Active { fault, place, since_ms: now_ms });
        }
    }

    pub(crate) fn clear(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn active(&self) -> Vec<Active> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn listening(&self, at: &Endpoint) -> Listening {
        self.ask(at, |personality| (personality.listening)(at)).unwrap_or(Listening::Open)
    }

    pub(crate) fn conduct(&self, at: &Endpoint) -> Conduct {
        self.ask(at, |personality| (personality.conduct)(at)).unwrap_or(Conduct::Serve)
    }

    /// The certificate to show, with the time since when: an expired one has been expired since then.
    pub(crate) fn certificate(&self, at: &Endpoint) -> (CertificateKind, i64) {
        let found =
            self.active().into_iter().rev().filter(|active| active.place.covers(at)).find_map(|active| {
                (active.fault.personality().certificate)(at).map(|kind| (kind, active.since_ms))
            });
        found.unwrap_or((CertificateKind::Good, 0))
    }

    pub(crate) fn smtp(&self, moment: &SmtpMoment<'_>) -> Option<SmtpAnswer> {
        self.ask(moment.endpoint, |personality| (personality.smtp)(moment))
    }

    pub(crate) fn imap(&self, moment: &ImapMoment<'_>) -> Option<ImapAnswer> {
        self.ask(moment.endpoint, |personality| (personality.imap)(moment))
    }

    pub(crate) fn login(&self, moment: &LoginMoment<'_>) -> Option<LoginAnswer> {
        self.ask(moment.endpoint, |personality| (personality.login)(moment))
    }

    /// Delivery has no socket; it happens on the host as a whole.
    pub(crate) fn delivery(&self, moment: &DeliveryMoment<'_>) -> Option<DeliveryAnswer> {
        let here = |active: &Active| match active.place.host {
            Some(host) => host == moment.host,
            None => moment.host != Host::Outside,
        };
        let active = self.active().into_iter().rev().filter(here);
        active.into_iter().find_map(|active| (active.fault.personality().delivery)(moment))
    }

    /// Names are not at one address: a fault of the zones holds wherever it was placed.
    pub(crate) fn edit_zones(&self, zones: &mut Zones, site: &Site) {
        for active in self.active() {
            (active.fault.personality().zones)(zones, site);
        }
    }

    pub(crate) fn edit_policy(&self, hosts: &mut Vec<String>, site: &Site) {
        for active in self.active() {
            (active.fault.personality().policy)(hosts, site);
        }
    }

    fn ask<T>(&self, at: &Endpoint, question: impl Fn(&Personality) -> Option<T>) -> Option<T> {
        let active = self.active().into_iter().rev();
        active
            .filter(|active| active.place.covers(at))
            .find_map(|active| question(active.fault.personality()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (at, (fault, _)) in TABLE.iter().enumerate() {
            assert_eq!(*fault as usize, at, "{fault:?} stands in the wrong line");
        }
    }

    #[test]
    fn every_name_and_alias_finds_its_fault_and_no_other() {
        let mut seen = std::collections::BTreeSet::new();
        for fault in Fault::all() {
            for name in fault.personality().aliases.iter().chain([&fault.name()]) {
                assert_eq!(Fault::by_name(name), Some(fault));
                assert!(seen.insert(name.to_string()), "{name} is used twice");
            }
        }
    }
}
