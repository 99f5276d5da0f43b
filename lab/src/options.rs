//! What a lab is started with, and the names of what it consists of: hosts, services, endpoints.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Serialize;

use crate::clock::Clock;

/// How a lab is started. The default needs no rights and disturbs nothing: loopback addresses and free ports.
#[derive(Clone, Debug)]
pub struct LabOptions {
    /// The domain whose mail the lab serves; a reserved name (RFC 2606), so that no mail can ever leave.
    pub domain: String,
    /// The other organisation, for mail that leaves the domain and comes back.
    pub outside_domain: String,
    /// The addresses of `mail.<domain>`, IPv4 or IPv6; at least one. Every service listens on each of them.
    pub addresses: Vec<IpAddr>,
    /// The address of the backup `mx2.<domain>`, or none.
    pub backup: Option<IpAddr>,
    /// The address of `mx.<outside_domain>`, or none.
    pub outside: Option<IpAddr>,
    /// The address that mail to other organisations is said to come from, for SPF and blocklists; by default one
    /// from the range for documentation (RFC 5737).
    pub outbound: IpAddr,
    /// Which port numbers are used.
    pub ports: Ports,
    /// How late the answers of a slow server are.
    pub delay: Duration,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Default for LabOptions {
    fn default() -> Self {
        // Only Linux answers on the whole of 127.0.0.0/8 without configuration.
        let more = |last| cfg!(target_os = "linux").then_some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last)));
        Self {
            domain: "lab.example".to_owned(),
            outside_domain: "outside.example".to_owned(),
            addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
            backup: more(2),
            outside: more(3),
            outbound: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 25)),
            ports: Ports::Free,
            delay: Duration::from_secs(2),
            clock: Clock::system(),
        }
    }
}

/// Which port numbers the services use. A service has the same port on every address, as on the Internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Whatever the system has free.
    Free,
    /// This number plus the well-known port: `Base(10_000)` puts SMTP on 10025. `Base(0)` needs rights.
    Base(u16),
}

/// One host of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Host {
    /// `mail.<domain>`: every service.
    Mail,
    /// `mx2.<domain>`: takes mail and passes it to `mail` when that answers; the second name server.
    Backup,
    /// `mx.<outside_domain>`: another organisation, with one mailbox.
    Outside,
}

impl Host {
    /// The services that this host offers.
    pub fn services(self) -> &'static [Service] {
        match self {
            Self::Mail => &Service::ALL,
            Self::Backup => &[Service::Mx, Service::Dns],
            Self::Outside => {
                &[Service::Mx, Service::Submission, Service::Submissions, Service::Imap, Service::Imaps]
            }
        }
    }
}

/// One service of a host, called by the name that the port registry has for it where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// SMTP between servers, port 25.
    Mx,
    /// Mail submission with STARTTLS, port 587.
    Submission,
    /// Mail submission with implicit TLS, port 465.
    Submissions,
    /// IMAP with STARTTLS, port 143.
    Imap,
    /// IMAP with implicit TLS, port 993.
    Imaps,
    /// POP3 with STLS, port 110.
    Pop3,
    /// POP3 with implicit TLS, port 995.
    Pop3s,
    /// ManageSieve with STARTTLS, port 4190.
    Sieve,
    /// DNS over UDP and TCP, port 53.
    Dns,
    /// Webmail and the MTA-STS policy over HTTPS, port 443.
    Https,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 10] = [
        Self::Mx,
        Self::Submission,
        Self::Submissions,
        Self::Imap,
        Self::Imaps,
        Self::Pop3,
        Self::Pop3s,
        Self::Sieve,
        Self::Dns,
        Self::Https,
    ];

    /// The port that the Internet knows this service by.
    pub const fn well_known_port(self) -> u16 {
        match self {
            Self::Mx => 25,
            Self::Submission => 587,
            Self::Submissions => 465,
            Self::Imap => 143,
            Self::Imaps => 993,
            Self::Pop3 => 110,
            Self::Pop3s => 995,
            Self::Sieve => 4190,
            Self::Dns => 53,
            Self::Https => 443,
        }
    }

    /// Whether TLS begins with the first byte (RFC 8314 §3).
    pub const fn is_implicit_tls(self) -> bool {
        matches!(self, Self::Submissions | Self::Imaps | Self::Pop3s | Self::Https)
    }

    /// Whether this service speaks SMTP.
    pub const fn is_smtp(self) -> bool {
        matches!(self, Self::Mx | Self::Submission | Self::Submissions)
    }

    /// Whether users log in here to send.
    pub const fn is_submission(self) -> bool {
        matches!(self, Self::Submission | Self::Submissions)
    }

    /// Whether users read their mail here.
    pub const fn is_mailbox(self) -> bool {
        matches!(self, Self::Imap | Self::Imaps | Self::Pop3 | Self::Pop3s)
    }

    /// Whether this is a part of the mail service itself; names and web pages are not.
    pub const fn is_mail(self) -> bool {
        self.is_smtp() || self.is_mailbox() || matches!(self, Self::Sieve)
    }
}

/// One listening socket: a service of a host on one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Endpoint {
    /// Whose socket it is.
    pub host: Host,
    /// What is spoken there.
    pub service: Service,
    /// Where it listens.
    pub address: SocketAddr,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {:?} on {}", self.service, self.host, self.address)
    }
}

/// Why a lab cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// `LabOptions::addresses` is empty.
    #[error("The lab has no address to listen on. Give at least one in `addresses`, for instance 127.0.0.1.")]
    NoAddress,
    /// Two hosts, or one host twice, were given the same address.
    #[error("{0} is given to the lab twice. Give every host an address of its own.")]
    AddressTwice(IpAddr),
    /// An address that other machines can reach.
    #[error(
        "{0} is not a loopback address. The lab knows everybody's password: let it listen on loopback only."
    )]
    NotLoopback(IpAddr),
    /// `Ports::Base` is so high that a port number would pass 65535.
    #[error("Port base {0} is too high: 61,345 is the highest that leaves room for port 4190.")]
    BaseTooHigh(u16),
    /// The system does not let us listen there.
    #[error("The lab cannot listen on {address}: {source}. Choose another address, or another port base.")]
    Bind {
        /// The address and port in question.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A certificate could not be made: a name in the options is not a DNS name.
    #[error("The lab cannot make its certificates: {0}. Check the domain names in the options.")]
    Certificate(#[from] rcgen::Error),
    /// rustls refused the certificates just made.
    #[error("The lab cannot use its certificates: {0}.")]
    Tls(#[from] rustls::Error),
}
