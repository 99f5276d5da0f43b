//! DANE for SMTP, RFC 7672: do the TLSA records of the MX hosts fit their certificates?
//!
//! Only signed records bind senders, so an unsigned one that does not fit is told and no fault.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use hickory_resolver::proto::rr::rdata::TLSA;
use hickory_resolver::proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use tokio::time::Instant;
use watchpost_texts::{say, to_say};

use super::finding::{Finding, Path, Verdict};
use super::round::{Round, millis_since};
use super::{Check, Need, Set, smtp_relay};
use crate::cause::Cause;
use crate::resolve::{RData, RecordType};
use crate::service::{HostName, TlsMode};
use crate::transport::{Certificate, Target};

pub(super) const CHECK: Check = Check {
    name: "dane",
    asks: to_say!("Do the TLSA records fit the certificates?"),
    set: Set::Hygiene,
    needs: Need::Names,
    run,
};

fn run<'a>(round: &'a Round<'a>) -> BoxFuture<'a, Vec<Finding>> {
    async move {
        let hosts = round.incoming_hosts().await;
        join_all(hosts.iter().map(|host| probe(round, host))).await.into_iter().flatten().collect()
    }
    .boxed()
}

async fn probe(round: &Round<'_>, host: &HostName) -> Option<Finding> {
    let begun = Instant::now();
    let port = round.service.incoming.port;
    let name = host.below(&format!("_{port}._tcp"));
    let (records, signed) = round.ask_signed(&name, RecordType::TLSA).await.ok()?;
    let records: Vec<TLSA> = records.into_iter().filter_map(tlsa).collect();
    let places = round.places(host, port, TlsMode::Starttls).await;
    let certificate = first_certificate(round, places.into_iter().flatten()).await?;
    let finding = Finding::ok(CHECK.name, &name, Path::Aside).fact("records", records.len());
    Some(judge(finding, &records, signed, &certificate).took(millis_since(begun)))
}

fn tlsa(data: RData) -> Option<TLSA> {
    match data {
        RData::TLSA(record) => Some(record),
        _ => None,
    }
}

/// As the check `smtp-relay` has seen it; no second connection is made for it.
async fn first_certificate(round: &Round<'_>, targets: impl Iterator<Item = Target>) -> Option<Certificate> {
    for target in targets {
        let tls = round.first_talk(smtp_relay::CHECK.name, &target).await;
        if let Some(certificate) = tls.and_then(|tls| tls.certificate) {
            return Some(certificate);
        }
    }
    None
}

fn judge(finding: Finding, records: &[TLSA], signed: bool, certificate: &Certificate) -> Finding {
    // RFC 7672 section 3.1.3: usages 0 and 1 are not used for SMTP; 2 is about an authority, which is not compared.
    let own: Vec<&TLSA> = records.iter().filter(|record| record.cert_usage == CertUsage::DaneEe).collect();
    let authority = records.iter().any(|record| record.cert_usage == CertUsage::DaneTa);
    let finding = finding.fact("signed", if signed { "yes" } else { "no" });
    if own.iter().any(|record| fits(record, certificate)) {
        return finding.fact("fits", "yes");
    }
    if own.is_empty() || authority {
        return finding.fact("fits", say!("not compared"));
    }
    let finding = finding.fact("fits", "no").fact(to_say!("key sha256"), &certificate.key_fingerprint);
    if signed { finding.judged(Verdict::Degraded, Cause::DaneMismatch) } else { finding }
}

/// The forms that are in use: SHA-256 of the key, or of the certificate.
fn fits(record: &TLSA, certificate: &Certificate) -> bool {
    let digest: String = record.cert_data.iter().map(|byte| format!("{byte:02x}")).collect();
    match (record.selector, record.matching) {
        (Selector::Spki, Matching::Sha256) => digest == certificate.key_fingerprint,
        (Selector::Full, Matching::Sha256) => digest == certificate.fingerprint,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(usage: CertUsage, first: u8) -> TLSA {
        TLSA::new(usage, Selector::Spki, Matching::Sha256, vec![first; 32])
    }

    #[track_caller]
    fn check(records: &[TLSA], signed: bool, expected: Option<Cause>) {
        let time = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let certificate = Certificate {
            not_before: time,
            not_after: time,
            names: vec![],
            issuer: String::new(),
            fingerprint: "00".repeat(32),
            key_fingerprint: "aa".repeat(32),
            trusted: true,
            name_matches: true,
        };
        let finding = Finding::ok(CHECK.name, "a", Path::Aside);
        assert_eq!(judge(finding, records, signed, &certificate).cause, expected);
    }

    #[test]
    fn only_signed_records_that_do_not_fit_are_a_fault() {
        let (good, bad) = (|| record(CertUsage::DaneEe, 0xaa), || record(CertUsage::DaneEe, 0xbb));
        check(&[good()], true, None);
        check(&[bad(), good()], true, None); // One that fits is enough: a key is rolled over like this.
        check(&[bad()], true, Some(Cause::DaneMismatch));
        check(&[bad()], false, None);
        check(&[bad(), record(CertUsage::DaneTa, 1)], true, None);
        check(&[record(CertUsage::PkixEe, 0xbb)], true, None);
    }
}
