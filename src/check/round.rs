//! One run over one service: what its checks share. Each thing is found out once, by whoever asks first.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::{OnceCell, SetOnce};
use tokio::time::Instant;

use super::logins::LoginGate;
use super::memory::ServiceMemory;
use super::token::ProbeKey;
use super::{Check, Set};
use crate::protocol::Dialogue;
use crate::resolve::{self, DnsFault, NameServers, RData, RecordType};
use crate::service::{Endpoint, HostName, Protocol, Service, TlsMode};
use crate::transport::{
    Connection, Ending, Forbidden, Target, TlsContext, TlsRecord, TlsVersions, Transport,
    local_address_towards, vet,
};

/// Most MX hosts, and most addresses of a host, that are checked.
const MOST_HOSTS: usize = 10;

/// What the checks of one run share.
pub struct Round<'a> {
    pub(super) service: &'a Service,
    pub(super) set: Set,
    pub(super) now: DateTime<Utc>,
    pub(super) memory: &'a ServiceMemory,
    pub(super) key: &'a ProbeKey,
    pub(super) names: NameServers,
    pub(super) tls: TlsContext,
    pub(super) smtp_logins: LoginGate,
    pub(super) imap_logins: LoginGate,
    transport: &'a Transport,
    sound: OnceCell<Vec<(SocketAddr, Result<(), DnsFault>)>>,
    exchangers: OnceCell<Exchangers>,
    hosts: Mutex<HashMap<HostName, Arc<OnceCell<Addresses>>>>,
    unanswered: Mutex<HashSet<SocketAddr>>,
    /// What TLS was like in the first conversation with a place.
    first_talks: Mutex<HashMap<SocketAddr, Arc<SetOnce<Option<TlsRecord>>>>>,
    /// By the check's name: set when it is over. A check that does not run is not there.
    over: HashMap<&'static str, SetOnce<()>>,
    /// Set when the probe mail has been handed in.
    pub(super) handed_in: SetOnce<()>,
}

/// Where mail for the domain goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exchangers {
    /// The MX records in order: preference and target as DNS has it.
    Records(Vec<(u16, String)>),
    /// The configuration names them.
    Fixed,
    /// No MX record: the domain's own address counts, RFC 5321 section 5.1.
    Implicit,
    /// RFC 7505: the domain takes no mail.
    Null,
    /// No answer about the domain; those of an earlier answer, if any.
    Fault(DnsFault, Vec<HostName>),
}

/// The addresses of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addresses {
    /// IPv4 first.
    pub list: Vec<IpAddr>,
    /// Why there are none, or why they are only remembered.
    pub fault: Option<DnsFault>,
    /// The name that it really has, where it is an alias.
    pub alias_of: Option<String>,
    /// True if they are from an earlier answer.
    pub remembered: bool,
}

/// A place to connect to, or why it may not be.
pub(super) type Place = Result<Target, (HostName, Forbidden)>;

