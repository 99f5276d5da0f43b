//! Asks name servers, each by itself, so that a fault of our own name server is told from a fault of the domain.
//!
//! 1. [`NameServers::new`] makes one resolver for each configured address: no cache (proof of recovery must not be
//!    stale), no hosts file, no search list.
//! 2. [`NameServers::find_sound`] asks each for a name that is always there; who cannot answer that is not believed.
//! 3. [`NameServers::look_up`] asks the sound ones in order, until one answers.

mod status;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures::future::join_all;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec::Proof;
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, Record};
pub use hickory_resolver::proto::rr::{RData, RecordType};
use watchpost_texts::say;

pub use self::status::Status;
use crate::service::{HostName, Service};

/// How long one name server has for one answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Most records of one answer that are looked at.
const MAX_RECORDS: usize = 64;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DnsFault {
    /// NXDOMAIN: there is no such name.
    #[error("{}", say!("there is no such name (NXDOMAIN)"))]
    NoSuchName,
    /// NOERROR, and nothing of this type.
    #[error("{}", say!("the name has no such record"))]
    NoRecord,
    /// SERVFAIL: the name server could not find out.
    #[error("{}", say!("the name server could not find out (SERVFAIL)"))]
    ServerFailure,
    /// REFUSED, and the other codes of a server that does not want to.
    #[error("{}", say!("the name server refuses to answer"))]
    Refused,
    /// No answer in time.
    #[error("{}", say!("the name server does not answer"))]
    Timeout,
    /// The name server's address cannot be reached.
    #[error("{}", say!("the name server cannot be reached"))]
    Unreachable,
}

impl DnsFault {
    /// Whether this says something about the name, rather than about the name server.
    #[must_use]
    pub fn is_about_name(self) -> bool {
        matches!(self, Self::NoSuchName | Self::NoRecord)
    }

    fn of(error: &NetError) -> Self {
        match error {
            error if error.is_nx_domain() => Self::NoSuchName,
            error if error.is_no_records_found() => Self::NoRecord,
            NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail) | DnsError::DnssecBogus) => {
                Self::ServerFailure
            }
            NetError::Dns(_) => Self::Refused,
            NetError::Timeout => Self::Timeout,
            _ => Self::Unreachable,
        }
    }
}

/// One name server.
pub struct NameServer {
    address: SocketAddr,
    resolver: TokioResolver,
    /// The same, which also checks signatures: DNSSEC, RFC 4035.
    validating: TokioResolver,
}

impl NameServer {
    /// The name server at this address. `None` if the system gives no resolver.
    #[must_use]
    pub fn new(address: SocketAddr) -> Option<Self> {
        let (resolver, validating) = (Self::resolver(address, false)?, Self::resolver(address, true)?);
        Some(Self { address, resolver, validating })
    }

