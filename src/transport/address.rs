//! Which addresses and ports may be connected to. Decided after the name was resolved, on the address itself, so that
//! neither an odd notation nor a name that changes its address gets around it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use watchpost_texts::say;

use crate::service::Service;

/// The ports of mail and its web pages: the only ones that are connected to unless the configuration names more.
pub const MAIL_PORTS: [u16; 9] = [25, 110, 143, 443, 465, 587, 993, 995, 4190];

/// An address and port that may be connected to. Only [`vet`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vetted(SocketAddr);

impl Vetted {
    /// The address and port.
    #[must_use]
    pub fn socket(self) -> SocketAddr {
        self.0
    }
}

/// Why an address may not be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// A private or special range that the configuration does not allow for this service.
    #[error("{}", say!("{0} is not a public address; if this service really is there, add its range to `allow`", _0))]
    Range(IpAddr),
    /// A port that is no mail port.
    #[error("{}", say!("port {0} is no mail port; if this service really uses it, add it to `allow_ports`", _0))]
    Port(u16),
}

/// Lets an address and port through, or says why not.
///
/// # Errors
/// [`Forbidden`].
pub fn vet(address: IpAddr, port: u16, service: &Service) -> Result<Vetted, Forbidden> {
    if !MAIL_PORTS.contains(&port) && !service.allow_ports.contains(&port) {
        return Err(Forbidden::Port(port));
    }
    let plain = unmapped(address);
    let allowed = service.allow.iter().any(|net| net.contains(&plain) || net.contains(&address));
    if is_special(plain) && !allowed {
        return Err(Forbidden::Range(address));
    }
    Ok(Vetted(SocketAddr::new(plain, port)))
}

/// Lets the address of a name server of the domain through, to ask it about the domain, or says why not.
///
/// # Errors
/// [`Forbidden`].
pub fn vet_name_server(address: IpAddr, service: &Service) -> Result<Vetted, Forbidden> {
    // Any mail port stands for "may this address be asked at all"; the port that is asked is that of names.
    let vetted = vet(address, MAIL_PORTS[0], service)?;
    Ok(Vetted(SocketAddr::new(vetted.0.ip(), service.name_server_port)))
}

/// The address of the relay that the operator chose for updates. Nobody else names it, and it may well be a private one.
#[must_use]
pub fn relay(address: SocketAddr) -> Vetted {
    Vetted(SocketAddr::new(unmapped(address.ip()), address.port()))
}

/// The IPv4 address within an IPv6 one that a kernel takes for IPv4.
fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// The IANA special-purpose registries: RFC 6890 and its updates.
fn is_special(address: IpAddr) -> bool {
    let IpAddr::V6(v6) = address else {
        return is_in(address, &SPECIAL_V4);
    };
    !is_in(address, &[GLOBAL_V6])
        || is_in(address, &SPECIAL_V6)
        || tunnelled(v6).is_some_and(|v4| is_in(v4.into(), &SPECIAL_V4))
}

fn is_in(address: IpAddr, nets: &[(IpAddr, u8)]) -> bool {
    nets.iter().any(|(network, prefix)| IpNet::new(*network, *prefix).is_ok_and(|net| net.contains(&address)))
}

/// RFC 5214 section 6.1: an ISATAP address ends in the IPv4 address of the host at the far end of a tunnel.
fn tunnelled(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., mark, rest, high, low] = address.segments();
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    (mark & !0x200 == 0 && rest == 0x5efe).then(|| Ipv4Addr::new(a, b, c, d))
}

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

const fn v6(a: u16, b: u16) -> IpAddr {
    IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0))
}

const SPECIAL_V4: [(IpAddr, u8); 16] = [
    (v4(0, 0, 0, 0), 8),
    (v4(10, 0, 0, 0), 8),
    (v4(100, 64, 0, 0), 10),
    (v4(127, 0, 0, 0), 8),
    (v4(169, 254, 0, 0), 16),
    (v4(172, 16, 0, 0), 12),
    (v4(192, 0, 0, 0), 24),
    (v4(192, 0, 2, 0), 24),
    (v4(192, 88, 99, 0), 24),
    (v4(192, 168, 0, 0), 16),
    (v4(198, 18, 0, 0), 15),
    (v4(198, 51, 100, 0), 24),
    (v4(203, 0, 113, 0), 24),
    (v4(224, 0, 0, 0), 4),
    (v4(240, 0, 0, 0), 4),
    (v4(255, 255, 255, 255), 32),
];

