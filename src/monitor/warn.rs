//! What will break, and does not yet: from findings to warnings.
//!
//! 1. Every certificate of a run goes to the book, which knows what each place showed before.
//! 2. Other matters of care are told when two runs in a row have found them; a second look comes after ten minutes.
//! 3. A warning whose check found nothing twice is gone.
//! 4. What was warned goes into the incident that follows, once.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{NaiveDateTime, TimeZone as _, Utc};
use watchpost_texts::say;

use super::{Watching, about, observe};
use crate::book::warning::{Certificate, Found, WarningRequest, words};
use crate::book::{Book, window};
use crate::cause::Cause;
use crate::check::{Finding, Set, Verdict};
use crate::clock::UtcMs;
use crate::desk::Desk;
use crate::ids::ServiceName;
use crate::incident::Incident;
use crate::incident::decide::Request;
use crate::incident::event::EntryKind;
use crate::store::DedupeKey;

/// After what time something is looked at again before it is told.
pub(super) const SECOND_LOOK: Duration = Duration::from_secs(600);
/// How old an incident may be to be told what was warned.
const NEW: Duration = Duration::from_secs(600);
/// What was warned this long ago counts as "before it".
const BEFORE: Duration = Duration::from_secs(45 * 86_400);

/// What earlier runs saw: causes with the check and what they are about, and how often in a row; and warnings that were
/// missing.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    found: BTreeMap<(Cause, &'static str, String), u8>,
    missed: BTreeMap<u64, u8>,
    look_again: bool,
}

impl Seen {
    /// Whether something was seen once, and a second look will tell.
    pub fn wants_another_look(&self) -> bool {
        self.look_again
    }

    /// What one more run makes known.
    pub fn after(
        &mut self,
        name: &ServiceName,
        set: Set,
        watching: &Watching,
        book: &Book,
        _now: UtcMs,
    ) -> Vec<WarningRequest> {
        let findings = &watching.assessment.findings;
        let mut requests = Vec::new();
        let seen: Vec<Certificate> = findings.iter().filter_map(certificate).collect();
        if !seen.is_empty() {
            requests.push(WarningRequest::Certificates { service: name.clone(), seen });
        }
        let ran = |check: &str| findings.iter().any(|finding| finding.check == check);
        let asked = |cause| set.asks_as_people() || !needs_login(cause);
        let care: Vec<&Finding> = findings.iter().filter(|finding| is_told(finding)).collect();
        // A run that did not ask the same question takes nothing back: quick ones ask neither registry nor policies.
        self.found.retain(|(cause, check, subject), _| {
            care.iter().any(|one| one.cause == Some(*cause) && subject_of(one) == *subject)
                || !asked(*cause)
                || !findings.iter().any(|one| one.check == *check && one.target == *subject)
        });
        self.look_again = false;
        for finding in &care {
            let Some(cause) = finding.cause else { continue };
            let times = self.found.entry((cause, finding.check, subject_of(finding))).or_insert(0);
            *times = times.saturating_add(1);
            if *times >= 2 {
                requests.push(found(name, cause, finding));
            } else {
                self.look_again = true;
            }
        }
        let of_service = book.warnings.open.iter().filter(|one| one.service == *name);
        let open = of_service.filter(|one| ran(&one.check) && asked(one.cause));
        for warning in open {
            let still =
                care.iter().any(|one| one.cause == Some(warning.cause) && subject_of(one) == warning.subject);
            let missed = self.missed.entry(warning.number).or_insert(0);
            *missed = if still { 0 } else { missed.saturating_add(1) };
            if *missed >= 2 {
                requests.push(WarningRequest::Gone { number: warning.number });
            }
        }
        self.missed.retain(|number, _| book.warnings.get(*number).is_some());
        requests
    }
}

/// Only a run that logs in can find it, or find it no more.
fn needs_login(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::ProbePasswordWrong
            | Cause::MailboxFull
            | Cause::DeliveredToJunk
            | Cause::ClockWrong
            | Cause::ProberRateLimited
    )
}

/// A matter of care that is not told as a certificate.
fn is_told(finding: &Finding) -> bool {
    // One of several name servers that is silent, or says otherwise than the others: mail goes on by the rest of them.
    let of_a_name_server = finding.check == "name-servers" && finding.verdict == Verdict::Degraded;
    of_a_name_server
        || matches!(finding.verdict, Verdict::Degraded | Verdict::Down | Verdict::Unknown)
            && finding.cause.is_some_and(|cause| {
                observe::is_care(cause) && cause != Cause::CertificateExpiring
                // Seen by an anonymous sender only now and then: that is what it is for.
                && cause != Cause::Greylisting
            })
}

