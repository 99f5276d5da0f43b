//! Blocklists, RFC 5782: are the sending addresses listed? Listed, not listed, or unknown: a list that answers
//! everything, or refuses us, says nothing.

use std::net::{IpAddr, Ipv4Addr};

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::reverse_name::outbound;
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RecordType, addresses, reversed};
use crate::service::HostName;

pub(super) const CHECK: Check = Check {
    name: "blocklist",
    asks: to_say!("Are the sending addresses on a blocklist?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

/// What a list says about an address.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    Listed(Ipv4Addr),
    NotListed,
    /// The list does not answer us, with why.
    Unknown(&'static str),
}

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let sending = outbound(round).await;
        join_all(round.service.blocklists.iter().map(|zone| probe(round, zone, &sending))).await
    }
    .boxed()
}

async fn probe(round: &Round<'_>, zone: &HostName, sending: &[(String, IpAddr)]) -> Finding {
    let begun = Instant::now();
    let finding = Finding::ok(CHECK.name, zone, Path::Aside);
    if let Some(why) = self_test(round, zone).await {
        return finding.took(millis_since(begun)).fact(to_say!("not known"), why);
    }
    let asked =
        sending.iter().map(|(_, address)| async move { (*address, ask(round, zone, *address).await) });
    let answers = join_all(asked).await;
    let finding = finding.took(millis_since(begun));
    let listed = answers.iter().find_map(|(address, answer)| match answer {
        Answer::Listed(code) => Some(say!("{address} ({code})")),
        _ => None,
    });
    match listed {
        Some(listed) => finding.fact("listed", listed).judged(Verdict::Degraded, Cause::Blocklisted),
        None => {
            let unknown = answers.iter().find_map(|(_, answer)| match answer {
                Answer::Unknown(why) => Some(*why),
                _ => None,
            });
            finding.fact("listed", unknown.unwrap_or("none"))
        }
    }
}

/// RFC 5782 section 5: 127.0.0.2 is always listed and 127.0.0.1 never. A list that fails this says nothing.
async fn self_test(round: &Round<'_>, zone: &HostName) -> Option<&'static str> {
    let listed = ask(round, zone, Ipv4Addr::new(127, 0, 0, 2).into()).await;
    let never = ask(round, zone, Ipv4Addr::LOCALHOST.into()).await;
    match (listed, never) {
        (Answer::Listed(_), Answer::NotListed) => None,
        (Answer::Unknown(why), _) | (_, Answer::Unknown(why)) => Some(why),
        (Answer::NotListed, _) => Some(say!("the list does not list its own test entry")),
        (_, Answer::Listed(_)) => Some(say!("the list lists everything")),
    }
}

async fn ask(round: &Round<'_>, zone: &HostName, address: IpAddr) -> Answer {
    let name = reversed(address, zone.as_str(), zone.as_str());
    match round.ask(&name, RecordType::A).await {
        Ok(records) => judge(&addresses(&records)),
        Err(DnsFault::NoSuchName | DnsFault::NoRecord) => Answer::NotListed,
        Err(_) => Answer::Unknown(say!("the list does not answer")),
    }
}

fn judge(answers: &[IpAddr]) -> Answer {
    let codes = answers.iter().filter_map(|address| match address {
        IpAddr::V4(v4) => Some(*v4),
        IpAddr::V6(_) => None,
    });
    let mut found = Answer::NotListed;
    for code in codes {
        match code.octets() {
            [127, 255, 255, 252] => {
                return Answer::Unknown(say!("the list does not know its own name as it is written here"));
            }
            [127, 255, 255, 254] => {
                return Answer::Unknown(say!("the list refuses questions from open name servers"));
            }
            [127, 255, 255, 255] => {
                return Answer::Unknown(say!("the list had too many questions from here"));
            }
            // URIBL's "refused", and never a listing: RFC 5782 section 2.1.
            [127, 0, 0, 1] => return Answer::Unknown(say!("the list refuses to answer")),
            [127, ..] => found = Answer::Listed(code),
            // A provider that answers every unknown name with its own page.
            _ => return Answer::Unknown(say!("somebody else answers for the list")),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: [u8; 4], listed: Option<bool>) {
        let found = match judge(&[code.into()]) {
            Answer::Listed(_) => Some(true),
            Answer::NotListed => Some(false),
            Answer::Unknown(_) => None,
        };
        assert_eq!(found, listed, "{code:?}");
    }

    #[test]
    fn only_a_listing_is_a_listing() {
        check([127, 0, 0, 2], Some(true));
        check([127, 0, 0, 10], Some(true));
        check([127, 0, 0, 1], None);
        check([127, 255, 255, 252], None);
        check([127, 255, 255, 254], None);
        check([127, 255, 255, 255], None);
        check([192, 0, 2, 80], None);
        assert_eq!(judge(&[]), Answer::NotListed);
    }
}
