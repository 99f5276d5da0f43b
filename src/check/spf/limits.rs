//! The limits of RFC 7208 section 4.6.4: at most ten terms that ask DNS, and at most two of them in vain. A receiver that
//! meets one more calls the record a permanent error, whoever sends.
//!
//! 1. The record is read into the terms that ask ([`terms`]); what holds a macro is counted, but cannot be asked here.
//! 2. Each is asked as a receiver would, `include` and `redirect` as well, until a limit is passed.

use std::collections::VecDeque;

use futures::future::BoxFuture;

use crate::resolve::{DnsFault, RData, RecordType, texts};

/// Most terms that ask, and most answers in vain.
const MOST_LOOKUPS: usize = 10;
const MOST_VOIDS: usize = 2;

/// What was counted, not further than one beyond a limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub lookups: usize,
    /// The names that were asked for in vain.
    pub voids: Vec<String>,
}

impl Counted {
    /// Whether a receiver gives up.
    pub fn is_too_much(&self) -> bool {
        self.lookups > MOST_LOOKUPS || self.voids.len() > MOST_VOIDS
    }
}

/// A term that asks DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    /// `include` or `redirect`: another record, whose terms count too.
    Record(String),
    /// `a` or `exists`.
    Address(String),
    /// `mx`.
    Mx(String),
    /// One that depends on the sender: `ptr`, or a name with a macro.
    Depends,
}

/// Asks for a name.
pub(super) trait Ask: Sync {
    fn ask<'a>(&'a self, name: &'a str, kind: RecordType) -> BoxFuture<'a, Result<Vec<RData>, DnsFault>>;
}

/// Counts what a receiver would ask for the record of `domain`.
pub(super) async fn count(ask: &impl Ask, domain: &str, record: &str) -> Counted {
    let mut counted = Counted::default();
    let mut left: VecDeque<Term> = terms(domain, record).into();
    while let Some(term) = left.pop_front() {
        counted.lookups += 1;
        if counted.is_too_much() {
            break;
        }
        match term {
            Term::Record(name) => {
                let answer = ask.ask(&name, RecordType::TXT).await;
                note(&mut counted, &name, &answer);
                let inner = answer.iter().flat_map(|records| texts(records)).find(|text| is_record(text));
                // In the order in which a receiver meets them.
                for term in inner.iter().flat_map(|text| terms(&name, text)).rev() {
                    left.push_front(term);
                }
            }
            Term::Address(name) => {
                let answer = match ask.ask(&name, RecordType::A).await {
                    Err(DnsFault::NoRecord) => ask.ask(&name, RecordType::AAAA).await,
                    answer => answer,
                };
                note(&mut counted, &name, &answer);
            }
            Term::Mx(name) => {
                let answer = ask.ask(&name, RecordType::MX).await;
                note(&mut counted, &name, &answer);
            }
            Term::Depends => {}
        }
    }
    counted
}

/// A name that is not there, or has nothing of the kind, was asked for in vain; a name server that fails is no fault of
/// the record.
fn note(counted: &mut Counted, name: &str, answer: &Result<Vec<RData>, DnsFault>) {
    if answer.as_ref().is_err_and(|fault| fault.is_about_name()) {
        counted.voids.push(name.to_owned());
    }
}

/// Section 4.5: the version section is exactly "v=spf1", ended by a space or the end.
pub(super) fn is_record(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower == "v=spf1" || lower.starts_with("v=spf1 ")
}

/// The terms of a record that ask DNS, in order; `redirect` last, and only where nothing matches everybody before it.
fn terms(domain: &str, record: &str) -> Vec<Term> {
    let (mut found, mut redirect, mut matches_all) = (Vec::new(), None, false);
    for word in record.to_ascii_lowercase().split_ascii_whitespace().skip(1).take(100) {
        let word = word.trim_start_matches(['+', '-', '~', '?']);
        if let Some(name) = word.strip_prefix("redirect=") {
            redirect = Some(named(name, Term::Record));
            continue;
        }
        let (name, rest) = word.split_at(word.find([':', '/']).unwrap_or(word.len()));
        // `a:host/24`, `a/24`: the length of the network does not matter here.
        let given = rest.strip_prefix(':').map(|rest| rest.split('/').next().unwrap_or_default());
        let target = given.unwrap_or(domain);
        match name {
            "include" => found.push(named(target, Term::Record)),
            "a" | "exists" => found.push(named(target, Term::Address)),
            "mx" => found.push(named(target, Term::Mx)),
            "ptr" => found.push(Term::Depends),
            "all" => {
                // Section 5.1: what stands behind `all` is never reached.
                matches_all = true;
                break;
            }
            _ => {}
        }
    }
    found.extend(redirect.filter(|_| !matches_all));
    found
}