    fn resolver(address: SocketAddr, validate: bool) -> Option<TokioResolver> {
        let mut server = NameServerConfig::udp_and_tcp(address.ip());
        let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
        for connection in &mut connections {
            connection.port = address.port();
        }
        server.connections = connections.into();
        let config = ResolverConfig::from_name_servers(vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.timeout = PATIENCE;
        options.attempts = 1;
        options.preserve_intermediates = true;
        options.validate = validate;
        builder.build().ok()
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks this name server, and no other.
    ///
    /// # Errors
    /// [`DnsFault`]; "no such name" and "no such record" are among them, never an empty list.
    pub async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, DnsFault> {
        self.ask_with_ttl(name, kind).await.map(|(records, _)| records)
    }

    /// The same, with the seconds for which this server says that the answer may be kept.
    ///
    /// # Errors
    /// As [`NameServer::ask`].
    pub async fn ask_with_ttl(
        &self,
        name: &str,
        kind: RecordType,
    ) -> Result<(Vec<RData>, Option<u32>), DnsFault> {
        let mut name = Name::from_ascii(name).map_err(|_| DnsFault::NoSuchName)?;
        name.set_fqdn(true);
        // One limit more than the library's own, which counts for each packet.
        let asked = tokio::time::timeout(PATIENCE * 2, self.resolver.lookup(name, kind)).await;
        let answer = asked.map_err(|_| DnsFault::Timeout)?.map_err(|error| DnsFault::of(&error))?;
        let records = answer.answers().iter().take(MAX_RECORDS);
        let ttl = records.clone().map(|record| record.ttl).min();
        Ok((records.map(data_of).collect(), ttl))
    }

    /// Asks for records whose signatures hold. `None`: unsigned, or the signatures do not hold, or it cannot be told.
    async fn ask_secure(&self, name: &str, kind: RecordType) -> Option<Vec<RData>> {
        let mut name = Name::from_ascii(name).ok()?;
        name.set_fqdn(true);
        let answer =
            tokio::time::timeout(PATIENCE * 2, self.validating.lookup(name, kind)).await.ok()?.ok()?;
        let all_secure = answer.answers().iter().all(|record| record.proof == Proof::Secure);
        all_secure.then(|| answer.answers().iter().take(MAX_RECORDS).map(data_of).collect())
    }

    /// What this name server says about its own answer: whether it has checked the signatures. `unchecked` asks it not
    /// to.
    ///
    /// # Errors
    /// [`DnsFault`] if there is no reply.
    pub async fn status(&self, name: &str, kind: RecordType, unchecked: bool) -> Result<Status, DnsFault> {
        status::ask(self.address, name, kind, unchecked).await
    }

    /// Whether it can answer at all. An answer of any kind about the control name is a sound one, but SERVFAIL is not.
    async fn sound(&self, control: &str) -> Result<(), DnsFault> {
        match self.ask(control, RecordType::SOA).await {
            Err(fault) if !fault.is_about_name() => Err(fault),
            _ => Ok(()),
        }
    }
}

fn data_of(record: &Record) -> RData {
    record.data.clone()
}

/// The name servers of one service.
pub struct NameServers {
    servers: Vec<NameServer>,
    control: Vec<String>,
}

impl NameServers {
    /// Those that the service names, or this machine's own.
    #[must_use]
    pub fn new(service: &Service) -> Self {
        let addresses = match service.resolvers.as_slice() {
            [] => system_servers(),
            given => given.to_vec(),
        };
        let control: Vec<String> = service.control_names.iter().map(ToString::to_string).collect();
        Self {
            servers: addresses.into_iter().filter_map(NameServer::new).collect(),
            control: if control.is_empty() { vec![".".to_owned()] } else { control },
        }
    }

    /// All of them, sound or not.
    #[must_use]
    pub fn all(&self) -> &[NameServer] {
        &self.servers
    }

    /// Asks each for the control names; one answer is enough.
    pub async fn find_sound(&self) -> Vec<(SocketAddr, Result<(), DnsFault>)> {
        join_all(self.servers.iter().map(|server| async {
            let mut last = Err(DnsFault::Unreachable);
            for control in &self.control {
                last = server.sound(control).await;
                if last.is_ok() {
                    break;
                }
            }
            (server.address, last)
        }))
        .await
    }

    /// The first of these servers, for a library that asks by itself.
    #[must_use]
    pub fn resolver(&self, sound: &[SocketAddr]) -> Option<TokioResolver> {
        self.servers
            .iter()
            .find(|server| sound.contains(&server.address))
            .map(|server| server.resolver.clone())
    }

    /// Asks the first of these servers, and says whether the records are signed and the signatures hold.
    ///
    /// # Errors
    /// [`DnsFault`], as [`NameServers::look_up`].
    pub async fn look_up_signed(
        &self,
        sound: &[SocketAddr],
        name: &str,
        kind: RecordType,
    ) -> Result<(Vec<RData>, bool), DnsFault> {
        let records = self.look_up(sound, name, kind).await?;
        let first = self.servers.iter().find(|server| sound.contains(&server.address));
        let secure = match first {
            Some(server) => server.ask_secure(name, kind).await,
            None => None,
        };
        Ok(secure.map_or((records, false), |secure| (secure, true)))
    }

    /// For how many seconds the first of these servers goes on with the answer that it has.
    pub async fn ttl(&self, sound: &[SocketAddr], name: &str, kind: RecordType) -> Option<u32> {
        let first = self.servers.iter().find(|server| sound.contains(&server.address))?;
        first.ask_with_ttl(name, kind).await.ok()?.1
    }

    /// Asks these servers in order, until one answers about the name.
    ///
    /// # Errors
    /// [`DnsFault`] of the last one asked; [`DnsFault::Unreachable`] if there is none.
    pub async fn look_up(
        &self,
        sound: &[SocketAddr],
        name: &str,
        kind: RecordType,
    ) -> Result<Vec<RData>, DnsFault> {
        let mut last = DnsFault::Unreachable;
        for server in self.servers.iter().filter(|server| sound.contains(&server.address)) {
            match server.ask(name, kind).await {
                Err(fault) if !fault.is_about_name() => last = fault,
                answer => return answer,
            }
        }
        Err(last)
    }
}

fn system_servers() -> Vec<SocketAddr> {
    let Ok((config, _)) = hickory_resolver::system_conf::read_system_conf() else {
        return Vec::new();
    };
    let mut found: Vec<SocketAddr> =
        config.name_servers().iter().map(|server| SocketAddr::new(server.ip, 53)).collect();
    found.dedup();
    found
}

/// The texts of TXT records; the strings of one record are joined without a space, RFC 7208 section 3.3.
#[must_use]
pub fn texts(records: &[RData]) -> Vec<String> {
    let joined = records.iter().filter_map(|data| match data {
        RData::TXT(txt) => Some(txt.txt_data.concat()),
        _ => None,
    });
    joined.map(|bytes| crate::protocol::line::printable(&bytes)).collect()
}

/// The addresses among records.
#[must_use]
pub fn addresses(records: &[RData]) -> Vec<IpAddr> {
    records.iter().filter_map(RData::ip_addr).collect()
}

/// The targets of CNAME and PTR records, without the final dot.
#[must_use]
pub fn targets(records: &[RData]) -> Vec<String> {
    let names = records.iter().filter_map(|data| match data {
        RData::CNAME(name) => Some(name.0.to_ascii()),
        RData::PTR(name) => Some(name.0.to_ascii()),
        _ => None,
    });
    names.map(|name| name.trim_end_matches('.').to_ascii_lowercase()).collect()
}

/// The names in NS records, without the final dot.
#[must_use]
pub fn name_servers(records: &[RData]) -> Vec<String> {
    let names = records.iter().filter_map(|data| match data {
        RData::NS(name) => Some(name.0.to_ascii().trim_end_matches('.').to_ascii_lowercase()),
        _ => None,
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The serial number of a zone, from its SOA record.
#[must_use]
pub fn serial(records: &[RData]) -> Option<u32> {
    records.iter().find_map(|data| match data {
        RData::SOA(soa) => Some(soa.serial),
        _ => None,
    })
}

/// The SRV records: target without the final dot, and port; an empty target says that the service is not offered
/// (RFC 2782).
#[must_use]
pub fn services(records: &[RData]) -> Vec<(String, u16)> {
    let found = records.iter().filter_map(|data| match data {
        RData::SRV(srv) => {
            let target = srv.target.to_ascii();
            Some((target.trim_end_matches('.').to_ascii_lowercase(), srv.port))
        }
        _ => None,
    });
    found.collect()
}

/// The MX records: preference and target without the final dot; an empty target is the null MX of RFC 7505.
#[must_use]
pub fn exchangers(records: &[RData]) -> Vec<(u16, String)> {
    let mut found: Vec<(u16, String)> = records
        .iter()
        .filter_map(|data| match data {
            RData::MX(mx) => {
                let target = mx.exchange.to_ascii();
                Some((mx.preference, target.trim_end_matches('.').to_ascii_lowercase()))
            }
            _ => None,
        })
        .collect();
    // RFC 5321 section 5.1: the lowest number comes first.
    found.sort();
    found
}

/// A domain name for reverse look-ups of this address, under the given zones.
#[must_use]
pub fn reversed(address: IpAddr, v4_zone: &str, v6_zone: &str) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.{v4_zone}")
        }
        IpAddr::V6(v6) => {
            let nibbles = v6.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            let labels: Vec<String> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
            format!("{}.{v6_zone}", labels.join("."))
        }
    }
}

/// A name from DNS as a host name that may be asked about; `None` for what no host is called.
#[must_use]
pub fn host(name: &str) -> Option<HostName> {
    HostName::parse(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: &str) {
        let address = address.parse().expect("an address");
        assert_eq!(reversed(address, "in-addr.arpa", "ip6.arpa"), expected);
    }

    #[test]
    fn reverse_names() {
        check("127.0.0.22", "22.0.0.127.in-addr.arpa");
        check("::1", &format!("1.{}ip6.arpa", "0.".repeat(31)));
    }

    #[tokio::test]
    async fn a_name_server_that_is_not_there_is_unreachable_or_silent() {
        let mut service = Service::new("acme", HostName::parse("example.org").expect("a name"));
        // Port 9 (discard) on loopback: nobody listens.
        service.resolvers = vec!["127.0.0.1:9".parse().expect("an address")];
        let servers = NameServers::new(&service);
        let found = servers.find_sound().await;
        assert!(matches!(found[..], [(_, Err(DnsFault::Unreachable | DnsFault::Timeout))]), "{found:?}");
        let answer = servers.look_up(&[], "example.org", RecordType::MX).await;
        assert_eq!(answer.err(), Some(DnsFault::Unreachable));
    }
}
