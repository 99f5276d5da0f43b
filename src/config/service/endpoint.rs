//! Hosts with ports as people write them: `mail.example.org`, `mail.example.org:587`, `tls://mail.example.org:10465`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::config::error::Wrong;
use crate::config::value::{FromValue, Item, parsed};
use crate::service::{BadHostName, Endpoint, HostName, Protocol, TlsMode};

/// Ports on which TLS begins with the first byte (RFC 8314 section 3.3; 993 and 995 sections 3.1 and 3.2).
const IMPLICIT_TLS_PORTS: [u16; 3] = [465, 993, 995];

/// A host, perhaps with a port and a way in which TLS begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    host: HostName,
    port: Option<u16>,
    tls: Option<TlsMode>,
}

impl Address {
    /// The endpoint for a protocol, whose usual way of TLS decides where nothing is said.
    pub(super) fn endpoint(self, protocol: Protocol, usual: TlsMode) -> Endpoint {
        let by_port = |port| {
            if IMPLICIT_TLS_PORTS.contains(&port) { TlsMode::Implicit } else { TlsMode::Starttls }
        };
        let tls = self.tls.or(self.port.map(by_port)).unwrap_or(usual);
        Endpoint { protocol, port: self.port.unwrap_or_else(|| protocol.port(tls)), host: self.host, tls }
    }
}

/// Why a text is not a host with a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadAddress {
    /// The host.
    #[error("{0}")]
    Host(#[from] BadHostName),
    /// The port.
    #[error("the port after the colon is not a number from 1 to 65535")]
    Port,
    /// No port where one is needed.
    #[error("a port is missing; write host:port")]
    NoPort,
    /// Not an address.
    #[error("after the = there is no address such as 10.1.0.25")]
    NoAddress,
}

fn host_and_port(text: &str) -> Result<(HostName, Option<u16>), BadAddress> {
    let Some((host, port)) = text.rsplit_once(':') else {
        return Ok((HostName::parse(text)?, None));
    };
    let host = HostName::parse(host)?;
    let port = port.parse().ok().filter(|port| *port > 0).ok_or(BadAddress::Port)?;
    Ok((host, Some(port)))
}

fn address(text: &str) -> Result<Address, BadAddress> {
    let (tls, rest) = match text.split_once("://") {
        Some(("tls", rest)) => (Some(TlsMode::Implicit), rest),
        Some(("starttls", rest)) => (Some(TlsMode::Starttls), rest),
        _ => (None, text),
    };
    let (host, port) = host_and_port(rest)?;
    Ok(Address { host, port, tls })
}

impl FromValue for Address {
    const KIND: &'static str = "a host with a port such as \"mail.example.org:587\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, address)
    }
}

/// A host with a port that must be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target(HostName, u16);

impl Target {
    pub(super) fn into_parts(self) -> (HostName, u16) {
        (self.0, self.1)
    }
}

impl FromValue for Target {
    const KIND: &'static str = "a host with a port such as \"example.com:443\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, |text| match host_and_port(text)? {
            (host, Some(port)) => Ok(Self(host, port)),
            (_, None) => Err(BadAddress::NoPort),
        })
    }
}

/// A host and one address that is used in place of DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FixedAddress(HostName, IpAddr);

impl FromValue for FixedAddress {
    const KIND: &'static str = "a host and its address such as \"mail.example.org=10.1.0.25\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        parsed(item, Self::KIND, |text| {
            let (host, address) = text.split_once('=').ok_or(BadAddress::NoAddress)?;
            let address = address.trim().parse().map_err(|_| BadAddress::NoAddress)?;
            Ok::<_, BadAddress>(Self(HostName::parse(host.trim())?, address))
        })
    }
}

/// Every address of each host.
pub(super) fn by_host(list: Vec<FixedAddress>) -> BTreeMap<HostName, Vec<IpAddr>> {
    let mut hosts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for FixedAddress(host, address) in list {
        hosts.entry(host).or_default().push(address);
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;
    use Protocol::{Imap, Sieve, Submission};
    use TlsMode::{Implicit, Starttls};

    #[track_caller]
    fn check(text: &str, protocol: Protocol, usual: TlsMode, expected: Result<(u16, TlsMode), BadAddress>) {
        let found = address(text).map(|address| address.endpoint(protocol, usual));
        assert_eq!(found.map(|endpoint| (endpoint.port, endpoint.tls)), expected, "{text}");
    }

    #[test]
    fn the_port_decides_how_tls_begins_unless_it_is_said() {
        check("mail.example.org", Submission, Starttls, Ok((587, Starttls)));
        check("mail.example.org", Imap, Implicit, Ok((993, Implicit)));
        check("mail.example.org:465", Submission, Starttls, Ok((465, Implicit)));
        check("mail.example.org:143", Imap, Implicit, Ok((143, Starttls)));
        check("mail.example.org:4190", Sieve, Starttls, Ok((4190, Starttls)));
        check("tls://mail.example.org:10465", Submission, Starttls, Ok((10465, Implicit)));
        check("starttls://mail.example.org", Imap, Implicit, Ok((143, Starttls)));
        check("mail.example.org:0", Imap, Implicit, Err(BadAddress::Port));
        check("mail.example.org:70000", Imap, Implicit, Err(BadAddress::Port));
        check("https://mail.example.org", Imap, Implicit, Err(BadAddress::Port));
        check("10.0.0.1:993", Imap, Implicit, Err(BadAddress::Host(BadHostName::Address)));
    }
}