impl<'a> Round<'a> {
    pub(super) fn new(
        service: &'a Service,
        set: Set,
        now: DateTime<Utc>,
        (memory, key): (&'a ServiceMemory, &'a ProbeKey),
        transport: &'a Transport,
        checks: &[&'static Check],
    ) -> Self {
        Self {
            service,
            set,
            now,
            memory,
            key,
            names: NameServers::new(service),
            tls: TlsContext::new(&service.authorities),
            smtp_logins: LoginGate::default(),
            imap_logins: LoginGate::default(),
            transport,
            sound: OnceCell::new(),
            exchangers: OnceCell::new(),
            hosts: Mutex::default(),
            unanswered: Mutex::default(),
            first_talks: Mutex::default(),
            over: checks.iter().map(|check| (check.name, SetOnce::new())).collect(),
            handed_in: SetOnce::new(),
        }
    }

    /// Each name server with whether it can answer at all.
    pub(super) async fn name_servers(&self) -> &[(SocketAddr, Result<(), DnsFault>)] {
        self.sound.get_or_init(|| self.names.find_sound()).await
    }

    /// The name servers that can answer.
    pub(super) async fn sound(&self) -> Vec<SocketAddr> {
        let all = self.name_servers().await;
        all.iter().filter(|(_, sound)| sound.is_ok()).map(|(address, _)| *address).collect()
    }

    /// Asks the sound name servers in order.
    pub(super) async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, DnsFault> {
        self.names.look_up(&self.sound().await, name, kind).await
    }

    /// For how many seconds the resolver goes on with the answer that it has.
    pub(super) async fn ttl(&self, name: &str, kind: RecordType) -> Option<u32> {
        self.names.ttl(&self.sound().await, name, kind).await
    }

    /// The same, with whether every record is signed and the signatures hold.
    pub(super) async fn ask_signed(
        &self,
        name: &str,
        kind: RecordType,
    ) -> Result<(Vec<RData>, bool), DnsFault> {
        self.names.look_up_signed(&self.sound().await, name, kind).await
    }

    /// Where mail for the domain goes.
    pub(super) async fn exchangers(&self) -> &Exchangers {
        self.exchangers.get_or_init(|| self.find_exchangers()).await
    }

    async fn find_exchangers(&self) -> Exchangers {
        if !self.service.incoming.fixed_hosts.is_empty() {
            return Exchangers::Fixed;
        }
        let domain = &self.service.domain;
        match self.ask(domain.as_str(), RecordType::MX).await {
            Ok(answer) => match resolve::exchangers(&answer) {
                records if records.is_empty() => Exchangers::Implicit,
                records if records.iter().all(|(_, target)| target.is_empty()) => Exchangers::Null,
                records => {
                    let hosts: Vec<HostName> =
                        records.iter().filter_map(|(_, name)| resolve::host(name)).collect();
                    self.memory.remember_exchangers(domain, &hosts);
                    Exchangers::Records(records)
                }
            },
            Err(DnsFault::NoRecord) => Exchangers::Implicit,
            Err(fault) if fault.is_about_name() => Exchangers::Fault(fault, Vec::new()),
            Err(fault) => Exchangers::Fault(fault, self.memory.last_exchangers(domain)),
        }
    }

    /// The hosts that mail for the domain is given to, best first.
    pub(super) async fn incoming_hosts(&self) -> Vec<HostName> {
        let mut hosts = match self.exchangers().await {
            Exchangers::Fixed => self.service.incoming.fixed_hosts.clone(),
            Exchangers::Records(records) => {
                records.iter().filter_map(|(_, name)| resolve::host(name)).collect()
            }
            Exchangers::Implicit => vec![self.service.domain.clone()],
            Exchangers::Null => Vec::new(),
            Exchangers::Fault(_, remembered) => remembered.clone(),
        };
        hosts.truncate(MOST_HOSTS);
        hosts
    }

    /// Every host that is checked: MX hosts first, then those of the endpoints.
    pub(super) async fn all_hosts(&self) -> Vec<HostName> {
        let mut hosts = self.incoming_hosts().await;
        for endpoint in &self.service.endpoints {
            if !hosts.contains(&endpoint.host) {
                hosts.push(endpoint.host.clone());
            }
        }
        hosts
    }

    /// The addresses of a host.
    pub(super) async fn addresses(&self, host: &HostName) -> Addresses {
        let cell = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(hosts.entry(host.clone()).or_default())
        };
        cell.get_or_init(|| self.find_addresses(host)).await.clone()
    }

    async fn find_addresses(&self, host: &HostName) -> Addresses {
        let mut found = Addresses { list: Vec::new(), fault: None, alias_of: None, remembered: false };
        if let Some(fixed) = self.service.fixed_addresses.get(host) {
            found.list.clone_from(fixed);
            return found;
        }
        let (v4, v6) =
            tokio::join!(self.ask(host.as_str(), RecordType::A), self.ask(host.as_str(), RecordType::AAAA));
        for answer in [&v4, &v6] {
            match answer {
                Ok(records) => {
                    found.list.extend(resolve::addresses(records));
                    let alias = resolve::targets(records).pop();
                    found.alias_of = found.alias_of.or(alias);
                }
                Err(fault) if !fault.is_about_name() => found.fault = Some(*fault),
                Err(fault) => found.fault = found.fault.or(Some(*fault)),
            }
        }
        self.remember_or_recall(host, &mut found);
        found
    }

    fn remember_or_recall(&self, host: &HostName, found: &mut Addresses) {
        if !found.list.is_empty() {
            found.list.truncate(MOST_HOSTS);
            found.fault = None;
            self.memory.remember_addresses(host, &found.list);
        } else if found.fault.is_some_and(|fault| !fault.is_about_name()) {
            found.list = self.memory.last_addresses(host);
            found.remembered = !found.list.is_empty();
        }
    }

    /// Every address of a host as a place to connect to.
    pub(super) async fn places(&self, host: &HostName, port: u16, tls: TlsMode) -> Vec<Place> {
        let addresses = self.addresses(host).await.list;
        let place = |address| match vet(address, port, self.service) {
            Ok(address) => Ok(Target { address, host: host.clone(), tls }),
            Err(forbidden) => Err((host.clone(), forbidden)),
        };
        addresses.into_iter().map(place).collect()
    }

