//! A watched mail service as the checks see it: names, endpoints, accounts and limits, already checked for form.
//!
//! The configuration is the only source: nothing typed in chat becomes a target. Names and mailboxes are parsed once
//! ([`HostName`], [`Mailbox`]), so that no control character can reach a command line of SMTP or IMAP.

pub mod host_name;
pub mod mailbox;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::SecretString;
use watchpost_texts::say;

pub use host_name::{BadHostName, HostName};
pub use mailbox::{BadMailbox, Mailbox};

/// One mail domain with everything that is watched for it.
#[derive(Debug, Clone)]
pub struct Service {
    /// The name that people type, as in `/check NAME`; the key of its section in the configuration.
    pub name: String,
    /// The mail domain, the part after the `@`.
    pub domain: HostName,
    /// How mail from outside reaches the service.
    pub incoming: Incoming,
    /// Where people's programs connect: submission, IMAP, POP3, ManageSieve. Empty: only the MX hosts are checked.
    pub endpoints: Vec<Endpoint>,
    /// Web pages that must answer: webmail, Exchange's health pages, autoconfig. Default none.
    pub web: Vec<WebPage>,
    /// The name servers to ask, each asked separately. Empty: those of this machine.
    pub resolvers: Vec<SocketAddr>,
    /// Names that a sound resolver can always answer (their SOA is asked), to tell the resolver's own fault from the
    /// domain's. Empty: the root.
    pub control_names: Vec<HostName>,
    /// Hosts that are known to answer, with a port; asked to tell our own network's fault from the service's. Default
    /// none: then the self-check ends at the resolver.
    pub control_hosts: Vec<(HostName, u16)>,
    /// Private and special address ranges in which this service may be checked. Default none: public addresses only.
    pub allow: Vec<IpNet>,
    /// Ports beside the well-known mail and web ports (25, 110, 143, 443, 465, 587, 993, 995, 4190) that may be
    /// connected to. Default none.
    pub allow_ports: Vec<u16>,
    /// Addresses for names that the resolvers do not know, used in place of DNS. Default none.
    pub fixed_addresses: BTreeMap<HostName, Vec<IpAddr>>,
    /// Certificate authorities to trust beside the bundled public ones, as [`authorities_from_pem`] reads them.
    pub authorities: Vec<CertificateDer<'static>>,
    /// The name that we give in EHLO. `None`: the literal of the address that we connect from, `[192.0.2.1]`.
    pub helo: Option<HostName>,
    /// The probe account: logs in, sends and receives probe mail. `None`: no login and no loop is tried.
    pub probe: Option<Account>,
    /// Further probe mailboxes, one for each store or site, logged in to by IMAP only. Default none.
    pub store_probes: Vec<Account>,
    /// A mailbox at another provider, for the loop from outside and to outside. Default none.
    pub elsewhere: Option<Elsewhere>,
    /// A recipient at another domain, who agreed, for the open-relay question and to see whether submission takes
    /// mail for outside. No mail is sent to it. `None`: neither is asked.
    pub foreign_recipient: Option<Mailbox>,
    /// True where this bot runs inside the networks that the service relays for: the open-relay question would always
    /// be answered yes there, so it is skipped with that reason.
    pub inside_trusted_network: bool,
    /// The addresses from which the service sends, for SPF, PTR and blocklists. Empty: those of its MX hosts.
    pub outbound: Vec<IpAddr>,
    /// Blocklist zones to ask for the outbound addresses, for example `zen.spamhaus.org`. Default none.
    pub blocklists: Vec<HostName>,
    /// DKIM selectors in use, for example `2026a`. Empty: DKIM keys are not looked up.
    pub dkim_selectors: Vec<String>,
    /// Who tells when the registration of the domain ends (RDAP, RFC 9082). `None`: nobody is asked.
    pub registry: Option<Registry>,
    /// Whether a probe mail is also handed in at the MX hosts, as a stranger would. Default no: it takes a [`Self::helo`]
    /// with a reverse name, or the service rightly refuses us.
    pub loop_by_mx: bool,
    /// A SOCKS proxy on another machine, from which is asked what does not answer here. `None`: nothing is.
    pub vantage: Option<SocketAddr>,
    /// The port of the domain's name servers: 53 (default). Another one only for a service on your own machine.
    pub name_server_port: u16,
    /// The port of the pages that the domain's name leads to, such as the MTA-STS policy: 443 (default). Another one
    /// only for a service on your own machine.
    pub https_port: u16,
    /// What we wait for, and from when on something is called slow or close to its end.
    pub limits: Limits,
}

