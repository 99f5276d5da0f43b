//! The switches: which faults are on, where, since when. Each seam of the lab asks here.

use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

use serde::Serialize;

use crate::authority::CertificateKind;
use crate::dialogue::Turn;
use crate::dns::zone::Zones;
use crate::fault::Fault;
use crate::options::{Endpoint, Host, Service};
use crate::personality::{
    Conduct, DeliveryAnswer, DeliveryMoment, Greeting, ImapAnswer, ImapMoment, Listening, LoginAnswer,
    LoginMoment, OutboundMoment, Personality, SmtpAnswer, SmtpMoment,
};
use crate::site::Site;
use crate::web::page::{Page, PageKind};

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

    fn covers_host(&self, own: Host) -> bool {
        self.host.map_or(own != Host::Outside, |host| host == own)
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

/// All switches of a lab. The fault that was switched on last answers first.
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

    pub(crate) fn greeting(&self, greeting: &Greeting<'_>) -> Option<Turn> {
        self.ask(greeting.endpoint, |personality| (personality.greeting)(greeting))
    }

    /// The certificate to show, with the time since when: an expired one has been expired since then.
    pub(crate) fn certificate(&self, at: &Endpoint) -> (CertificateKind, i64) {
        let found =
            self.active().into_iter().rev().filter(|active| active.place.covers(at)).find_map(|active| {
                (active.fault.personality().certificate)(at).map(|kind| (kind, active.since_ms))
            });
        found.unwrap_or((CertificateKind::Good, 0))
    }

    pub(crate) fn old_tls(&self, at: &Endpoint) -> bool {
        self.ask(at, |personality| (personality.old_tls)(at).then_some(())).is_some()
    }

    pub(crate) fn hides_starttls(&self, at: &Endpoint) -> bool {
        self.ask(at, |personality| (personality.hides_starttls)(at).then_some(())).is_some()
    }

    pub(crate) fn clear_login(&self, at: &Endpoint) -> bool {
        self.ask(at, |personality| (personality.clear_login)(at).then_some(())).is_some()
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

    pub(crate) fn delivery(&self, moment: &DeliveryMoment<'_>) -> Option<DeliveryAnswer> {
        self.ask_host(moment.host, |personality| (personality.delivery)(moment))
    }

    pub(crate) fn outbound(&self, moment: &OutboundMoment) -> Option<&'static str> {
        self.ask_host(moment.from, |personality| (personality.outbound)(moment))
    }

    /// What fills this mailbox besides its mail, in bytes.
    pub(crate) fn ballast(&self, address: &str) -> usize {
        self.active().iter().map(|active| (active.fault.personality().ballast)(address)).max().unwrap_or(0)
    }

    /// By how much the clock of this host runs ahead, in milliseconds.
    pub(crate) fn skew_ms(&self, host: Host) -> i64 {
        let skew = |personality: &Personality| Some(personality.skew_ms).filter(|skew| *skew != 0);
        self.ask_host(host, skew).unwrap_or(0)
    }

    /// Until when the domain is registered, where a fault says so, in milliseconds since the Unix epoch.
    pub(crate) fn registered_until_ms(&self) -> Option<i64> {
        let until = |active: &Active| Some(active.since_ms + active.fault.personality().registered_for_ms?);
        self.active().iter().filter_map(until).min()
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

    pub(crate) fn edit_page(&self, kind: PageKind, page: &mut Page) {
        for active in self.active() {
            (active.fault.personality().page)(kind, page);
        }
    }

    /// What happens without a socket happens on the host as a whole.
    fn ask_host<T>(&self, host: Host, question: impl Fn(&Personality) -> Option<T>) -> Option<T> {
        let active = self.active().into_iter().rev();
        active
            .filter(|active| active.place.covers_host(host))
            .find_map(|active| question(active.fault.personality()))
    }

    fn ask<T>(&self, at: &Endpoint, question: impl Fn(&Personality) -> Option<T>) -> Option<T> {
        let active = self.active().into_iter().rev();
        active
            .filter(|active| active.place.covers(at))
            .find_map(|active| question(active.fault.personality()))
    }
}