    /// The places where mail from outside is taken; an address that two MX hosts share is there once.
    pub(super) async fn incoming_places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::new();
        for host in self.incoming_hosts().await {
            for place in self.places(&host, self.service.incoming.port, TlsMode::Starttls).await {
                let known =
                    |known: &Place| matches!((known, &place), (Ok(a), Ok(b)) if a.address == b.address);
                if !places.iter().any(known) {
                    places.push(place);
                }
            }
        }
        places
    }

    /// The places of the endpoints that speak this protocol.
    pub(super) async fn endpoint_places(&self, protocol: Protocol) -> Vec<Place> {
        let mut places = Vec::new();
        for endpoint in self.endpoints(protocol) {
            places.extend(self.places(&endpoint.host, endpoint.port, endpoint.tls).await);
        }
        places
    }

    /// The places of one endpoint that may be connected to.
    pub(super) async fn places_of(&self, endpoint: &Endpoint) -> Vec<Target> {
        self.places(&endpoint.host, endpoint.port, endpoint.tls).await.into_iter().flatten().collect()
    }

    /// The endpoints that speak this protocol.
    pub(super) fn endpoints(&self, protocol: Protocol) -> impl Iterator<Item = &'a Endpoint> {
        self.service.endpoints.iter().filter(move |endpoint| endpoint.protocol == protocol)
    }

    /// Holds one conversation.
    pub(super) async fn converse(&self, target: &Target, dialogue: &mut dyn Dialogue) -> Connection {
        let limits = &self.service.limits;
        let connection = self.transport.converse(target, dialogue, &self.tls, limits, self.now).await;
        self.note(target, &connection);
        connection
    }

    /// Holds one more conversation with a place, unless an earlier one came to no end: a peer that stalls costs its time
    /// once in a run.
    pub(super) async fn converse_again(
        &self,
        target: &Target,
        dialogue: &mut dyn Dialogue,
        versions: TlsVersions,
    ) -> Option<Connection> {
        let tls = self.tls.offering(versions);
        let limits = (&self.service.limits, self.now);
        let answers = || self.answers(target);
        let connection = self.transport.converse_if(answers, target, dialogue, &tls, limits).await?;
        self.note(target, &connection);
        Some(connection)
    }

    /// Remembers what TLS was like, and the place if the conversation came to no end, or only after long.
    fn note(&self, target: &Target, connection: &Connection) {
        let address = target.address.socket();
        let long = u128::from(connection.millis) * 4 > self.service.limits.whole.as_millis() * 3;
        if long || !matches!(connection.ending, Ending::Finished | Ending::Closed) {
            self.unanswered.lock().unwrap_or_else(PoisonError::into_inner).insert(address);
        }
        // Only the first one sets it; the others are refused, which is meant.
        let _ = self.first_talk_cell(address).set(connection.tls.clone());
    }

    fn first_talk_cell(&self, address: SocketAddr) -> Arc<SetOnce<Option<TlsRecord>>> {
        let mut talks = self.first_talks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(talks.entry(address).or_default())
    }

    /// What TLS was like when this check first spoke with the place; waits for it. `None` if it did not, or came to no
    /// end.
    pub(super) async fn first_talk(&self, check: &str, target: &Target) -> Option<TlsRecord> {
        let cell = self.first_talk_cell(target.address.socket());
        tokio::select! {
            biased;
            told = cell.wait() => told.clone(),
            () = self.until_over(check) => cell.get().cloned().flatten(),
        }
        .filter(|_| self.answers(target))
    }

    /// Waits until a check is over; one that does not run is.
    pub(super) async fn until_over(&self, check: &str) {
        if let Some(over) = self.over.get(check) {
            over.wait().await;
        }
    }

    /// A check is over.
    pub(super) fn set_over(&self, check: &str) {
        if let Some(over) = self.over.get(check) {
            let _ = over.set(());
        }
    }

    /// Whether no dialogue with this place came to no end.
    pub(super) fn answers(&self, target: &Target) -> bool {
        let unanswered = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        !unanswered.contains(&target.address.socket())
    }

    /// The address of a page that the domain's name leads to.
    pub(super) fn page_url(&self, host: &HostName, path: &str) -> String {
        match self.service.https_port {
            443 => format!("https://{host}{path}"),
            port => format!("https://{host}:{port}{path}"),
        }
    }

    /// Our name for EHLO. RFC 5321 section 4.1.3: who has no name gives the literal of its address.
    pub(super) fn helo(&self, target: &Target) -> String {
        if let Some(name) = &self.service.helo {
            return name.to_string();
        }
        match local_address_towards(target.address) {
            Some(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
            Some(IpAddr::V4(address)) => format!("[{address}]"),
            None => "[127.0.0.1]".to_owned(),
        }
    }
}

pub(super) fn millis_since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
