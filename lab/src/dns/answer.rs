//! From a question in wire format to its answer, against the zones of this moment.

use hickory_proto::op::{Message, MessageType, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TLSA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::zone::{Data, TTL_SECONDS, Zones};

/// What an answer over UDP may have without EDNS (RFC 1035 §4.2.1), in bytes.
const PLAIN_UDP_BYTES: usize = 512;
/// An alias that leads to an alias: after so many the chain is cut.
const MOST_ALIASES: usize = 8;

/// Answers a message, in at most `most_bytes` and over UDP in what the client can take. `None` for what is not a
/// question: RFC 1035 has no answer to it.
pub(crate) fn answer(zones: &Zones, question: &[u8], most_bytes: usize) -> Option<Vec<u8>> {
    let asked = Message::from_vec(question).ok()?;
    if asked.metadata.message_type != MessageType::Query {
        return None;
    }
    let mut reply = Message::new(asked.metadata.id, MessageType::Response, asked.metadata.op_code);
    reply.metadata = Metadata::response_from_request(&asked.metadata);
    reply.metadata.authoritative = true;
    // The lab stands in for a resolver, too: clients that ask for recursion would otherwise go on asking.
    reply.metadata.recursion_available = true;
    reply.add_queries(asked.queries.iter().cloned());
    match (asked.metadata.op_code, asked.queries.as_slice()) {
        (OpCode::Query, [query]) => fill(&mut reply, zones, &query.name, query.query_type),
        (OpCode::Query, _) => reply.metadata.response_code = ResponseCode::FormErr,
        _ => reply.metadata.response_code = ResponseCode::NotImp,
    }
    if asked.edns.is_some() {
        reply.set_edns(hickory_proto::op::Edns::new());
    }
    let room = match (most_bytes, &asked.edns) {
        (most, _) if most > 4096 => most,
        (most, Some(edns)) => most.min(usize::from(edns.max_payload()).max(PLAIN_UDP_BYTES)),
        (most, None) => most.min(PLAIN_UDP_BYTES),
    };
    let bytes = reply.to_vec().ok()?;
    // RFC 2181 §9: what does not fit is asked for again over TCP.
    if bytes.len() > room { reply.truncate().to_vec().ok() } else { Some(bytes) }
}

fn fill(reply: &mut Message, zones: &Zones, name: &Name, wanted: RecordType) {
    let mut own = plain(name);
    let within = |top: &String| own == *top || own.ends_with(&format!(".{top}"));
    if zones.broken.iter().any(within) {
        reply.metadata.response_code = ResponseCode::ServFail;
        return;
    }
    let top = zones.tops.iter().filter(|top| within(top)).max_by_key(|top| top.len()).cloned();
    for _ in 0..MOST_ALIASES {
        let here: Vec<_> =
            zones.records.iter().filter(|(owner, _)| *owner == own).map(|(_, data)| data).collect();
        // RFC 8020: a name above others exists, though it has no record of its own.
        let below = format!(".{own}");
        if here.is_empty() && !zones.records.iter().any(|(owner, _)| owner.ends_with(&below)) {
            reply.metadata.response_code = ResponseCode::NXDomain;
            break;
        }
        let owner = Name::from_ascii(&own).map(absolute).unwrap_or_else(|_| name.clone());
        let fitting = here.iter().filter(|data| kind(data) == wanted || wanted == RecordType::ANY);
        reply.add_answers(fitting.filter_map(|data| record(&owner, data)));
        match here.iter().find_map(|data| if let Data::Alias(to) = data { Some(to) } else { None }) {
            Some(to) if !matches!(wanted, RecordType::CNAME | RecordType::ANY) => {
                reply.add_answers(record(&owner, &Data::Alias(to.clone())));
                own.clone_from(to);
            }
            _ => break,
        }
    }
    // RFC 2308 §3: "no" carries the zone's SOA, so that it can be remembered for a while.
    if reply.answers.is_empty()
        && let Some(top) = top
        && let Some((owner, soa)) =
            zones.records.iter().find(|(owner, data)| *owner == top && matches!(data, Data::Soa(_)))
        && let Ok(owner) = Name::from_ascii(owner)
    {
        reply.add_authorities(record(&absolute(owner), soa));
    }
}

fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_lowercase()
}

fn absolute(mut name: Name) -> Name {
    name.set_fqdn(true);
    name
}

fn kind(data: &Data) -> RecordType {
    match data {
        Data::Address(address) if address.is_ipv4() => RecordType::A,
        Data::Address(_) => RecordType::AAAA,
        Data::Alias(_) => RecordType::CNAME,
        Data::Mx(..) => RecordType::MX,
        Data::Text(_) => RecordType::TXT,
        Data::Ns(_) => RecordType::NS,
        Data::Pointer(_) => RecordType::PTR,
        Data::Srv(..) => RecordType::SRV,
        Data::Soa(_) => RecordType::SOA,
        Data::Tlsa(_) => RecordType::TLSA,
    }
}

fn record(owner: &Name, data: &Data) -> Option<Record> {
    let name = |text: &str| {
        if text == "." { Some(Name::root()) } else { Name::from_ascii(text).map(absolute).ok() }
    };
    let rdata = match data {
        Data::Address(std::net::IpAddr::V4(address)) => RData::A(A(*address)),
        Data::Address(std::net::IpAddr::V6(address)) => RData::AAAA(AAAA(*address)),
        Data::Alias(to) => RData::CNAME(CNAME(name(to)?)),
        Data::Mx(preference, host) => RData::MX(MX::new(*preference, name(host)?)),
        Data::Text(text) => RData::TXT(TXT::from_bytes(text.as_bytes().chunks(255).collect())),
        Data::Ns(host) => RData::NS(NS(name(host)?)),
        Data::Pointer(host) => RData::PTR(PTR(name(host)?)),
        Data::Srv(port, host) => RData::SRV(SRV::new(0, 1, *port, name(host)?)),
        Data::Soa(server) => {
            let person = format!("postmaster.{}", server.trim_start_matches("ns."));
            RData::SOA(SOA::new(name(server)?, name(&person)?, 1, 60, 60, 3600, TTL_SECONDS))
        }
        Data::Tlsa(digest) => {
            RData::TLSA(TLSA::new(CertUsage::DaneEe, Selector::Spki, Matching::Sha256, digest.clone()))
        }
    };
    Some(Record::from_rdata(owner.clone(), TTL_SECONDS, rdata))
}
