//! The DKIM keys of the configured selectors, RFC 6376 section 3.6 and RFC 8301.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RecordType, texts};

pub(super) const CHECK: Check = Check {
    name: "dkim",
    asks: to_say!("Are the keys of the DKIM selectors published?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let found =
            join_all(round.service.dkim_selectors.iter().map(|selector| probe(round, selector))).await;
        found.into_iter().flatten().collect()
    }
    .boxed()
}

async fn probe(round: &Round<'_>, selector: &str) -> Option<Finding> {
    let begun = Instant::now();
    let name = round.service.domain.below(&format!("{selector}._domainkey"));
    let records = match round.ask(&name, RecordType::TXT).await {
        Ok(records) => texts(&records),
        Err(DnsFault::NoSuchName | DnsFault::NoRecord) => Vec::new(),
        Err(_) => return None,
    };
    let finding = Finding::ok(CHECK.name, &name, Path::Aside).took(millis_since(begun));
    Some(judge(finding, &records))
}

fn judge(finding: Finding, records: &[String]) -> Finding {
    let Some(record) = records.first() else {
        return finding.fact("key", "none").judged(Verdict::Degraded, Cause::MailAuthenticationMissing);
    };
    let key = record.split(';').find_map(|tag| tag.trim().strip_prefix("p=")).map(str::trim);
    match key {
        // RFC 6376 section 3.6.1: an empty p= means that the key was taken back.
        Some("") => finding.fact("key", "revoked").judged(Verdict::Degraded, Cause::MailAuthenticationFailed),
        Some(_) if DomainKey::parse(record.as_bytes()).is_ok() => {
            let testing = record.split(';').any(|tag| tag.trim() == "t=y");
            finding.fact("key", if testing { say!("published, in testing") } else { "published" })
        }
        _ => finding.fact("key", "damaged").judged(Verdict::Degraded, Cause::MailAuthenticationFailed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(records: &[&str], cause: Option<Cause>) {
        let records: Vec<String> = records.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(judge(Finding::ok(CHECK.name, "a", Path::Aside), &records).cause, cause, "{records:?}");
    }

    #[test]
    fn a_key_is_there_taken_back_or_damaged() {
        // The Ed25519 key of RFC 8463 appendix A.
        check(&["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="], None);
        check(&["v=DKIM1; k=rsa; p="], Some(Cause::MailAuthenticationFailed));
        check(&["v=DKIM1; k=rsa; p=!!!"], Some(Cause::MailAuthenticationFailed));
        check(&["v=DKIM1; k=rsa"], Some(Cause::MailAuthenticationFailed));
        check(&[], Some(Cause::MailAuthenticationMissing));
    }

    proptest! {
        #[test]
        fn any_records_are_judged(records in prop::collection::vec("(v=(DMARC1|DKIM1|spf1|TLSRPTv1))?[;:=/+?~a-zA-Z0-9.@ -]{0,120}|\\PC{0,300}", 0..4)) {
            let found = judge(Finding::ok(CHECK.name, "a", Path::Aside), &records);
            prop_assert!(found.verdict != Verdict::Unknown);
        }
    }
}
