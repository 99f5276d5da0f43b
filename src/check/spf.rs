//! SPF, RFC 7208: is there one record, does it keep to the limits, and does it let the service's own addresses send?

mod limits;

use std::net::IpAddr;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{MessageAuthenticator, SpfResult};
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RData, RecordType, texts};

pub(super) const CHECK: Check = Check {
    name: "spf",
    asks: to_say!("May the service's addresses send for the domain?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let begun = Instant::now();
        let answer = round.ask(round.service.domain.as_str(), RecordType::TXT).await;
        let finding = Finding::ok(CHECK.name, &round.service.domain, Path::Aside).took(millis_since(begun));
        let records = match answer {
            Ok(records) => texts(&records),
            Err(DnsFault::NoRecord) => Vec::new(),
            // The check `mx` says what is wrong with the name itself.
            Err(_) => return Vec::new(),
        };
        let mut finding = judge_records(finding, &records);
        if let Some(record) =
            records.iter().find(|text| limits::is_record(text)).filter(|_| finding.cause.is_none())
        {
            let counted = limits::count(round, round.service.domain.as_str(), record).await;
            finding = judge_limits(finding, &counted);
        }
        if finding.cause.is_some() {
            return vec![finding];
        }
        let mut findings = vec![finding];
        findings.extend(refused_addresses(round).await);
        findings
    }
    .boxed()
}

fn judge_records(finding: Finding, records: &[String]) -> Finding {
    let found: Vec<&String> = records.iter().filter(|text| limits::is_record(text)).collect();
    match found.as_slice() {
        [] => finding.fact("spf", "none").judged(Verdict::Degraded, Cause::MailAuthenticationMissing),
        [one] => finding.fact("spf", one),
        many => {
            // Section 4.5: more than one record is a permanent error, as if all mail failed.
            let finding = finding.fact(to_say!("spf records"), many.len());
            finding.judged(Verdict::Degraded, Cause::MailAuthenticationFailed)
        }
    }
}

impl limits::Ask for Round<'_> {
    fn ask<'a>(&'a self, name: &'a str, kind: RecordType) -> BoxFuture<'a, Result<Vec<RData>, DnsFault>> {
        Round::ask(self, name, kind).boxed()
    }
}

fn judge_limits(finding: Finding, counted: &limits::Counted) -> Finding {
    let mut finding = finding.fact("look-ups", counted.lookups);
    if !counted.voids.is_empty() {
        finding.facts.add(to_say!("asked in vain"), counted.voids.join(", "));
    }
    match counted.is_too_much() {
        true => finding.judged(Verdict::Degraded, Cause::MailAuthenticationFailed),
        false => finding,
    }
}

/// Asks for each outbound address what a receiver would ask.
async fn refused_addresses(round: &Round<'_>) -> Vec<Finding> {
    let Some(resolver) = round.names.resolver(&round.sound().await) else {
        return Vec::new();
    };
    let authenticator = MessageAuthenticator(resolver);
    let addresses = super::reverse_name::outbound(round).await;
    let findings =
        join_all(addresses.into_iter().map(|(_, address)| evaluate(round, &authenticator, address))).await;
    findings.into_iter().flatten().collect()
}

async fn evaluate(
    round: &Round<'_>,
    authenticator: &MessageAuthenticator,
    address: IpAddr,
) -> Option<Finding> {
    let domain = round.service.domain.as_str();
    let sender = format!("postmaster@{domain}");
    let asked = authenticator.verify_spf(SpfParameters::verify_mail_from(address, domain, domain, &sender));
    let output = tokio::time::timeout(round.service.limits.whole, asked).await.ok()?;
    let word = match output.result() {
        SpfResult::Pass => return None,
        SpfResult::Fail => "fail",
        SpfResult::SoftFail => "softfail",
        SpfResult::Neutral => "neutral",
        SpfResult::PermError => "permerror",
        // A temporary error is ours as well as theirs, and says nothing.
        SpfResult::TempError | SpfResult::None => return None,
    };
    let finding =
        Finding::ok(CHECK.name, say!("{domain} {address}"), Path::Aside).fact(to_say!("spf says"), word);
    Some(finding.judged(Verdict::Degraded, Cause::MailAuthenticationFailed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(records: &[&str], cause: Option<Cause>) {
        let records: Vec<String> = records.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(judge_records(Finding::ok(CHECK.name, "a", Path::Aside), &records).cause, cause);
    }

    #[test]
    fn exactly_one_record() {
        check(&["hello", "v=spf1 mx -all"], None);
        check(&["V=SPF1"], None);
        check(&["v=spf10 mx -all"], Some(Cause::MailAuthenticationMissing));
        check(&[], Some(Cause::MailAuthenticationMissing));
        check(&["v=spf1 -all", "v=spf1 mx -all"], Some(Cause::MailAuthenticationFailed));
    }

    proptest! {
        #[test]
        fn any_records_are_judged(records in prop::collection::vec("(v=(DMARC1|DKIM1|spf1|TLSRPTv1))?[;:=/+?~a-zA-Z0-9.@ -]{0,120}|\\PC{0,300}", 0..4)) {
            let found = judge_records(Finding::ok(CHECK.name, "a", Path::Aside), &records);
            prop_assert!(found.verdict != Verdict::Unknown);
        }
    }
}
