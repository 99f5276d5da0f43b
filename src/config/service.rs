//! `[service.<name>]`: a mail service that is watched. It becomes a [`Service`] for the checks.

mod account;
mod endpoint;
mod page;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use super::error::Wrong;
use super::key::{AnyKey, Key, Section};
use super::monitor::Schedule;
use super::names::ServiceName;
use super::read::Table;
use super::time::Interval;
use crate::service::{Endpoint, HostName, Incoming, Limits, Mailbox, Protocol, Registry, Service, TlsMode};
use endpoint::{Address, FixedAddress, Target};

static LABEL: Key<String> =
    Key::new("label", "What people call it. Without it: the domain.").example("\"E-mail of Example Ltd\"");
static DOMAIN: Key<HostName> =
    Key::new("domain", "The mail domain, the part after the @.").example("\"example.org\"").needed();
static HOST: Key<HostName> = Key::new(
    "host",
    "The host of a small service: gives submission on 587 and IMAP on 993 unless those are named themselves.",
)
.example("\"mail.example.org\"");
static SUBMISSION: Key<Vec<Address>> = Key::new(
    "submission",
    "Where programs hand in mail, as host or host:port. 465 begins with TLS, others by STARTTLS.",
)
.default("[]")
.example("[\"mail.example.org:587\", \"mail.example.org:465\"]");
static IMAP: Key<Vec<Address>> = Key::new(
    "imap",
    "Where programs read mail. 993 begins with TLS. `tls://host:port` and `starttls://host:port` say it.",
)
.default("[]")
.example("[\"mail.example.org:993\", \"mail.example.org:143\"]");
static POP3: Key<Vec<Address>> = Key::new("pop3", "Where programs fetch mail by POP3.")
    .default("[]")
    .example("[\"mail.example.org:995\"]");
static SIEVE: Key<Vec<Address>> =
    Key::new("sieve", "Where filters are managed.").default("[]").example("[\"mail.example.org:4190\"]");
static MX_PORT: Key<u16> =
    Key::new("mx_port", "The port of the MX hosts; another one only for a service on your own machine.")
        .default("25");
static MX: Key<Vec<HostName>> =
    Key::new("mx", "The MX hosts in their order. Without it DNS is asked, as every sender does.")
        .default("[]")
        .example("[\"mail.example.org\"]");
static RESOLVERS: Key<Vec<SocketAddr>> =
    Key::new("resolvers", "The name servers to ask, each by itself. Without it: those of this machine.")
        .default("[]")
        .example("[\"192.0.2.53:53\"]");
static CONTROL_NAMES: Key<Vec<HostName>> = Key::new(
    "control_names",
    "Names that a sound resolver always knows; they tell its fault from the domain's.",
)
.default("[]")
.example("[\"example.com\"]");
static CONTROL_HOSTS: Key<Vec<Target>> = Key::new(
    "control_hosts",
    "Hosts elsewhere that always answer; they tell our own network's fault from the service's.",
)
.default("[]")
.example("[\"example.com:443\"]");
static ALLOW: Key<Vec<IpNet>> = Key::new(
    "allow",
    "Private address ranges in which this service may be contacted. Public addresses always may.",
)
.default("[]")
.example("[\"10.1.0.0/16\"]");
static ALLOW_PORTS: Key<Vec<u16>> =
    Key::new("allow_ports", "Ports beside the well-known ones of mail and web that may be contacted.")
        .default("[]");
static FIXED_ADDRESSES: Key<Vec<FixedAddress>> =
    Key::new("fixed_addresses", "Addresses used in place of DNS, as host=address.")
        .default("[]")
        .example("[\"mail.example.org=10.1.0.25\"]");
static CA_FILE: Key<PathBuf> =
    Key::new("ca_file", "Certificate authorities to trust beside the public ones, as PEM.")
        .example("\"ca.pem\"");
static HELO: Key<HostName> =
    Key::new("helo", "The name that we give in EHLO. Without it: the address that we connect from.")
        .example("\"watchpost.example.net\"");
static FOREIGN_RECIPIENT: Key<Mailbox> = Key::new(
    "foreign_recipient",
    "A mailbox at another domain whose owner agreed: named, never written to, to see whether the service relays for all.",
)
.example("\"postmaster@example.net\"");
static INSIDE_TRUSTED_NETWORK: Key<bool> = Key::new(
    "inside_trusted_network",
    "Whether the service relays for this machine anyway; then relaying is not judged.",
)
.default("false");
static OUTBOUND: Key<Vec<IpAddr>> =
    Key::new("outbound", "The addresses from which the service sends. Without it: those of its MX hosts.")
        .default("[]")
        .example("[\"192.0.2.25\"]");
