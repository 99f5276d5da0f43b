//! What reports of one group have in common, as one sentence: "9 people in 12 minutes, all cannot send, all phone, 3 sites: looks
//! like sending from programs". Only what is true of at least four fifths is said of all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use watchpost_texts::say;

use super::{Client, Report, Symptom, Threshold};
use crate::clock::UtcMs;

/// From this share on, something is said of "nearly all".
const NEARLY_ALL: f64 = 0.8;
/// So many people must name a partner before it is said of all.
const SEVERAL: u32 = 3;

/// What a set of reports has in common.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Common {
    /// People, counting whom a help desk speaks for.
    pub people: u32,
    /// From the first to the last.
    pub span: Duration,
    /// The symptom of nearly all, and whether it is that of all.
    pub symptom: Option<(Symptom, Share)>,
    /// The program of nearly all who named one.
    pub client: Option<(Client, Share)>,
    /// The partner of nearly all who named one.
    pub domain: Option<(String, Share)>,
    /// The sites that were named.
    pub sites: BTreeSet<String>,
    /// What that looks like.
    pub looks_like: Option<String>,
}

/// How much of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Every one.
    All,
    /// At least four fifths.
    NearlyAll,
}

/// What the reports have in common; the empty set has nothing.
pub fn common<'r>(reports: impl IntoIterator<Item = &'r Report>) -> Common {
    let reports: Vec<&Report> = reports.into_iter().collect();
    // One address in one text is no pattern.
    let naming = people(reports.iter().copied().filter(|report| report.domain.is_some()));
    let people = people(reports.iter().copied());
    let (first, last) = (reports.iter().map(|r| r.at).min(), reports.iter().map(|r| r.at).max());
    let symptom = most(reports.iter().map(|report| (report.symptom, report.people)));
    let client = most(reports.iter().filter_map(|report| Some((report.client?, report.people))));
    let domain = most(reports.iter().filter_map(|report| Some((report.domain.as_deref()?, report.people))));
    let domain = domain.filter(|_| naming >= SEVERAL).map(|(domain, share)| (domain.to_owned(), share));
    let partner = domain.as_ref().map(|(domain, _)| domain.as_str());
    let looks_like =
        symptom.and_then(|(symptom, _)| looks_like(symptom, client.map(|(client, _)| client), partner));
    Common {
        people,
        span: last.zip(first).map(|(last, first)| last.since(first)).unwrap_or_default(),
        symptom,
        client,
        domain,
        sites: reports.iter().filter_map(|report| report.site.clone()).collect(),
        looks_like,
    }
}

/// For how many people these were, counting whom a help desk speaks for.
pub fn people<'r>(reports: impl IntoIterator<Item = &'r Report>) -> u32 {
    reports.into_iter().map(|report| report.people).fold(0, u32::saturating_add)
}

/// Whether so many people reported in so short a time, up to `now`, that an incident is to be proposed.
pub fn crosses(reports: &[Report], threshold: Threshold, now: UtcMs) -> bool {
    let recent = reports.iter().filter(|report| now.since(report.at) <= threshold.within);
    people(recent) >= threshold.people
}

impl Common {
    /// The sentence for the people who work on it; empty where nobody reported.
    pub fn sentence(&self) -> String {
        if self.people == 0 {
            return String::new();
        }
        let who = if self.people == 1 { "1 person".to_owned() } else { say!("{} people", self.people) };
        let minutes = self.span.as_secs().div_ceil(60);
        let mut parts = vec![if minutes == 0 { who } else { say!("{who} in {minutes} min") }];
        parts.extend(self.symptom.map(|(symptom, share)| format!("{}{symptom}", share.word())));
        parts.extend(self.client.map(|(client, share)| format!("{}{client}", share.word())));
        if let Some((domain, share)) = &self.domain {
            let way = match self.symptom {
                Some((Symptom::CannotSend | Symptom::Bounced, _)) => "to",
                Some((Symptom::CannotReceive | Symptom::Delayed, _)) => "from",
                _ => "with",
            };
            parts.push(say!("{}{way} {domain}", share.word()));
        }
        match self.sites.len() {
            0 => {}
            1 => parts.extend(self.sites.first().cloned()),
            several => parts.push(say!("{several} sites")),
        }
        let looks_like = self.looks_like.as_ref().map(|what| say!(": looks like {what}"));
        let looks_like = looks_like.unwrap_or_default();
        format!("{}{looks_like}", parts.join(", "))
    }
}

impl Share {
    fn word(self) -> &'static str {
        match self {
            Share::All => "all ",
            Share::NearlyAll => say!("nearly all "),
        }
    }
}

