//! TLS reporting, RFC 8460: is there one record, and does it say where reports go?

use futures::FutureExt;
use futures::future::BoxFuture;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::mta_sts::TlsRpt;
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set};
use crate::cause::Cause;
use crate::resolve::{DnsFault, RecordType, texts};

pub(super) const CHECK: Check = Check {
    name: "tls-report",
    asks: to_say!("Do senders know where to report failed TLS?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let begun = Instant::now();
        let name = round.service.domain.below("_smtp._tls");
        let records = match round.ask(&name, RecordType::TXT).await {
            Ok(records) => texts(&records),
            Err(DnsFault::NoSuchName | DnsFault::NoRecord) => Vec::new(),
            Err(_) => return Vec::new(),
        };
        vec![judge(Finding::ok(CHECK.name, &name, Path::Aside), &records).took(millis_since(begun))]
    }
    .boxed()
}

fn judge(finding: Finding, records: &[String]) -> Finding {
    let found: Vec<&String> = records.iter().filter(|text| text.starts_with("v=TLSRPTv1")).collect();
    match found.as_slice() {
        // Not everybody wants reports, and that is no fault.
        [] => finding.fact("record", "none"),
        [one] if TlsRpt::parse(one.as_bytes()).is_ok() => finding.fact("record", one),
        // RFC 8460 section 3: with more than one record, or a damaged one, nobody reports.
        _ => finding
            .fact("record", say!("damaged, or more than one"))
            .judged(Verdict::Degraded, Cause::Configuration),
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
    fn one_record_or_none() {
        let good = "v=TLSRPTv1; rua=mailto:tls@a.example";
        check(&[good], None);
        check(&[], None);
        check(&[good, good], Some(Cause::Configuration));
        check(&["v=TLSRPTv1"], Some(Cause::Configuration));
    }

    proptest! {
        #[test]
        fn any_records_are_judged(records in prop::collection::vec("(v=(DMARC1|DKIM1|spf1|TLSRPTv1))?[;:=/+?~a-zA-Z0-9.@ -]{0,120}|\\PC{0,300}", 0..4)) {
            let found = judge(Finding::ok(CHECK.name, "a", Path::Aside), &records);
            prop_assert!(found.verdict != Verdict::Unknown);
        }
    }
}