static BLOCKLISTS: Key<Vec<HostName>> = Key::new("blocklists", "Blocklist zones to ask for those addresses.")
    .default("[]")
    .example("[\"zen.spamhaus.org\"]");
static DKIM_SELECTORS: Key<Vec<String>> =
    Key::new("dkim_selectors", "DKIM selectors in use.").default("[]").example("[\"2026a\"]");
static RDAP: Key<String> = Key::new(
    "rdap",
    "Who is asked when the registration of the domain ends: \"iana\" finds the registry in IANA's list; or its RDAP address. Without it nobody is asked.",
)
.example("\"iana\"");
static LOOP_BY_MX: Key<bool> = Key::new(
    "loop_by_mx",
    "Whether a probe mail is also handed in at the MX hosts, as a stranger would. It needs `helo`, with a reverse name.",
)
.default("false");
static VANTAGE: Key<SocketAddr> = Key::new(
    "vantage",
    "A SOCKS proxy on another machine, such as `ssh -D` opens: what does not answer here is asked from there before it is called down.",
)
.example("\"192.0.2.7:1080\"");
static NAME_SERVER_PORT: Key<u16> = Key::new(
    "name_server_port",
    "The port of the domain's name servers; another one only for a service on your own machine.",
)
.default("53");
static HTTPS_PORT: Key<u16> = Key::new(
    "https_port",
    "The port of the MTA-STS policy and the like; another one only for a service on your own machine.",
)
.default("443");
static USERS: Key<u32> =
    Key::new("users", "How many people have mail there; updates to management say it.").example("800");
static USERS_LABEL: Key<String> =
    Key::new("users_label", "What these people are called.").default("\"people\"");
static FAST: Key<Interval> = Key::new("fast", "In place of monitor.fast.").example("\"1m\"");
static FUNCTIONAL: Key<Interval> =
    Key::new("functional", "In place of monitor.functional.").example("\"5m\"");
static HYGIENE: Key<Interval> = Key::new("hygiene", "In place of monitor.hygiene.").example("\"6h\"");
static WHOLE: Key<Interval> =
    Key::new("dialogue_limit", "The longest time for one dialogue.").default("\"20s\"");
static DELIVERY_WAIT: Key<Interval> =
    Key::new("delivery_wait", "How long a run waits for its own mail; a later one counts as late, not lost.")
        .default("\"30s\"");
static SLOW_DELIVERY: Key<Interval> =
    Key::new("slow_delivery", "A mail that takes longer than this from end to end counts as late.")
        .default("\"20s\"");
static ATTACHMENT_KIB: Key<u32> = Key::new(
    "attachment_kib",
    "The size in KiB of the attachment that a proof sends. Without it: none is sent.",
)
.example("5120");
static MANUAL_PROOF: Key<Vec<String>> = Key::new(
    "manual_proof",
    "What only a person can see of a proof, ticked by a button or left for the morning.",
)
.default("[]")
.example("[\"my phone sends\"]");
static CERTIFICATE_WARNING: Key<Interval> =
    Key::new("certificate_warning", "A certificate that ends within this is reported.").default("\"14d\"");

const KEYS: &[&dyn AnyKey] = &[
    &LABEL,
    &DOMAIN,
    &HOST,
    &SUBMISSION,
    &IMAP,
    &POP3,
    &SIEVE,
    &MX,
    &MX_PORT,
    &RESOLVERS,
    &CONTROL_NAMES,
    &CONTROL_HOSTS,
    &ALLOW,
    &ALLOW_PORTS,
    &FIXED_ADDRESSES,
    &CA_FILE,
    &HELO,
    &FOREIGN_RECIPIENT,
    &INSIDE_TRUSTED_NETWORK,
    &OUTBOUND,
    &BLOCKLISTS,
    &DKIM_SELECTORS,
    &RDAP,
    &LOOP_BY_MX,
    &VANTAGE,
    &NAME_SERVER_PORT,
    &HTTPS_PORT,
    &USERS,
    &USERS_LABEL,
    &FAST,
    &FUNCTIONAL,
    &HYGIENE,
    &WHOLE,
    &DELIVERY_WAIT,
    &SLOW_DELIVERY,
    &ATTACHMENT_KIB,
    &MANUAL_PROOF,
    &CERTIFICATE_WARNING,
];

/// The tables inside a service.
const TABLES: &[&str] = &["probe", "store_probe", "elsewhere", "web"];

