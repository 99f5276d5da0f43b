//! DMARC, RFC 9989: is there one record, and may reports go where it sends them?

use futures::FutureExt;
use futures::future::BoxFuture;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dmarc::{Dmarc, Policy};
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RecordType, texts};

pub(super) const CHECK: Check = Check {
    name: "dmarc",
    asks: to_say!("Is there a DMARC policy, and do its reports arrive?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let begun = Instant::now();
        let name = round.service.domain.below("_dmarc");
        let records = match round.ask(&name, RecordType::TXT).await {
            Ok(records) => texts(&records),
            Err(DnsFault::NoSuchName | DnsFault::NoRecord) => Vec::new(),
            Err(_) => return Vec::new(),
        };
        let finding = Finding::ok(CHECK.name, &name, Path::Aside).took(millis_since(begun));
        let (finding, policy) = judge(finding, &records);
        let refused = match policy {
            Some(policy) => without_consent(round, &policy).await,
            None => None,
        };
        vec![match refused {
            Some(domain) => {
                let finding = finding.fact(to_say!("reports not accepted by"), domain);
                finding.judged(Verdict::Degraded, Cause::MailAuthenticationFailed)
            }
            None => finding,
        }]
    }
    .boxed()
}

fn judge(finding: Finding, records: &[String]) -> (Finding, Option<Dmarc>) {
    let found: Vec<&String> =
        records.iter().filter(|text| text.trim_start().starts_with("v=DMARC1")).collect();
    match found.as_slice() {
        [] => {
            (finding.fact("dmarc", "none").judged(Verdict::Degraded, Cause::MailAuthenticationMissing), None)
        }
        [one] => match Dmarc::parse(one.as_bytes()) {
            Ok(policy) => {
                let word = match policy.p {
                    Policy::Reject => "reject",
                    Policy::Quarantine => "quarantine",
                    Policy::None | Policy::Unspecified => say!("none: failing mail is only reported"),
                };
                (finding.fact("dmarc", one).fact("policy", word), Some(policy))
            }
            Err(_) => {
                let finding = finding.fact("damaged", one);
                (finding.judged(Verdict::Degraded, Cause::MailAuthenticationFailed), None)
            }
        },
        many => {
            let finding = finding.fact(to_say!("dmarc records"), many.len());
            (finding.judged(Verdict::Degraded, Cause::MailAuthenticationFailed), None)
        }
    }
}

/// RFC 9990 section 4: another domain takes reports only if it says so at `<ours>._report._dmarc.<theirs>`.
async fn without_consent(round: &Round<'_>, policy: &Dmarc) -> Option<String> {
    let ours = round.service.domain.as_str();
    for uri in policy.rua.iter().take(5) {
        let Some((_, domain)) = uri.uri.rsplit_once('@') else {
            continue;
        };
        let domain = domain.trim_end_matches('.').to_ascii_lowercase();
        if domain == ours || domain.ends_with(&format!(".{ours}")) || ours.ends_with(&format!(".{domain}")) {
            continue;
        }
        let answer = round.ask(&format!("{ours}._report._dmarc.{domain}"), RecordType::TXT).await;
        if matches!(answer, Err(fault) if fault.is_about_name()) {
            return Some(domain);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(records: &[&str], cause: Option<Cause>) {
        let records: Vec<String> = records.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(judge(Finding::ok(CHECK.name, "a", Path::Aside), &records).0.cause, cause, "{records:?}");
    }

    #[test]
    fn one_record_that_can_be_read() {
        check(&["v=DMARC1; p=reject; rua=mailto:dmarc@a.example"], None);
        check(&["v=DMARC1; p=none"], None);
        check(&["hello"], Some(Cause::MailAuthenticationMissing));
        check(&["v=DMARC1; p=reject", "v=DMARC1; p=none"], Some(Cause::MailAuthenticationFailed));
    }

    proptest! {
        #[test]
        fn any_records_are_judged(records in prop::collection::vec("(v=(DMARC1|DKIM1|spf1|TLSRPTv1))?[;:=/+?~a-zA-Z0-9.@ -]{0,120}|\\PC{0,300}", 0..4)) {
            let found = judge(Finding::ok(CHECK.name, "a", Path::Aside), &records).0;
            prop_assert!(found.verdict != Verdict::Unknown);
        }
    }
}
