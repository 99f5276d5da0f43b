//! DNSSEC: is the domain signed, and do our name servers check the signatures? Broken signatures are named by the check
//! `mx`, because then no name of the domain can be found.

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::resolve::{DnsFault, RecordType, Status};

pub(super) const CHECK: Check = Check {
    name: "dnssec",
    asks: to_say!("Is the domain signed, and are the signatures checked?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let begun = Instant::now();
        let sound = round.sound().await;
        let Some(server) = round.names.all().iter().find(|server| sound.contains(&server.address())) else {
            return Vec::new();
        };
        let domain = round.service.domain.as_str();
        let (own, root, delegation) = tokio::join!(
            server.status(domain, RecordType::SOA, false),
            // The root is signed, so its answer shows whether this name server checks at all.
            server.status(".", RecordType::SOA, false),
            round.ask(domain, RecordType::DS),
        );
        let Ok(own) = own else { return Vec::new() };
        let checks = root.is_ok_and(|status| status.authentic);
        let finding = Finding::ok(CHECK.name, domain, Path::Aside).took(millis_since(begun));
        vec![describe(finding, own, checks, &delegation.map(|records| records.len()))]
    }
    .boxed()
}

fn describe(finding: Finding, own: Status, checks: bool, delegated: &Result<usize, DnsFault>) -> Finding {
    let signed = match (own.authentic, delegated) {
        (true, _) => say!("yes, and the signatures hold"),
        (false, Ok(1..)) if checks => say!("yes, but our name server does not vouch for it"),
        (false, Ok(1..)) => say!("yes, not checked: our name server does not check signatures"),
        (false, Ok(0) | Err(DnsFault::NoRecord | DnsFault::NoSuchName)) => "no",
        (false, Err(_)) => say!("not known"),
    };
    finding.fact("signed", signed).fact(to_say!("our name server checks"), if checks { "yes" } else { "no" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(authentic: bool, checks: bool, delegated: Result<usize, DnsFault>, expected: &str) {
        let finding = Finding::ok(CHECK.name, "example.org", Path::Aside);
        let found = describe(finding, Status { answers: true, authentic }, checks, &delegated);
        let said = found.facts.get("signed").expect("it is always told");
        assert!(said.starts_with(expected), "{said}");
    }

    #[test]
    fn signed_and_checked_are_two_things() {
        check(true, true, Ok(1), "yes, and");
        check(false, true, Ok(1), "yes, but");
        check(false, false, Ok(1), "yes, not checked");
        check(false, true, Err(DnsFault::NoRecord), "no");
        check(false, false, Err(DnsFault::Timeout), "not known");
    }
}
