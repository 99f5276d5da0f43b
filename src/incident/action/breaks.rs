//! What a repair would break, by what the last check saw: policies and records that point at what is changed.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::check::{Finding, Verdict};

/// What the last check saw that a repair can break.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// The MTA-STS policy: its mode, and the hosts that it names.
    pub mta_sts: Option<(String, String)>,
    /// Places with a TLSA record.
    pub tlsa: Vec<String>,
    /// The SPF record.
    pub spf: Option<String>,
    /// The MX hosts.
    pub mx: Option<String>,
    /// Hosts with a DKIM key.
    pub dkim: Vec<String>,
    /// For how many seconds others keep the MX that they have.
    #[serde(default)]
    pub mx_ttl: Option<u32>,
}

impl Standing {
    /// What these findings say.
    pub fn of(findings: &[Finding]) -> Self {
        let first = |check: &str, fact: &str| {
            let found = findings.iter().filter(|finding| finding.check == check);
            found.filter_map(|finding| finding.facts.get(fact)).next().map(str::to_owned)
        };
        let has_records = |finding: &&Finding| finding.facts.get("records").is_some_and(|count| count != "0");
        let targets = |check: &str| -> Vec<String> {
            let found = findings.iter().filter(|finding| finding.check == check);
            found.filter(has_records).map(|finding| finding.target.clone()).collect()
        };
        let good =
            findings.iter().filter(|finding| finding.check == "dkim" && finding.verdict == Verdict::Ok);
        Standing {
            mta_sts: first("mta-sts", "mode").zip(first("mta-sts", "policy names")),
            tlsa: targets("dane"),
            spf: first("spf", "spf"),
            mx: first("mx", "mx"),
            dkim: good.map(|finding| finding.target.clone()).collect(),
            mx_ttl: first("name-servers", "mx ttl").and_then(|ttl| ttl.parse().ok()),
        }
    }

    /// What is known after these findings: what a quick run does not look at stays as the last long one saw it.
    #[must_use]
    pub fn after(self, findings: &[Finding]) -> Self {
        let looked_at = |check: &str| findings.iter().any(|finding| finding.check == check);
        let new = Standing::of(findings);
        Standing {
            mta_sts: if looked_at("mta-sts") { new.mta_sts } else { self.mta_sts },
            tlsa: if looked_at("dane") { new.tlsa } else { self.tlsa },
            spf: if looked_at("spf") { new.spf } else { self.spf },
            mx: new.mx.or(self.mx),
            dkim: if looked_at("dkim") { new.dkim } else { self.dkim },
            mx_ttl: new.mx_ttl.or(self.mx_ttl),
        }
    }
}

/// Seconds as people say them, rounded up.
fn long(seconds: u32) -> String {
    match seconds {
        0..=90 => format!("{seconds} seconds"),
        91..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
        more => format!("{} hours", more.div_ceil(3_600)),
    }
}

/// What a repair of this kind, in these words, would break; a sentence each.
pub fn breaks(kind: Kind, text: &str, standing: &Standing) -> Vec<String> {
    let text = text.to_lowercase();
    let mut warnings = Vec::new();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if kind == Kind::Certificate {
        warnings.extend(standing.tlsa.iter().map(|host| {
            format!("A TLSA record is out for {host}: publish the one of the new key first, and wait until its TTL is over.")
        }));
    }
    let moves_mx =
        kind == Kind::Dns && says(&["mx", "exchanger"]) || (kind == Kind::Replace && says(&["mx"]));
    if moves_mx {
        if let Some((mode, hosts)) = &standing.mta_sts {
            warnings.push(format!(
                "The MTA-STS policy (mode {mode}) names {hosts}: a host that it does not name gets no mail from \
                 those who keep to it. Change the policy and its id first."
            ));
        }
        if let Some(mx) = &standing.mx {
            warnings.push(format!("MX now: {mx}. Write it down, so that you can put it back."));
        }
    }
    if says(&["relay", "smarthost", "provider", "outgoing address", "new ip"])
        && let Some(spf) = &standing.spf
    {
        warnings.push(format!("SPF says “{spf}”: a relay that it does not name is refused by others."));
    }
    if says(&["dkim", "selector"]) && !standing.dkim.is_empty() {
        warnings
            .push("Keep the old DKIM key published for a week: mail under way is signed with it.".to_owned());
    }
    if kind == Kind::Dns {
        warnings.push(match standing.mx_ttl.filter(|_| moves_mx) {
            Some(ttl) => format!(
                "Others keep the MX that they have for up to {} (TTL {ttl}, as the name servers say). No second change \
                 before that; a proof is whole only afterwards.",
                long(ttl)
            ),
            None => "Others keep the old answer until its TTL is over: `dig` shows how many seconds are left. No second \
                     change before that."
                .to_owned(),
        });
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> Standing {
        Standing {
            mta_sts: Some(("enforce".to_owned(), "mx1.example.org".to_owned())),
            tlsa: vec!["mx1.example.org".to_owned()],
            spf: Some("v=spf1 mx -all".to_owned()),
            mx: Some("10 mx1.example.org".to_owned()),
            dkim: Vec::new(),
            mx_ttl: Some(3_600),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let warnings = breaks(Kind::guess(text), text, &standing());
        for word in expected {
            assert!(warnings.iter().any(|warning| warning.contains(word)), "{word} in {warnings:?}");
        }
        assert_eq!(warnings.is_empty(), expected.is_empty(), "{warnings:?}");
    }

    #[test]
    fn what_a_repair_would_break_is_said_before_it_is_done() {
        check(
            "move the MX to backup.example.net",
            &["MTA-STS policy (mode enforce) names mx1", "for up to 60 minutes (TTL 3600", "MX now"],
        );
        check("renew certificate, reload", &["TLSA record is out for mx1"]);
        check("send by a new relay", &["SPF says “v=spf1 mx -all”"]);
        check("restart node 2", &[]);
    }

    #[test]
    fn a_quick_look_keeps_what_a_long_one_saw() {
        use crate::check::Path;
        let mx = |mx: &str| Finding::ok("mx", "example.org", Path::Names).fact("mx", mx);
        let known = standing().after(&[mx("10 mx2.example.org")]);
        assert_eq!(known, Standing { mx: Some("10 mx2.example.org".to_owned()), ..standing() });
        let gone = Finding::ok("dane", "mx1.example.org", Path::Aside).fact("records", "0");
        assert!(known.after(&[gone]).tlsa.is_empty(), "the record was taken away");
        assert_eq!([long(60), long(3_600), long(86_400)], ["60 seconds", "60 minutes", "24 hours"]);
    }

    #[test]
    fn nothing_is_warned_of_that_is_not_there() {
        let text = "renew certificate, reload";
        assert!(breaks(Kind::guess(text), text, &Standing::default()).is_empty());
    }
}
