//! Where mail for the watched domain goes, as another organisation finds out: from the MX records and the MTA-STS
//! policy of this moment, both of which a fault may have changed.

use std::net::IpAddr;

use crate::dns::zone::{self, Data, Zones};
use crate::options::Host;
use crate::site::Site;
use crate::web::page;

/// The hosts to try, in order. An error is the reply that a sender would note.
pub(crate) fn hosts(site: &Site) -> Result<Vec<Host>, String> {
    let zones = zone::zones(site);
    let domain = &site.options.domain;
    if zones.broken.contains(domain) || zones.bogus.contains(domain) {
        return Err("451 4.4.3 Host or domain name not found. Name service error, try again".to_owned());
    }
    if !zones.tops.contains(domain) {
        return Err("550 5.1.2 Host or domain name not found".to_owned());
    }
    let names = exchangers(&zones, domain)?;
    // RFC 8461 §4.1: an MX that an enforced policy does not name is not used.
    let allowed = page::policy_hosts(site);
    let names: Vec<_> = names.into_iter().filter(|name| allowed.contains(name)).collect();
    if names.is_empty() {
        return Err("450 4.7.5 The MTA-STS policy names none of the MX hosts".to_owned());
    }
    Ok(names
        .iter()
        .flat_map(|name| addresses(&zones, name))
        .filter_map(|address| host_at(site, address))
        .collect())
}

/// The names of the MX hosts in the order of their preference.
fn exchangers(zones: &Zones, domain: &str) -> Result<Vec<String>, String> {
    let mut all: Vec<(u16, String)> = Vec::new();
    for (name, data) in &zones.records {
        if let (true, Data::Mx(preference, host)) = (name == domain, data) {
            all.push((*preference, host.clone()));
        }
    }
    all.sort();
    match all.as_slice() {
        // RFC 7505
        [(_, host)] if host == "." => Err("556 5.1.10 The domain accepts no mail".to_owned()),
        // RFC 5321 §5.1: without MX records the domain itself is the host.
        [] => Ok(vec![domain.to_owned()]),
        _ => Ok(all.into_iter().map(|(_, host)| host).collect()),
    }
}

fn addresses(zones: &Zones, host: &str) -> Vec<IpAddr> {
    let address = |(name, data): &(String, Data)| match data {
        Data::Address(address) if name == host => Some(*address),
        _ => None,
    };
    zones.records.iter().filter_map(address).collect()
}

fn host_at(site: &Site, address: IpAddr) -> Option<Host> {
    let has = |host: &Host| match host {
        Host::Mail => site.options.addresses.contains(&address),
        Host::Backup | Host::Outside => site.address_of(*host) == Some(address),
    };
    [Host::Mail, Host::Backup, Host::Outside].into_iter().find(has)
}