pub(super) const SECTIONS: [Section; 5] = [
    Section {
        heading: "service.<name>",
        meaning: "A mail service that is watched. Only what is named here is ever contacted.",
        keys: KEYS,
    },
    account::PROBE,
    account::STORE_PROBE,
    account::ELSEWHERE,
    page::SECTION,
];

/// A watched service: what the checks need, and what people call it.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Its name in commands.
    pub name: ServiceName,
    /// What people call it.
    pub label: String,
    /// How many people have mail there.
    pub users: Option<u32>,
    /// What these people are called.
    pub users_label: String,
    /// How often each set of checks runs.
    pub schedule: Schedule,
    /// What only a person can see of a proof.
    pub manual_proof: Vec<String>,
    /// What the checks need.
    pub service: Service,
}

pub(super) fn read(root: &Table<'_>, schedule: Option<Schedule>) -> Vec<Watched> {
    let services = root.open("service");
    services.names().iter().filter_map(|name| read_one(&services, name, schedule)).collect()
}

fn read_one(services: &Table<'_>, name: &str, schedule: Option<Schedule>) -> Option<Watched> {
    let table = services.section(name, KEYS, TABLES);
    let parsed = table.parsed_name(ServiceName::parse(name));
    let (label, users) = (table.optional(&LABEL), table.optional(&USERS));
    let users_label = table.required(&USERS_LABEL);
    let manual_proof = manual_proof(&table);
    let own = own_schedule(&table, schedule);
    let service = service(&table, name)?;
    Some(Watched {
        name: parsed?,
        label: label?.unwrap_or_else(|| service.domain.to_string()),
        users: users?,
        users_label: users_label?,
        schedule: own?,
        manual_proof: manual_proof?,
        service,
    })
}

/// Each is a button: Discord writes 80 characters on one, and a row has five.
fn manual_proof(table: &Table<'_>) -> Option<Vec<String>> {
    let items = table.required(&MANUAL_PROOF)?;
    if items.len() > 5 || items.iter().any(|item| item.trim().is_empty() || item.chars().count() > 70) {
        let mend = "Write at most five, each with at most 70 characters.";
        table.problem(MANUAL_PROOF.name, Wrong::new("these do not fit on buttons", mend));
        return None;
    }
    Some(items)
}

/// The schedule of `[monitor]` with what this service says otherwise.
fn own_schedule(table: &Table<'_>, schedule: Option<Schedule>) -> Option<Schedule> {
    let (fast, functional, hygiene) =
        (table.optional(&FAST), table.optional(&FUNCTIONAL), table.optional(&HYGIENE));
    let general = schedule?;
    Some(Schedule {
        fast: fast?.unwrap_or(general.fast),
        functional: functional?.unwrap_or(general.functional),
        hygiene: hygiene?.unwrap_or(general.hygiene),
    })
}

/// What the checks need. Every part is read before any is given up, so that all problems are told at once.
fn service(table: &Table<'_>, name: &str) -> Option<Service> {
    let domain = table.required(&DOMAIN);
    let (incoming, endpoints) = (incoming(table), endpoints(table));
    let web = page::read(table);
    let (resolvers, control_names) = (table.required(&RESOLVERS), table.required(&CONTROL_NAMES));
    let (control_hosts, fixed) = (table.required(&CONTROL_HOSTS), table.required(&FIXED_ADDRESSES));
    let (allow, allow_ports) = (table.required(&ALLOW), table.required(&ALLOW_PORTS));
    let (authorities, helo) = (table.authorities(&CA_FILE), table.optional(&HELO));
    let (probe, store_probes) = (account::probe(table), account::store_probes(table));
    let (elsewhere, foreign_recipient) = (account::elsewhere(table), table.optional(&FOREIGN_RECIPIENT));
    let (inside, outbound) = (table.required(&INSIDE_TRUSTED_NETWORK), table.required(&OUTBOUND));
    let (blocklists, dkim_selectors) = (table.required(&BLOCKLISTS), selectors(table));
    let (registry, loop_by_mx) = (registry(table), table.required(&LOOP_BY_MX));
    let (name_server_port, https_port) = (table.required(&NAME_SERVER_PORT), table.required(&HTTPS_PORT));
    let (vantage, limits) = (table.optional(&VANTAGE), limits(table));
    Some(Service {
        incoming: incoming?,
        endpoints: endpoints?,
        web: web?,
        resolvers: resolvers?,
        control_names: control_names?,
        control_hosts: control_hosts?.into_iter().map(Target::into_parts).collect(),
        allow: allow?,
        allow_ports: allow_ports?,
        fixed_addresses: endpoint::by_host(fixed?),
        authorities: authorities?,
        helo: helo?,
        probe: probe?,
        store_probes: store_probes?,
        elsewhere: elsewhere?,
        foreign_recipient: foreign_recipient?,
        inside_trusted_network: inside?,
        outbound: outbound?,
        blocklists: blocklists?,
        dkim_selectors: dkim_selectors?,
        registry: registry?,
        loop_by_mx: loop_by_mx?,
        vantage: vantage?,
        name_server_port: name_server_port?,
        https_port: https_port?,
        limits: limits?,
        ..Service::new(name, domain?)
    })
}

