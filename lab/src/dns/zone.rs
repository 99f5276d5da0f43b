//! The lab's zones as they are now, before the wire format.

use std::net::{IpAddr, Ipv6Addr};

use crate::authority::CertificateKind;
use crate::options::{Host, Service};
use crate::site::Site;

/// How long an answer may be kept, in seconds: short, because faults come and go.
pub(crate) const TTL_SECONDS: u32 = 5;

/// Everything that the name server knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zones {
    /// The tops of the zones. Names in none of them do not exist.
    pub(crate) tops: Vec<String>,
    /// (name in lower case without the last dot, what it says)
    pub(crate) records: Vec<(String, Data)>,
    /// Zones that cannot be read: every question about them is answered with SERVFAIL.
    pub(crate) broken: Vec<String>,
    /// Zones whose signatures have expired: SERVFAIL, but for those who disable checking (RFC 4035 §3.2.2).
    pub(crate) bogus: Vec<String>,
}

/// One record's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Address(IpAddr),
    Alias(String),
    Mx(u16, String),
    Text(String),
    Ns(String),
    Pointer(String),
    /// Port and host.
    Srv(u16, String),
    Soa(String),
    /// The SHA-256 of the server's public key (RFC 7671 §5.1: usage 3, selector 1, matching 1).
    Tlsa(Vec<u8>),
}

impl Zones {
    pub(crate) fn add(&mut self, name: impl Into<String>, data: Data) {
        self.records.push((name.into().to_lowercase(), data));
    }

    /// Puts one MX record in the place of all that a domain has.
    pub(crate) fn only_mx(&mut self, domain: &str, preference: u16, host: &str) {
        self.remove(|name, data| name == domain && matches!(data, Data::Mx(..)));
        self.add(domain, Data::Mx(preference, host.to_owned()));
    }

    /// Removes the records that fit.
    pub(crate) fn remove(&mut self, fits: impl Fn(&str, &Data) -> bool) {
        self.records.retain(|(name, data)| !fits(name, data));
    }
}

/// The zones of this moment: as they should be, changed by the faults that are on.
pub(crate) fn zones(site: &Site) -> Zones {
    let mut zones = Zones::default();
    home(site, &mut zones);
    outside(site, &mut zones);
    reverse(site, &mut zones);
    blocklist(site, &mut zones);
    site.board.edit_zones(&mut zones, site);
    zones
}

fn top(zones: &mut Zones, site: &Site, name: &str) {
    let server = format!("ns.{}", site.options.domain);
    zones.tops.push(name.to_owned());
    zones.add(name, Data::Soa(server.clone()));
    zones.add(name, Data::Ns(server));
    if site.options.backup.is_some() {
        zones.add(name, Data::Ns(format!("ns2.{}", site.options.domain)));
    }
}

fn home(site: &Site, zones: &mut Zones) {
    let domain = site.options.domain.as_str();
    let sub = |name: &str| format!("{name}.{domain}");
    top(zones, site, domain);
    for address in &site.options.addresses {
        zones.add(domain, Data::Address(*address));
        for name in ["mail", "ns", "mta-sts", "webmail", "rdap"] {
            zones.add(sub(name), Data::Address(*address));
        }
    }
    zones.add(sub("out"), Data::Address(site.options.outbound));
    zones.add(sub("autoconfig"), Data::Alias(sub("mail")));
    zones.add(sub("autodiscover"), Data::Alias(sub("mail")));
    zones.add(domain, Data::Mx(10, sub("mail")));
    if let Some(address) = site.options.backup {
        zones.add(domain, Data::Mx(20, sub("mx2")));
        zones.add(sub("mx2"), Data::Address(address));
        zones.add(sub("ns2"), Data::Address(address));
    }
    zones.add(domain, Data::Text(format!("v=spf1 mx {} -all", spf_word(site.options.outbound))));
    zones.add(sub("_dmarc"), Data::Text(format!("v=DMARC1; p=reject; rua=mailto:postmaster@{domain}")));
    zones.add(sub("lab._domainkey"), Data::Text(site.authority.dkim_record()));
    zones.add(sub("_mta-sts"), Data::Text("v=STSv1; id=1".to_owned()));
    zones.add(sub("_smtp._tls"), Data::Text(format!("v=TLSRPTv1; rua=mailto:postmaster@{domain}")));
    if let Ok(digest) = site.authority.key_digest(Host::Mail, CertificateKind::Good, 0) {
        zones.add(sub("_25._tcp.mail"), Data::Tlsa(digest));
    }
    // RFC 6186 §3, RFC 8314 §5.1 and RFC 5804 §1.9.
    for (name, service) in [
        ("_submission._tcp", Service::Submission),
        ("_submissions._tcp", Service::Submissions),
        ("_imap._tcp", Service::Imap),
        ("_imaps._tcp", Service::Imaps),
        ("_pop3s._tcp", Service::Pop3s),
        ("_sieve._tcp", Service::Sieve),
    ] {
        if let Some(at) = site.endpoints_of(Host::Mail, service).next() {
            zones.add(sub(name), Data::Srv(at.address.port(), sub("mail")));
        }
    }
}