impl Service {
    /// A service with this name and domain, everything else at its default.
    #[must_use]
    pub fn new(name: &str, domain: HostName) -> Self {
        Self {
            name: name.to_owned(),
            domain,
            incoming: Incoming::default(),
            endpoints: Vec::new(),
            web: Vec::new(),
            resolvers: Vec::new(),
            control_names: Vec::new(),
            control_hosts: Vec::new(),
            allow: Vec::new(),
            allow_ports: Vec::new(),
            fixed_addresses: BTreeMap::new(),
            authorities: Vec::new(),
            helo: None,
            probe: None,
            store_probes: Vec::new(),
            elsewhere: None,
            foreign_recipient: None,
            inside_trusted_network: false,
            outbound: Vec::new(),
            blocklists: Vec::new(),
            dkim_selectors: Vec::new(),
            registry: None,
            loop_by_mx: false,
            vantage: None,
            name_server_port: 53,
            https_port: 443,
            limits: Limits::default(),
        }
    }
}

/// Where the registration of a domain is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registry {
    /// At the registry that IANA's list names for the top-level domain (RFC 9224).
    Listed,
    /// At this RDAP service: `https://host[:port]/path/`.
    At(String),
}

/// How mail from outside finds the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The port of the MX hosts: 25 (default). Another one only for a service on your own machine.
    pub port: u16,
    /// The MX hosts in the order of preference, in place of those in DNS. Empty (default): DNS is asked.
    pub fixed_hosts: Vec<HostName>,
}

impl Default for Incoming {
    fn default() -> Self {
        Self { port: 25, fixed_hosts: Vec::new() }
    }
}

/// One port to which people's programs connect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// What is spoken there.
    pub protocol: Protocol,
    /// Host name; the certificate must be for it.
    pub host: HostName,
    /// TCP port; default [`Protocol::port`].
    pub port: u16,
    /// How TLS begins.
    pub tls: TlsMode,
}

impl Endpoint {
    /// An endpoint on the protocol's well-known port.
    #[must_use]
    pub fn new(protocol: Protocol, host: HostName, tls: TlsMode) -> Self {
        Self { protocol, host, port: protocol.port(tls), tls }
    }
}

/// What an endpoint speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Message submission, RFC 6409.
    Submission,
    /// IMAP, RFC 9051 and RFC 3501.
    Imap,
    /// POP3, RFC 1939.
    Pop3,
    /// ManageSieve, RFC 5804.
    Sieve,
}

impl Protocol {
    /// The well-known port for this way of beginning TLS.
    #[must_use]
    pub fn port(self, tls: TlsMode) -> u16 {
        match (self, tls) {
            (Self::Submission, TlsMode::Starttls) => 587,
            // RFC 8314 section 7.3 took this port back for submission over TLS.
            (Self::Submission, TlsMode::Implicit) => 465,
            (Self::Imap, TlsMode::Starttls) => 143,
            (Self::Imap, TlsMode::Implicit) => 993,
            (Self::Pop3, TlsMode::Starttls) => 110,
            (Self::Pop3, TlsMode::Implicit) => 995,
            (Self::Sieve, _) => 4190,
        }
    }
}

/// How TLS begins on a port. Without TLS no login is ever tried, so there is no third kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// In clear text, until `STARTTLS`.
    Starttls,
    /// With the first byte.
    Implicit,
}

/// A mailbox of our own, with what its login needs.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its address.
    pub mailbox: Mailbox,
    /// The login name; often the address.
    pub login: String,
    /// The password, or the access token of XOAUTH2. Never shown, never logged, sent only over verified TLS.
    pub secret: SecretString,
    /// How it logs in.
    pub method: LoginMethod,
}

