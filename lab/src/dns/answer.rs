//! From a question in wire format to its answer, against the zones of this moment.

use hickory_proto::op::{Edns, Message, MessageType, Metadata, OpCode, ResponseCode};
use hickory_proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TLSA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::zone::{Data, TTL_SECONDS, Zones};

/// What an answer over UDP may have without EDNS (RFC 1035 §4.2.1), in bytes.
const PLAIN_UDP_BYTES: usize = 512;
/// The largest message over UDP, in bytes: what fits through any path (the DNS flag day of 2020).
pub(crate) const MOST_UDP_BYTES: u16 = 1232;
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
        let mut edns = Edns::new();
        edns.set_max_payload(MOST_UDP_BYTES);
        reply.set_edns(edns);
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
    let unchecked = reply.metadata.checking_disabled;
    if zones.broken.iter().any(within) || (!unchecked && zones.bogus.iter().any(within)) {
        reply.metadata.response_code = ResponseCode::ServFail;
        return;
    }
    let top = zones.tops.iter().filter(|top| within(top)).max_by_key(|top| top.len()).cloned();
    for _ in 0..MOST_ALIASES {
        let here = records_of(zones, &own);
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
    if let (true, Some(top)) = (reply.answers.is_empty(), top) {
        reply.add_authorities(authority(zones, &top));
    }
}

/// The zone's SOA, which "no" carries so that it can be remembered for a while (RFC 2308 §3).
fn authority(zones: &Zones, top: &str) -> Option<Record> {
    let (owner, soa) =
        zones.records.iter().find(|(owner, data)| owner == top && matches!(data, Data::Soa(_)))?;
    record(&absolute(Name::from_ascii(owner).ok()?), soa)
}

/// The records of a name, or of the wildcard in the place of its first labels (RFC 4592).
fn records_of<'a>(zones: &'a Zones, name: &str) -> Vec<&'a Data> {
    let of = |wanted: &str| -> Vec<&'a Data> {
        zones.records.iter().filter(|(owner, _)| owner == wanted).map(|(_, data)| data).collect()
    };
    let wildcards = name.match_indices('.').map(|(dot, _)| format!("*{}", &name[dot..]));
    std::iter::once(name.to_owned())
        .chain(wildcards)
        .map(|owner| of(&owner))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use hickory_proto::op::Query;
    use proptest::prelude::*;

    use super::super::zone::{listed_name, reverse_name};
    use super::*;

    fn zones() -> Zones {
        let mut zones = Zones {
            tops: vec!["lab.example".into(), "sub.lab.example".into(), "127.in-addr.arpa".into()],
            broken: vec!["broken.example".into()],
            bogus: vec!["sub.lab.example".into()],
            ..Zones::default()
        };
        zones.add("lab.example", Data::Soa("ns.lab.example".into()));
        zones.add("a.b.lab.example", Data::Address([127, 0, 0, 9].into()));
        zones.add("*.wild.lab.example", Data::Text("any".into()));
        zones.add("alias.lab.example", Data::Alias("a.b.lab.example".into()));
        zones.add("round.lab.example", Data::Alias("round.lab.example".into()));
        zones.add("null.lab.example", Data::Mx(0, ".".into()));
        zones.add(reverse_name([127, 0, 0, 9].into()), Data::Pointer("a.b.lab.example".into()));
        (0..200).for_each(|n| zones.add("big.lab.example", Data::Text(format!("text number {n}"))));
        zones
    }

    fn ask(name: &str, kind: RecordType, edns: bool, most: usize) -> Message {
        let mut question = Message::query();
        question.add_query(Query::query(Name::from_ascii(name).expect("a name"), kind));
        if edns {
            let mut edns = Edns::new();
            edns.set_max_payload(1232);
            question.set_edns(edns);
        }
        let bytes = answer(&zones(), &question.to_vec().expect("bytes"), most).expect("an answer");
        assert!(bytes.len() <= most);
        let reply = Message::from_vec(&bytes).expect("a message");
        assert_eq!(reply.metadata.id, question.metadata.id);
        reply
    }

    #[track_caller]
    fn check(name: &str, kind: RecordType, expected: &str) {
        let reply = ask(name, kind, false, 65_535);
        let answers: Vec<_> = reply.answers.iter().map(|record| record.data.to_string()).collect();
        let said = match reply.metadata.response_code {
            ResponseCode::NoError => answers.join(" | "),
            code => code.to_string(),
        };
        assert_eq!(said, expected, "{name} {kind}");
    }

    #[test]
    fn questions_are_answered() {
        check("A.B.Lab.Example.", RecordType::A, "127.0.0.9");
        check("a.b.lab.example.", RecordType::MX, "");
        check("b.lab.example.", RecordType::A, "");
        check("1.2.wild.lab.example.", RecordType::TXT, "any");
        check("gone.lab.example.", RecordType::A, "Non-Existent Domain");
        check("alias.lab.example.", RecordType::A, "a.b.lab.example. | 127.0.0.9");
        check("null.lab.example.", RecordType::MX, "0 .");
        check("9.0.0.127.in-addr.arpa.", RecordType::PTR, "a.b.lab.example.");
        check("www.broken.example.", RecordType::A, "Server Failure");
        check("unbroken.example.", RecordType::A, "Non-Existent Domain");
        assert_eq!(ask("round.lab.example.", RecordType::A, false, 65_535).answers.len(), MOST_ALIASES);
        assert_eq!(
            ask("b.lab.example.", RecordType::A, false, 512).authorities.len(),
            1,
            "no comes with the SOA"
        );
    }

    #[test]
    fn bogus_names_are_answered_only_without_checking() {
        for (unchecked, code) in [(false, ResponseCode::ServFail), (true, ResponseCode::NXDomain)] {
            let mut question = Message::query();
            question.metadata.checking_disabled = unchecked;
            question.add_query(Query::query(
                Name::from_ascii("x.sub.lab.example.").expect("a name"),
                RecordType::A,
            ));
            let answer = answer(&zones(), &question.to_vec().expect("bytes"), 512).expect("an answer");
            assert_eq!(Message::from_vec(&answer).expect("a message").metadata.response_code, code);
        }
    }

    #[test]
    fn what_does_not_fit_is_cut_and_says_so() {
        for (edns, most, cut) in [(false, 1232, true), (true, 1232, true), (false, 65_535, false)] {
            let reply = ask("big.lab.example.", RecordType::TXT, edns, most);
            assert_eq!((reply.metadata.truncation, reply.answers.is_empty()), (cut, cut), "{edns} {most}");
        }
        assert!(!ask("a.b.lab.example.", RecordType::A, true, 1232).metadata.truncation);
    }

    #[test]
    fn names_of_addresses_are_written_backwards() {
        assert_eq!(reverse_name([192, 0, 2, 1].into()), "1.2.0.192.in-addr.arpa");
        assert_eq!(listed_name([192, 0, 2, 1].into(), "list.example"), "1.2.0.192.list.example");
        let six = reverse_name("2001:db8::1".parse().expect("an address"));
        assert_eq!(six, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_breaks_the_server(question in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = answer(&zones(), &question, 1232);
        }
    }
}
