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
        }
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
        warnings.push(
            "Others keep the old answer until its TTL is over: `dig` shows how many seconds are left. No second \
             change before that."
                .to_owned(),
        );
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
            &["MTA-STS policy (mode enforce) names mx1", "TTL", "MX now"],
        );
        check("renew certificate, reload", &["TLSA record is out for mx1"]);
        check("send by a new relay", &["SPF says “v=spf1 mx -all”"]);
        check("restart node 2", &[]);
    }

    #[test]
    fn nothing_is_warned_of_that_is_not_there() {
        let text = "renew certificate, reload";
        assert!(breaks(Kind::guess(text), text, &Standing::default()).is_empty());
    }
}