/// How an account proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginMethod {
    /// `AUTH PLAIN`, IMAP `LOGIN`.
    #[default]
    Password,
    /// `XOAUTH2` with an access token.
    Xoauth2,
}

/// A mailbox at another provider.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// The mailbox there.
    pub account: Account,
    /// Where mail is handed in there.
    pub submission: Endpoint,
    /// Where mail is read there.
    pub imap: Endpoint,
}

/// One page that must answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebPage {
    /// What people call it: "webmail".
    pub name: String,
    /// `https://host[:port]/path`; no other scheme is asked.
    pub url: String,
    /// The status that means well. Default 200.
    pub status: u16,
    /// A text that the page must hold. `None`: the status is enough.
    pub text: Option<String>,
}

/// What we wait for, and from when on something is slow, or near its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a TCP connection. Default 5 s.
    pub connect: Duration,
    /// For the greeting. Default 10 s: RFC 5321 section 4.5.3.2.1 allows a server five minutes, so a longer wait is
    /// called "no banner after 10 s" and asked again with [`Limits::patient`] before anything is called down.
    pub greeting: Duration,
    /// For the reply to one command, and for the TLS handshake. Default 10 s.
    pub reply: Duration,
    /// For one whole dialogue. Default 20 s.
    pub whole: Duration,
    /// For the greeting in the repeated question of the monitor. Default 60 s.
    pub patient: Duration,
    /// A server whose replies take this long is called slow. Default 1.5 s.
    pub slow_reply: Duration,
    /// How long a run waits for its own probe mail. Default 30 s; a later one is late, not lost.
    pub delivery_wait: Duration,
    /// A probe mail that takes longer than this is called slow. Default 20 s.
    pub slow_delivery: Duration,
    /// The size in bytes of the attachment that a proof sends. `None`: none is sent.
    pub attachment: Option<u32>,
    /// A certificate that ends within this is reported. Default 14 days.
    pub certificate_warning: Duration,
    /// How many dialogues run at once. Default 32.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            greeting: Duration::from_secs(10),
            reply: Duration::from_secs(10),
            whole: Duration::from_secs(20),
            patient: Duration::from_secs(60),
            slow_reply: Duration::from_millis(1500),
            delivery_wait: Duration::from_secs(30),
            slow_delivery: Duration::from_secs(20),
            attachment: None,
            certificate_warning: Duration::from_secs(14 * 24 * 3600),
            at_once: 32,
        }
    }
}

/// Reads certificate authorities from the text of a PEM file.
///
/// # Errors
/// [`BadAuthorities`] if a block is damaged or there is none.
pub fn authorities_from_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, BadAuthorities> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(list) if list.is_empty() => Err(BadAuthorities::Empty),
        Ok(list) => Ok(list),
        Err(_) => Err(BadAuthorities::Damaged),
    }
}

/// Why a file of certificate authorities cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAuthorities {
    /// No `BEGIN CERTIFICATE` in it.
    #[error("{}", say!("the file holds no certificate; give a PEM file that begins with -----BEGIN CERTIFICATE-----"))]
    Empty,
    /// A block does not decode.
    #[error("{}", say!("a certificate in the file is damaged; export it again in PEM form"))]
    Damaged,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_out_of_debug() {
        let mut service = Service::new("acme", HostName::parse("example.org").expect("a name"));
        service.probe = Some(Account {
            mailbox: Mailbox::parse("probe@example.org").expect("a mailbox"),
            login: "probe".into(),
            secret: SecretString::from("hunter2"),
            method: LoginMethod::Password,
        });
        assert!(!format!("{service:?}").contains("hunter2"));
    }

    #[test]
    fn authorities_come_from_pem_or_are_refused_in_words() {
        assert_eq!(authorities_from_pem(b"hello"), Err(BadAuthorities::Empty));
        let damaged = b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n";
        assert_eq!(authorities_from_pem(damaged), Err(BadAuthorities::Damaged));
        let key = rcgen::generate_simple_self_signed(vec!["ca.test".into()]).expect("a certificate");
        let read = authorities_from_pem(key.cert.pem().as_bytes()).expect("readable");
        assert_eq!(read, vec![key.cert.der().clone()]);
    }
}
