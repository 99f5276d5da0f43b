//! What is otherwise than when the service last worked: MX hosts, addresses, banner, EHLO words, TLS, certificate,
//! policies. It stands beside the fact that changed, because the change is often the cause.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use watchpost_texts::{say, to_say};

use super::finding::Finding;

/// The facts that are compared, with the name under which the earlier value is told.
const COMPARED: [(&str, &str); 13] = [
    ("mx", to_say!("mx was")),
    ("addresses", to_say!("addresses were")),
    ("greeting", to_say!("greeting was")),
    ("offers", to_say!("offered before")),
    ("tls", to_say!("tls was")),
    (to_say!("certificate sha256"), to_say!("certificate sha256 was")),
    ("spf", to_say!("spf was")),
    ("dmarc", to_say!("dmarc was")),
    (to_say!("policy names"), to_say!("policy named")),
    ("key", to_say!("key was")),
    (to_say!("name servers"), to_say!("name servers were")),
    (to_say!("a name that nobody has"), to_say!("a name that nobody has got before")),
    (to_say!("leads to"), to_say!("led to")),
];

/// The facts of a service when it last was as it should be: check, target, fact.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct LastGood {
    at: Option<DateTime<Utc>>,
    facts: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
}

impl LastGood {
    /// Remembers the facts of a good run. A check that did not run keeps what it told before.
    pub fn keep(&mut self, findings: &[Finding], now: DateTime<Utc>) {
        self.at = Some(now);
        for finding in findings {
            self.facts.remove(finding.check);
        }
        for finding in findings {
            for (name, _) in COMPARED {
                if let Some(value) = finding.facts.get(name) {
                    let targets = self.facts.entry(finding.check.to_owned()).or_default();
                    let facts = targets.entry(finding.target.clone()).or_default();
                    facts.insert(name.to_owned(), value.to_owned());
                }
            }
        }
    }

    /// Tells in each finding what is otherwise than it was.
    pub fn compare(&self, findings: &mut [Finding]) {
        let Some(at) = self.at else { return };
        for finding in findings {
            let Some(good) = self.facts.get(finding.check).and_then(|targets| targets.get(&finding.target))
            else {
                continue;
            };
            let mut changed = false;
            for (name, was) in COMPARED {
                let (Some(before), Some(now)) = (good.get(name), finding.facts.get(name)) else {
                    continue;
                };
                if without_clock(before) != without_clock(now) {
                    changed = true;
                    finding.facts.add(was, before);
                }
            }
            if changed {
                finding.facts.add(to_say!("changed since"), at.format("%Y-%m-%d %H:%M UTC"));
            }
        }
    }
}

/// Many servers write the time into their banner; that is no change.
fn without_clock(text: &str) -> String {
    let words = text.split(' ').filter(|word| !word.chars().any(|c| c.is_ascii_digit()) || word.len() > 40);
    if text.contains(':') { words.collect::<Vec<_>>().join(" ") } else { text.to_owned() }
}

/// What is otherwise than when the service last worked: where and what, what it was, what it is.
#[must_use]
pub fn changed(findings: &[Finding]) -> Vec<(String, String, String)> {
    let of_one = |finding: &Finding| {
        let pairs = COMPARED.iter().filter_map(|(name, was)| {
            let (before, now) = (finding.facts.get(was)?, finding.facts.get(name)?);
            Some((say!("{name} of {}", finding.target), before.to_owned(), now.to_owned()))
        });
        pairs.collect::<Vec<_>>()
    };
    findings.iter().flat_map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Path;
    use super::*;

    fn finding(name: &'static str, value: &str) -> Finding {
        Finding::ok("mx", "example.org", Path::Aside).fact(name, value)
    }

    #[track_caller]
    fn check(name: &'static str, before: &str, now: &str, was: &str, expected: Option<&str>) {
        let mut good = LastGood::default();
        good.keep(&[finding(name, before)], DateTime::from_timestamp(1_800_000_000, 0).expect("a time"));
        let mut findings = [finding(name, now)];
        good.compare(&mut findings);
        assert_eq!(findings[0].facts.get(was), expected);
        assert_eq!(findings[0].facts.get("changed since").is_some(), expected.is_some());
    }

    #[test]
    fn a_change_is_told_beside_the_fact() {
        check("mx", "10 a.", "10 b.", "mx was", Some("10 a."));
        check("mx", "10 a.", "10 a.", "mx was", None);
        check("offers", "SIZE STARTTLS", "SIZE", "offered before", Some("SIZE STARTTLS"));
        let banner = |time| format!("220 mail.example.org ESMTP; Mon, 23 Nov 2026 {time} +0000");
        check("greeting", &banner("10:00:00"), &banner("10:05:01"), "greeting was", None);
        check(
            "greeting",
            "220 mail ESMTP Postfix",
            "220 mail ESMTP Exim",
            "greeting was",
            Some("220 mail ESMTP Postfix"),
        );
    }

    #[test]
    fn nothing_is_told_before_the_first_good_run() {
        let mut findings = [finding("mx", "10 a.")];
        LastGood::default().compare(&mut findings);
        assert_eq!(findings[0].facts.iter().count(), 1);
    }
}