fn spf_word(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("ip4:{address}"),
        IpAddr::V6(address) => format!("ip6:{address}"),
    }
}

fn outside(site: &Site, zones: &mut Zones) {
    let Some(address) = site.options.outside else {
        return;
    };
    let domain = site.options.outside_domain.as_str();
    top(zones, site, domain);
    zones.add(domain, Data::Mx(10, format!("mx.{domain}")));
    zones.add(domain, Data::Text("v=spf1 mx -all".to_owned()));
    zones.add(format!("mx.{domain}"), Data::Address(address));
}

/// The names of addresses, each of which leads back to its address.
fn reverse(site: &Site, zones: &mut Zones) {
    top(zones, site, "127.in-addr.arpa");
    for address in [IpAddr::V6(Ipv6Addr::LOCALHOST), site.options.outbound] {
        let name = reverse_name(address);
        top(zones, site, name.split_once('.').map_or(&name, |(_, above)| above));
    }
    zones.add(reverse_name(site.options.outbound), Data::Pointer(format!("out.{}", site.options.domain)));
    let others = [Host::Backup, Host::Outside].into_iter();
    let others = others.filter_map(|host| Some((site.address_of(host)?, host)));
    let mail = site.options.addresses.iter().map(|address| (*address, Host::Mail));
    for (address, host) in mail.chain(others) {
        zones.add(reverse_name(address), Data::Pointer(site.host_name(host)));
    }
}

/// A blocklist of addresses with the two entries that RFC 5782 §5 asks for: 127.0.0.2 is listed, 127.0.0.1 is not.
fn blocklist(site: &Site, zones: &mut Zones) {
    let list = blocklist_name(site);
    top(zones, site, &list);
    // A lab that has 127.0.0.2 as its backup lists it all the same: it is the entry for testing.
    zones.add(format!("2.0.0.127.{list}"), Data::Address(IpAddr::from([127, 0, 0, 2])));
    zones.add(format!("2.0.0.127.{list}"), Data::Text("Entry for testing".to_owned()));
}

/// The zone of the lab's blocklist.
pub(crate) fn blocklist_name(site: &Site) -> String {
    format!("dnsbl.{}", site.options.domain)
}

/// The name under which a list keeps an address (RFC 5782 §2.1 and §2.4).
pub(crate) fn listed_name(address: IpAddr, list: &str) -> String {
    let reversed = reverse_name(address);
    let labels = reversed.trim_end_matches(".in-addr.arpa").trim_end_matches(".ip6.arpa");
    format!("{labels}.{list}")
}

/// The name that leads from an address to its host (RFC 1035 §3.5, RFC 3596 §2.5).
pub(crate) fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().rev().flat_map(|byte| [byte & 0xF, byte >> 4]);
            let labels: Vec<_> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
            format!("{}.ip6.arpa", labels.join("."))
        }
    }
}