/// All that is given out for hosts on the internet. Outside of it lie loopback, the unspecified address, the forms that
/// hold an IPv4 address (`::/96`, `::ffff:0:0:0/96`, NAT64's `64:ff9b::/96` and `64:ff9b:1::/48`), discard-only, segment
/// routing, unique local, link-local, the old site-local, multicast, and what nobody has.
const GLOBAL_V6: (IpAddr, u8) = (v6(0x2000, 0), 3);

/// What is special within it: protocol assignments with Teredo, documentation, 6to4 (which translates to IPv4, also to
/// private IPv4), and the old 6bone.
const SPECIAL_V6: [(IpAddr, u8); 5] = [
    (v6(0x2001, 0), 23),
    (v6(0x2001, 0xdb8), 32),
    (v6(0x2002, 0), 16),
    (v6(0x3ffe, 0), 16),
    (v6(0x3fff, 0), 20),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::HostName;
    use proptest::prelude::*;

    fn service(allow: &[&str]) -> Service {
        let mut service = Service::new("acme", HostName::parse("example.org").expect("a name"));
        service.allow = allow.iter().map(|net| net.parse().expect("a network")).collect();
        service
    }

    #[track_caller]
    fn check(address: &str, port: u16, allow: &[&str], expected: bool) {
        let found = vet(address.parse().expect("an address"), port, &service(allow));
        assert_eq!(found.is_ok(), expected, "{address}:{port} with {allow:?}: {found:?}");
    }

    #[test]
    fn public_addresses_on_mail_ports_only() {
        check("8.8.8.8", 25, &[], true);
        check("2a00:1450::1", 993, &[], true);
        check("8.8.8.8", 22, &[], false);
        check("8.8.8.8", 53, &[], false);
    }

    #[test]
    fn special_ranges_in_every_notation() {
        let special = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:7f00:1",
            "::ffff:192.168.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::127.0.0.1",
            "2001::1",
            "2001:20::1",
            "2002:c0a8:1::1",
            "2002:808:808::1",
            "2600::5efe:10.0.0.1",
            "2600::200:5efe:127.0.0.1",
            "100::1",
            "5f00::1",
            "3ffe::1",
            "3fff::1",
            "4000::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
        ];
        for address in special {
            check(address, 25, &[], false);
        }
        for public in ["2600::1", "2600::5efe:8.8.8.8", "2a00:1450::5eff:10.0.0.1", "::ffff:8.8.8.8"] {
            check(public, 25, &[], true);
        }
        check("172.32.0.1", 25, &[], true);
        check("100.128.0.1", 25, &[], true);
    }

    #[test]
    fn a_range_is_open_only_where_the_configuration_names_it() {
        check("127.0.0.22", 25, &["127.0.0.0/8"], true);
        check("::ffff:127.0.0.22", 25, &["127.0.0.0/8"], true);
        check("10.0.0.1", 25, &["127.0.0.0/8"], false);
        check("::1", 25, &["127.0.0.0/8"], false);
        check("::1", 25, &["::1/128"], true);
    }

    proptest! {
        #[test]
        fn what_is_let_through_is_public(octets in any::<[u8; 4]>()) {
            let address = Ipv4Addr::from(octets);
            let mapped = address.to_ipv6_mapped();
            let taken = vet(address.into(), 25, &service(&[]));
            prop_assert_eq!(vet(mapped.into(), 25, &service(&[])).is_ok(), taken.is_ok(), "{} and {}", address, mapped);
            if taken.is_ok() {
                prop_assert!(!address.is_private() && !address.is_loopback() && !address.is_link_local());
                prop_assert!(!address.is_multicast() && !address.is_broadcast() && !address.is_unspecified());
            }
        }
    }
}