fn named(name: &str, term: impl FnOnce(String) -> Term) -> Term {
    if name.contains('%') { Term::Depends } else { term(name.trim_end_matches('.').to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use hickory_resolver::proto::rr::rdata::{A, MX, TXT};
    use proptest::prelude::*;

    /// Records by name; what is not there does not exist.
    struct Zone(Vec<(&'static str, RData)>);

    impl Ask for Zone {
        fn ask<'a>(&'a self, name: &'a str, kind: RecordType) -> BoxFuture<'a, Result<Vec<RData>, DnsFault>> {
            if name == "slow.example" {
                return async { Err(DnsFault::Timeout) }.boxed();
            }
            let here = self.0.iter().filter(|(known, _)| *known == name);
            let found: Vec<RData> = here
                .clone()
                .filter(|(_, data)| data.record_type() == kind)
                .map(|(_, data)| data.clone())
                .collect();
            let there = here.count() > 0;
            async move {
                match (found.is_empty(), there) {
                    (false, _) => Ok(found),
                    (true, true) => Err(DnsFault::NoRecord),
                    (true, false) => Err(DnsFault::NoSuchName),
                }
            }
            .boxed()
        }
    }

    fn text(name: &'static str, record: &str) -> (&'static str, RData) {
        (name, RData::TXT(TXT::new(vec![record.to_owned()])))
    }

    #[track_caller]
    fn check(record: &str, lookups: usize, voids: &[&str], is_too_much: bool) {
        let host = |name| (name, RData::A(A::new(192, 0, 2, 1)));
        let exchanger = MX::new(10, "a.example".parse().expect("a name"));
        let zone = Zone(vec![
            host("a.example"),
            host("own.example"),
            ("own.example", RData::MX(exchanger)),
            text("four.example", "v=spf1 a:a.example a:a.example a:a.example -all"),
            text("circle.example", "v=spf1 include:circle.example -all"),
            text("void.example", "v=spf1 a:gone.example -all"),
        ]);
        let found = count(&zone, "own.example", record).now_or_never().expect("nothing is waited for");
        let told: Vec<&str> = found.voids.iter().map(String::as_str).collect();
        assert_eq!(
            (found.lookups, told.as_slice(), found.is_too_much()),
            (lookups, voids, is_too_much),
            "{record}"
        );
    }

    #[test]
    fn what_a_receiver_asks_and_asks_in_vain() {
        check("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", 0, &[], false);
        check("v=spf1 a mx a:a.example/24 -all", 3, &[], false);
        check("V=SPF1 +A ?MX ~include:four.example -ALL", 6, &[], false);
        check("v=spf1 include:four.example include:four.example include:four.example -all", 11, &[], true);
        check("v=spf1 include:circle.example -all", 11, &[], true);
        check("v=spf1 a:gone.example mx:gone.example -all", 2, &["gone.example", "gone.example"], false);
        let three = ["gone.example", "gone.example", "gone.example"];
        check("v=spf1 a:gone.example include:void.example exists:gone.example -all", 4, &three, true);
        // A name without this kind of record is in vain as well; a name server that fails is not.
        check("v=spf1 mx:a.example a:slow.example -all", 2, &["a.example"], false);
        check("v=spf1 ptr exists:%{i}.list.example a:a.example -all", 3, &[], false);
        check("v=spf1 redirect=four.example", 4, &[], false);
        check("v=spf1 -all redirect=four.example a:gone.example", 0, &[], false);
    }

    proptest! {
        #[test]
        fn any_record_is_counted_in_bounds(record in "v=spf1( [+~?-]?(a|mx|ptr|exists|include|all|redirect=)?[:/%.a-z0-9]{0,12}){0,40}|\\PC{0,200}") {
            let zone = Zone(vec![text("a", &record)]);
            let found = count(&zone, "a", &record).now_or_never().expect("nothing is waited for");
            prop_assert!(found.lookups <= MOST_LOOKUPS + 1 && found.voids.len() <= MOST_VOIDS + 1);
        }
    }
}