/// A warning about the same thing has the same subject, whatever the address.
fn subject_of(finding: &Finding) -> String {
    match finding.cause {
        // One probe account, however many ports refuse it.
        Some(Cause::ProbePasswordWrong) => say!("probe account").to_owned(),
        // And one mailbox, whoever says that it is full.
        Some(Cause::MailboxFull) => say!("probe mailbox").to_owned(),
        _ => finding.target.clone(),
    }
}

fn found(name: &ServiceName, cause: Cause, finding: &Finding) -> WarningRequest {
    let shown: Vec<String> =
        finding.facts.iter().take(3).map(|(fact, value)| say!("{fact}: {value}")).collect();
    let text = match cause {
        Cause::ProbePasswordWrong => say!(
            "The probe account of {name} cannot log in: its password is refused. That is a matter of the probe, not of mail; logins and delivery are not watched until it is mended. It is not tried again for 15 minutes each time, so that no lockout follows."
        ),
        _ => {
            let next = cause.what_to_do().first().map(|step| say!(" Next: {step}")).unwrap_or_default();
            let facts = if shown.is_empty() { String::new() } else { format!(" ({})", shown.join("; ")) };
            format!("{} {}{facts}{next}", cause.meaning(), finding.target)
        }
    };
    WarningRequest::Found(Found {
        service: name.clone(),
        check: finding.check.to_owned(),
        cause,
        subject: subject_of(finding),
        text,
        ends: ends(finding),
    })
}

/// The check under whose name growing delay is warned of.
const GROWTH: &str = "growth";

/// Delivery that takes much longer than at the same hour of the last weeks, in seconds now and then; or no longer.
pub(super) fn delay(name: &ServiceName, grown: Option<(f64, f64)>, book: &Book) -> Vec<WarningRequest> {
    let known = book.warnings.open.iter().find(|one| one.service == *name && one.check == GROWTH);
    match (grown, known) {
        (Some((now, usual)), None) => vec![WarningRequest::Found(Found {
            service: name.clone(),
            check: GROWTH.to_owned(),
            cause: Cause::DeliverySlow,
            subject: "delivery".to_owned(),
            text: say!(
                "Mail takes {now:.0} s to its mailbox; at this hour of the last weeks it took {usual:.0} s. It still arrives. Look at the queue before users notice."
            ),
            ends: None,
        })],
        (None, Some(known)) => vec![WarningRequest::Gone { number: known.number }],
        _ => Vec::new(),
    }
}

/// When something ends, as a check tells it: the registration of a domain.
fn ends(finding: &Finding) -> Option<UtcMs> {
    moment(finding.facts.get("registered until")?)
}

fn certificate(finding: &Finding) -> Option<Certificate> {
    let (host, _) = finding.at.as_ref()?;
    Some(Certificate {
        place: finding.target.clone(),
        host: host.to_string(),
        fingerprint: finding.facts.get("certificate sha256")?.to_owned(),
        issuer: finding.facts.get("certificate issuer")?.to_owned(),
        until: moment(finding.facts.get("certificate until")?)?,
    })
}

/// As the facts write it: `2026-11-24 01:10 UTC`.
fn moment(text: &str) -> Option<UtcMs> {
    let text = text.trim_end_matches(" UTC");
    let parsed = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").ok()?;
    Some(Utc.from_utc_datetime(&parsed).into())
}

/// What was warned, to whom, and what came of it; and what kept the alarm back. Empty where there was nothing.
fn known_before(book: &Book, service: &ServiceName, incident: &Incident, now: UtcMs) -> String {
    let warned = book.warnings.of(service, now - BEFORE).map(words::history);
    let (began, declared) = (incident.began(), incident.declared_at);
    let kept_back = book.windows.between(service, began, declared).map(window::words::kept_back);
    kept_back.take(3).chain(warned.take(5)).collect::<Vec<_>>().join("\n")
}

/// Tells each new incident what was known before it.
pub(super) async fn tell_new_incidents(desk: &Desk) {
    let Some(guild) = desk.policy().alarm_guild else { return };
    let (now, book) = (desk.clock().now(), desk.book());
    for incident in desk.open_incidents(guild) {
        let Some(service) = incident.service.as_ref().filter(|_| now.since(incident.declared_at) <= NEW)
        else {
            continue;
        };
        let known = known_before(&book, service, &incident, now);
        if known.is_empty() || incident.entries.iter().any(|entry| entry.text == known) {
            continue;
        }
        let request = Request::Log { kind: EntryKind::Finding, text: known, at: None };
        let once = Some(DedupeKey(format!("warned/{}", incident.id)));
        let ask = crate::desk::Ask { once, ..about(&incident, request) };
        if let Err(refusal) = desk.ask(ask).await {
            tracing::debug!(id = %incident.id, code = refusal.code(), "what was warned is told already");
        }
    }
}