/// The value of at least four fifths, weighted by people.
fn most<T: Ord + Copy>(values: impl Iterator<Item = (T, u32)>) -> Option<(T, Share)> {
    let mut counts: BTreeMap<T, u64> = BTreeMap::new();
    for (value, people) in values {
        *counts.entry(value).or_default() += u64::from(people);
    }
    let total: u64 = counts.values().sum();
    let (value, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    #[expect(clippy::cast_precision_loss, reason = "people are counted in thousands, not in quadrillions")]
    let share = count as f64 / total as f64;
    match share {
        1.0 => Some((value, Share::All)),
        share if share >= NEARLY_ALL => Some((value, Share::NearlyAll)),
        _ => None,
    }
}

/// What the most telling answers point at.
fn looks_like(symptom: Symptom, client: Option<Client>, partner: Option<&str>) -> Option<String> {
    if let Some(partner) = partner.filter(|_| symptom != Symptom::CannotLogIn) {
        return Some(say!("trouble between us and {partner}, not our own service"));
    }
    let what = match (symptom, client) {
        (Symptom::CannotSend, Some(Client::Phone | Client::Desktop | Client::Device)) => {
            "submission (587 or 465)"
        }
        (Symptom::CannotSend, Some(Client::Webmail)) => say!("the outgoing queue, not the programs"),
        (Symptom::CannotReceive, _) => say!("the way in (MX, filter or delivery)"),
        (Symptom::Delayed, _) => say!("a queue that does not drain"),
        (Symptom::CannotLogIn, Some(Client::Webmail)) => say!("webmail or the directory"),
        (Symptom::CannotLogIn, _) => say!("the login back end"),
        (Symptom::Bounced, _) => say!("a refusal; paste one of the texts into /explain"),
        (Symptom::CannotSend | Symptom::Else, _) => return None,
    };
    Some(what.to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ids::PersonId;
    use crate::person::Person;

    pub(in crate::report) fn report(
        minute: i64,
        symptom: Symptom,
        client: Option<Client>,
        site: &str,
        people: u32,
    ) -> Report {
        Report {
            by: Person { id: PersonId(1), name: "ana".into() },
            at: UtcMs(minute * 60_000),
            symptom,
            client,
            site: (!site.is_empty()).then(|| site.to_owned()),
            domain: None,
            service: None,
            text: None,
            people,
        }
    }

    #[track_caller]
    fn check(reports: &[Report], expected: &str) {
        assert_eq!(common(reports).sentence(), expected);
    }

    #[test]
    fn what_reports_have_in_common() {
        use Client::{Phone, Webmail};
        use Symptom::{Bounced, CannotLogIn, CannotReceive, CannotSend, Delayed};
        check(&[], "");
        check(
            &[report(0, Delayed, None, "", 1)],
            "1 person, all delayed: looks like a queue that does not drain",
        );
        check(
            &[
                report(0, CannotSend, Some(Phone), "Bonn", 6),
                report(5, CannotSend, Some(Phone), "Köln", 2),
                report(12, CannotSend, None, "Trier", 1),
            ],
            "9 people in 12 min, all cannot send, all phone, 3 sites: looks like submission (587 or 465)",
        );
        check(
            &[report(0, CannotLogIn, Some(Webmail), "Bonn", 9), report(1, Bounced, Some(Phone), "Bonn", 1)],
            "10 people in 1 min, nearly all cannot log in, nearly all webmail, Bonn: looks like webmail or the directory",
        );
        check(
            &[report(0, CannotSend, Some(Phone), "", 1), report(1, CannotReceive, Some(Webmail), "", 1)],
            "2 people in 1 min",
        );
    }

    #[test]
    fn five_people_within_an_hour_propose_an_incident() {
        let at = |minute| report(minute, Symptom::Delayed, None, "", 1);
        let five: Vec<Report> = [0, 10, 20, 30, 60].map(at).to_vec();
        assert!(crosses(&five, Threshold::default(), UtcMs(60 * 60_000)));
        assert!(!crosses(&five, Threshold::default(), UtcMs(61 * 60_000)), "the first is too old by then");
        let desk = [report(0, Symptom::Delayed, None, "", 10)];
        assert!(crosses(&desk, Threshold::default(), UtcMs(0)), "a help desk speaks for ten");
    }

    #[test]
    fn every_choice_reads_back() {
        for symptom in Symptom::ALL {
            assert_eq!(symptom.key().parse(), Ok(*symptom));
            assert_eq!(symptom.label().parse(), Ok(*symptom));
        }
        for client in Client::ALL {
            assert_eq!(client.key().parse(), Ok(*client));
        }
        assert!("carrier pigeon".parse::<Client>().is_err());
    }
}