/// A selector is a part of a name below the domain: RFC 6376 section 3.1.
fn selectors(table: &Table<'_>) -> Option<Vec<String>> {
    let selectors: Vec<String> = table.required(&DKIM_SELECTORS)?;
    for selector in &selectors {
        if let Err(bad) = HostName::parse(&format!("{selector}._domainkey.example")) {
            let meant = "Write the part before ._domainkey, such as \"2026a\".";
            table.problem(DKIM_SELECTORS.name, Wrong::new(bad.to_string(), meant));
            return None;
        }
    }
    Some(selectors)
}

/// The outer `None` is a problem, the inner one is nobody.
fn registry(table: &Table<'_>) -> Option<Option<Registry>> {
    let Some(text) = table.optional(&RDAP)? else { return Some(None) };
    if text == "iana" {
        return Some(Some(Registry::Listed));
    }
    if page::named(&text).is_err() {
        let meant = "Write \"iana\", or the address of the registry's RDAP service, beginning with https:// and a name.";
        table.problem(RDAP.name, Wrong::new("this is neither \"iana\" nor an https address", meant));
        return None;
    }
    Some(Some(Registry::At(text)))
}

fn incoming(table: &Table<'_>) -> Option<Incoming> {
    let (port, fixed_hosts) = (table.required(&MX_PORT), table.required(&MX));
    Some(Incoming { port: port?, fixed_hosts: fixed_hosts? })
}

/// Every port that programs use; `host` stands in for submission and IMAP where neither is named.
fn endpoints(table: &Table<'_>) -> Option<Vec<Endpoint>> {
    let host = table.optional(&HOST);
    let lists = [
        (Protocol::Submission, TlsMode::Starttls, table.required(&SUBMISSION)),
        (Protocol::Imap, TlsMode::Implicit, table.required(&IMAP)),
        (Protocol::Pop3, TlsMode::Implicit, table.required(&POP3)),
        (Protocol::Sieve, TlsMode::Starttls, table.required(&SIEVE)),
    ];
    let host = host?;
    let mut endpoints = Vec::new();
    for (protocol, usual, list) in lists {
        let list = list?;
        let stands_in = matches!(protocol, Protocol::Submission | Protocol::Imap) && list.is_empty();
        if let Some(host) = host.as_ref().filter(|_| stands_in) {
            endpoints.push(Endpoint::new(protocol, host.clone(), usual));
        }
        endpoints.extend(list.into_iter().map(|address| address.endpoint(protocol, usual)));
    }
    Some(endpoints)
}

fn limits(table: &Table<'_>) -> Option<Limits> {
    let (whole, delivery_wait) = (table.required(&WHOLE), table.required(&DELIVERY_WAIT));
    let (slow_delivery, attachment) = (table.required(&SLOW_DELIVERY), attachment(table));
    let certificate_warning = table.required(&CERTIFICATE_WARNING).map(Interval::length);
    Some(Limits {
        whole: whole.map(Interval::length)?,
        delivery_wait: delivery_wait.map(Interval::length)?,
        slow_delivery: slow_delivery.map(Interval::length)?,
        attachment: attachment?,
        certificate_warning: certificate_warning?,
        ..Limits::default()
    })
}

/// In bytes. The outer `None`: a problem was noted.
fn attachment(table: &Table<'_>) -> Option<Option<u32>> {
    let kib = table.optional(&ATTACHMENT_KIB)?;
    if kib.is_some_and(|kib| kib == 0 || kib > LARGEST_ATTACHMENT_KIB) {
        let mend = "Write 1 to 51200, no more than the service takes.";
        table.problem(ATTACHMENT_KIB.name, Wrong::new("no mail carries that", mend));
        return None;
    }
    Some(kib.map(|kib| kib * 1024))
}

/// 50 MiB: more than common services take, and a bound for our own memory.
const LARGEST_ATTACHMENT_KIB: u32 = 51_200;
