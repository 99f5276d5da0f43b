//! What Watchpost shares with the mail service: whatever takes both away at once leaves everybody without word.
//!
//! 1. The hosts of each service are looked up: the MX set, and the configured endpoints.
//! 2. For each address the system is asked by which of our own addresses it would be reached. No packet leaves.
//! 3. The same address is the same machine; the same /24 (IPv6: /64) is the same network. The name servers are compared
//!    with the hosts of the service.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use watchpost_texts::say;

use super::{Point, State};
use crate::config::{Config, Watched};
use crate::resolve::{NameServers, RecordType, addresses, exchangers};

pub(super) async fn examine(config: &Config) -> Vec<Point> {
    let mut points = Vec::new();
    for watched in &config.services {
        points.extend(of_service(watched).await);
    }
    if !config.services.is_empty() {
        points.push(Point::new(
            "identity",
            State::NotAsked,
            say!("whether your people log in to Discord by the directory, or by codes sent to the mail, that is watched cannot be seen from here."),
            say!("Ask them; give each responder a second factor that needs neither."),
        ));
    }
    points
}

async fn of_service(watched: &Watched) -> Vec<Point> {
    let servers = NameServers::new(&watched.service);
    let hosts = hosts(watched, &servers).await;
    let name = &watched.name;
    let mut points = Vec::new();
    let ours: BTreeSet<(IpAddr, IpAddr)> =
        hosts.iter().filter_map(|theirs| Some((own_address_towards(*theirs)?, *theirs))).collect();
    if let Some((_, theirs)) = ours.iter().find(|(own, theirs)| own == theirs) {
        points.push(Point::new(
            say!("machine of {name}"),
            State::Warning,
            say!("Watchpost runs on {theirs}, which is a host of this service."),
            say!("Move it to another machine: it would fall silent with the mail."),
        ));
    } else if let Some((own, theirs)) = ours.iter().find(|(own, theirs)| same_network(*own, *theirs)) {
        points.push(Point::new(
            say!("network of {name}"),
            State::Warning,
            say!("{own} and {theirs} are in one network."),
            say!("Run Watchpost at another provider or site: one broken switch would take both."),
        ));
    }
    let inside = servers.all().iter().map(|server| server.address().ip()).find(|ip| hosts.contains(ip));
    if let Some(ip) = inside {
        points.push(Point::new(
            say!("name server of {name}"),
            State::Warning,
            say!("{ip} is a name server that Watchpost asks, and a host of this service."),
            say!("Name an independent one under [service.<name>] resolvers."),
        ));
    }
    if points.is_empty() {
        points.push(match hosts.len() {
            0 => Point::new(
                say!("independence of {name}"),
                State::NotAsked,
                say!("none of its hosts has an address at the moment."),
                say!("Look at `watchpost check`, then ask again."),
            ),
            several => Point::good(
                say!("independence of {name}"),
                say!("none of its {several} addresses is on this machine, in this network or a name server of ours."),
            ),
        });
    }
    points
}

/// The addresses of everything that the service consists of.
async fn hosts(watched: &Watched, servers: &NameServers) -> BTreeSet<IpAddr> {
    let service = &watched.service;
    let sound: Vec<SocketAddr> = servers
        .find_sound()
        .await
        .into_iter()
        .filter_map(|(address, answer)| answer.ok().map(|()| address))
        .collect();
    let mut names: BTreeSet<String> =
        service.endpoints.iter().map(|endpoint| endpoint.host.to_string()).collect();
    names.extend(service.incoming.fixed_hosts.iter().map(ToString::to_string));
    if service.incoming.fixed_hosts.is_empty() {
        let found =
            servers.look_up(&sound, service.domain.as_str(), RecordType::MX).await.unwrap_or_default();
        names.extend(exchangers(&found).into_iter().map(|(_, host)| host).filter(|host| !host.is_empty()));
    }
    let mut found: BTreeSet<IpAddr> = service
        .fixed_addresses
        .iter()
        .filter(|(host, _)| names.contains(host.as_str()))
        .flat_map(|(_, addresses)| addresses.iter().copied())
        .collect();
    for name in &names {
        for kind in [RecordType::A, RecordType::AAAA] {
            found.extend(addresses(&servers.look_up(&sound, name, kind).await.unwrap_or_default()));
        }
    }
    found
}

/// By which of our addresses the system would reach `theirs`. Connecting a UDP socket sends nothing.
fn own_address_towards(theirs: IpAddr) -> Option<IpAddr> {
    let any = if theirs.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(SocketAddr::new(theirs, 25)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn same_network(own: IpAddr, theirs: IpAddr) -> bool {
    match (own, theirs) {
        (IpAddr::V4(own), IpAddr::V4(theirs)) => own.octets()[..3] == theirs.octets()[..3],
        (IpAddr::V6(own), IpAddr::V6(theirs)) => own.octets()[..8] == theirs.octets()[..8],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        let same = |own: &str, theirs: &str| {
            same_network(own.parse().expect("an address"), theirs.parse().expect("an address"))
        };
        assert!(same("192.0.2.1", "192.0.2.200"));
        assert!(!same("192.0.2.1", "192.0.3.1"));
        assert!(same("2001:db8:0:1::1", "2001:db8:0:1:ffff::1"));
        assert!(!same("2001:db8:0:1::1", "2001:db8:0:2::1"));
        assert!(!same("192.0.2.1", "2001:db8::1"));
    }

    #[test]
    fn this_machine_reaches_itself_by_itself() {
        let loopback = "127.0.0.1".parse().expect("an address");
        assert_eq!(own_address_towards(loopback), Some(loopback));
    }
}
