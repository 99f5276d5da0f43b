//! The texts of every kind, for every sort of reader, of five causes: to be read aloud.

mod after;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use chrono::{NaiveDate, TimeZone as _};
use chrono_tz::Europe::Berlin;

use super::*;
use crate::cause::Cause;
use crate::config::{Hidden, Texts, Tone};
use crate::ids::{IncidentId, PersonId};
use crate::incident::{Capabilities, LastAssessment, Phase, Severity, Told, Verdict};
use crate::person::Person;
use crate::policy::{Alternative, Cadence, People};

const OK: Verdict = Verdict::Ok;
const DOWN: Verdict = Verdict::Down;
const SLOW: Verdict = Verdict::Degraded;

/// Tonight, in Berlin.
fn at(hour: u32, minute: u32) -> UtcMs {
    let day = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
    let local = day.and_hms_opt(hour, minute, 0).expect("a time");
    UtcMs::from(Berlin.from_local_datetime(&local).single().expect("one moment").to_utc())
}

fn policy() -> Policy {
    let each = |minutes: u64| Duration::from_secs(minutes * 60);
    let cadence = Cadence {
        first: each(15),
        each: BTreeMap::from([
            ("users".into(), each(60)),
            ("management".into(), each(60)),
            ("partners".into(), each(120)),
        ]),
    };
    let alternative = |text: &str, needs: &[crate::config::Needs], audience: &str| Alternative {
        text: text.into(),
        confirmed: NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day"),
        needs: needs.to_vec(),
        audiences: vec![audience.into()],
    };
    Policy {
        audiences: [
            ("users", Texts::Users),
            ("management", Texts::Management),
            ("partners", Texts::Partners),
        ]
        .into_iter()
        .map(|(name, texts)| Audience::new(name.into(), texts, Vec::new()))
        .collect(),
        cadences: BTreeMap::from([(Severity::Sev2, cadence)]),
        alternatives: vec![
            alternative("Webmail works; send there.", &[crate::config::Needs::Read], "users"),
            alternative("Urgent: 030 1234.", &[], "partners"),
        ],
        people: BTreeMap::from([("main".into(), People { count: Some(800), label: "people".into() })]),
        zone: Berlin,
        ..Policy::default()
    }
}

/// What is measured while something is broken: receive, send, read.
type Measured = (Verdict, Verdict, Verdict);

fn assessed(cause: Option<Cause>, (receive, send, read): Measured, at: UtcMs) -> Option<LastAssessment> {
    Some(LastAssessment {
        at,
        service: "main".into(),
        verdict: DOWN,
        cause,
        summary: String::new(),
        capabilities: Capabilities { receive, send, read, internal: Verdict::Unknown },
    })
}

fn incident(cause: Cause, measured: Measured) -> Incident {
    let mut incident = Incident::unborn(IncidentId(42));
    incident.version = 1;
    incident.severity = Severity::Sev2;
    incident.service = Some("main".into());
    incident.since = Some(at(2, 10));
    incident.declared_at = at(2, 12);
    incident.lead = Some(Person { id: PersonId(7), name: "ana".into() });
    incident.assessment = assessed(Some(cause), measured, at(2, 12));
    let capabilities = incident.assessment.as_ref().expect("assessed").capabilities;
    incident.telling.hurt = capabilities;
    incident.telling.fate = fate::Worst::default().and(capabilities, Some(cause));
    incident
}

/// As if every audience had read the text of this kind.
fn told(mut incident: Incident, kind: UpdateKind, when: UtcMs, policy: &Policy) -> Incident {
    for audience in &policy.audiences {
        let moment = Moment { now: when, ..Moment::default() };
        if let Some(words) = compose(&incident, audience, kind, &moment, policy) {
            let told = Told {
                number: 1,
                kind,
                text: words.text,
                at: when,
                next: None,
                works: kind.says_it_works() == Some(true),
                said: words.said,
                delivered: Vec::new(),
                undelivered: Vec::new(),
            };
            incident.told.insert(audience.name.clone(), told);
        }
    }
    incident
}

/// The incident at the moment of a text of this kind, that moment, and when the next word comes.
fn scene(
    kind: UpdateKind,
    cause: Cause,
    measured: Measured,
    policy: &Policy,
) -> (Incident, UtcMs, Option<UtcMs>) {
    let fresh = incident(cause, measured);
    let first = told(fresh.clone(), UpdateKind::First, at(2, 25), policy);
    let looked = |mut incident: Incident, when: UtcMs| {
        incident.assessment = assessed(Some(cause), measured, when);
        incident
    };
    match kind {
        UpdateKind::First => (fresh, at(2, 25), Some(at(3, 25))),
        UpdateKind::Holding => (looked(first, at(4, 10)), at(4, 15), Some(at(5, 15))),
        UpdateKind::HoldingUnacknowledged => {
            (Incident { lead: None, ..looked(first, at(3, 20)) }, at(3, 25), Some(at(4, 25)))
        }
        UpdateKind::Progress => {
            let with_eta = Incident { eta: Eta::At(at(3, 30)), ..fresh };
            let mut after = looked(told(with_eta, UpdateKind::First, at(2, 25), policy), at(3, 12));
            after.eta = Eta::Unknown;
            after.facts.sentence = "The first repair was not enough".into();
            (after, at(3, 14), Some(at(4, 15)))
        }
        UpdateKind::Works => (
            Incident { assessment: assessed(None, (OK, OK, OK), at(5, 0)), ..first },
            at(5, 0),
            Some(at(5, 15)),
        ),
        UpdateKind::Setback => {
            let mut after = looked(told(first, UpdateKind::Works, at(5, 0), policy), at(5, 5));
            after.phase = Phase::Investigating;
            (after, at(5, 5), Some(at(6, 5)))
        }
        UpdateKind::Correction => {
            let mut narrow = fresh;
            narrow.facts.impact = "Only phones cannot send".into();
            let mut after = told(narrow, UpdateKind::First, at(2, 25), policy);
            after.facts.impact = "Laptop programs cannot send either".into();
            if cause == Cause::DirectoryBroken {
                after.facts.impact = "Mail to some people does not arrive".into();
            }
            (looked(after, at(2, 44)), at(2, 44), Some(at(3, 45)))
        }
        UpdateKind::Resolution | UpdateKind::Digest => {
            let mut after = told(first, UpdateKind::Works, at(5, 0), policy);
            after.telling.works_since = Some(at(5, 0));
            after.proof.proved = Some(crate::incident::proof::Proved { since: at(5, 0), at: at(5, 12) });
            after.assessment = assessed(Some(cause), measured, at(2, 12));
            if kind == UpdateKind::Digest {
                after.phase = Phase::Resolved;
                after.resolved_at = Some(at(5, 12));
                return (after, at(6, 30), None);
            }
            (after, at(5, 12), None)
        }
    }
}

/// Moments as a reader in this zone sees them.
pub(crate) fn seen(text: &str, now: UtcMs, zone: chrono_tz::Tz) -> String {
    let mut seen = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<t:") {
        let (seconds, after) = after.split_once(':').expect("a moment");
        let (_, after) = after.split_once('>').expect("its end");
        let at = UtcMs(seconds.parse::<i64>().expect("seconds") * 1000);
        write!(seen, "{before}{}", Face::Plain.show(at, now, zone)).expect("written");
        rest = after;
    }
    seen + rest
}

fn all_texts(cause: Cause, measured: Measured) -> String {
    let policy = policy();
    let mut page = String::new();
    for &kind in UpdateKind::ALL {
        writeln!(page, "{}", kind.word()).expect("written");
        let (incident, now, next) = scene(kind, cause, measured, &policy);
        for audience in &policy.audiences {
            let moment = Moment { now, next, works_since: None };
            let Some(words) = compose(&incident, audience, kind, &moment, &policy) else {
                writeln!(page, "  {}: –", audience.name).expect("written");
                continue;
            };
            assert!(words.short.chars().count() <= SHORT, "{}", words.short);
            assert!(!words.text.contains("  ") && !words.text.contains(".."), "{}", words.text);
            writeln!(page, "  {}: {}", audience.name, seen(&words.text, now, Berlin)).expect("written");
            writeln!(page, "    {}", words.short).expect("written");
        }
    }
    page
}

#[test]
fn the_texts_when_a_certificate_has_expired() {
    insta::assert_snapshot!(all_texts(Cause::CertificateExpired, (OK, DOWN, OK)));
}

#[test]
fn the_texts_when_the_resolver_is_down() {
    insta::assert_snapshot!(all_texts(Cause::ResolverDown, (OK, DOWN, OK)));
}

#[test]
fn the_texts_when_the_host_is_gone() {
    insta::assert_snapshot!(all_texts(Cause::HostDown, (DOWN, DOWN, DOWN)));
}

#[test]
fn the_texts_when_the_storage_is_slow() {
    insta::assert_snapshot!(all_texts(Cause::StorageOverload, (SLOW, SLOW, SLOW)));
}

#[test]
fn the_texts_when_the_directory_refuses_people() {
    insta::assert_snapshot!(all_texts(Cause::DirectoryBroken, (DOWN, OK, OK)));
}

fn one(incident: &Incident, name: &str, kind: UpdateKind, now: UtcMs, policy: &Policy) -> String {
    let audience = policy.audience(&name.into()).expect("an audience");
    let moment = Moment { now, next: Some(at(6, 0)), works_since: None };
    compose(incident, audience, kind, &moment, policy)
        .map(|words| seen(&words.text, now, Berlin))
        .unwrap_or_default()
}

#[test]
fn arrives_is_said_only_while_the_receiving_probes_are_green() {
    let policy = policy();
    let green = incident(Cause::CertificateExpired, (OK, DOWN, OK));
    assert!(one(&green, "partners", UpdateKind::First, at(2, 40), &policy).contains("Your mail arrives."));
    let old = one(&green, "partners", UpdateKind::Holding, at(2, 43), &policy);
    assert!(!old.contains("arrives"), "measured half an hour ago: {old}");
    let red = incident(Cause::CertificateExpired, (Verdict::Unknown, DOWN, OK));
    assert!(!one(&red, "partners", UpdateKind::First, at(2, 13), &policy).contains("arrives"));
    let mut written = red;
    written.facts.mail = Some(fate::Fate::Arrives);
    assert!(!one(&written, "partners", UpdateKind::First, at(2, 13), &policy).contains("arrives"));
}

#[test]
fn an_alternative_is_named_only_while_it_holds() {
    let policy = policy();
    let read = |read| {
        one(
            &incident(Cause::CertificateExpired, (OK, DOWN, read)),
            "users",
            UpdateKind::First,
            at(2, 13),
            &policy,
        )
    };
    assert!(read(OK).contains("Webmail works"));
    assert!(!read(DOWN).contains("Webmail"), "it needs what is broken");
    let mut stale = policy.clone();
    stale.alternatives[0].confirmed = NaiveDate::from_ymd_opt(2026, 5, 1).expect("a day");
    let text = one(
        &incident(Cause::CertificateExpired, (OK, DOWN, OK)),
        "users",
        UpdateKind::First,
        at(2, 13),
        &stale,
    );
    assert!(!text.contains("Webmail"), "nobody has tried it for half a year");
}

#[test]
fn what_management_hides_and_what_it_decides() {
    let mut policy = policy();
    let mut incident = incident(Cause::CertificateExpired, (OK, DOWN, OK));
    incident.facts.decision = "May we buy a certificate for 200 €?".into();
    let text = one(&incident, "management", UpdateKind::First, at(2, 25), &policy);
    assert!(
        text.contains("SEV2") && text.contains("ana leads.") && text.contains("The certificate has expired")
    );
    assert!(text.contains("Decision needed: May we buy a certificate for 200 €?"), "{text}");
    policy.audiences[1].hides = vec![Hidden::Cause, Hidden::People, Hidden::Severity];
    let text = one(&incident, "management", UpdateKind::First, at(2, 25), &policy);
    assert!(!text.contains("SEV2") && !text.contains("ana") && !text.contains("certificate has"), "{text}");
    assert!(text.contains("One engineer leads."), "{text}");
}

#[test]
fn tones_and_drills() {
    let mut policy = policy();
    let mut incident = incident(Cause::CertificateExpired, (OK, DOWN, OK));
    policy.audiences[0].tone = Tone::Friendly;
    assert!(
        one(&incident, "users", UpdateKind::First, at(2, 25), &policy)
            .contains("We are sorry for the trouble.")
    );
    policy.audiences[0].tone = Tone::Brief;
    assert!(one(&incident, "users", UpdateKind::First, at(2, 25), &policy).chars().count() <= SHORT);
    incident.drill = true;
    assert!(
        one(&incident, "users", UpdateKind::First, at(2, 25), &policy)
            .starts_with("DRILL, nothing is wrong.")
    );
}

#[test]
fn an_expected_end_that_has_passed_is_not_repeated() {
    let policy = policy();
    let mut incident =
        told(incident(Cause::CertificateExpired, (OK, DOWN, OK)), UpdateKind::First, at(2, 25), &policy);
    incident.eta = Eta::At(at(3, 30));
    assert!(one(&incident, "users", UpdateKind::Holding, at(3, 25), &policy).contains("Expected end 03:30."));
    let text = one(&incident, "users", UpdateKind::Holding, at(4, 25), &policy);
    assert!(text.contains("The expected end 03:30 has passed; end unknown."), "{text}");
}

#[test]
fn an_own_language_and_own_texts_are_used() {
    let mut policy = policy();
    let mut english = Language::english();
    english.lay_over("[users]\nfirst = \"\"\"\nOwn: {{ impact }}.\n{{ next }}\n\"\"\"", &[]).expect("read");
    policy.languages.add(english);
    let incident = incident(Cause::CertificateExpired, (OK, DOWN, OK));
    assert_eq!(
        one(&incident, "users", UpdateKind::First, at(2, 25), &policy),
        "Own: Phones and mail programs cannot send. 06:00"
    );
    policy.audiences[0].language = "xx".into();
    assert!(
        one(&incident, "users", UpdateKind::First, at(2, 25), &policy).contains("since 02:10"),
        "the shipped one"
    );
}

#[test]
fn a_template_that_fails_at_night_is_replaced_by_the_shipped_one() {
    let mut policy = policy();
    let mut broken = Language::english();
    // Not to be had through the configuration, which tries every template.
    broken.lay_over("[users]\nfirst = \"{{ nothing }}\"", &[]).expect("read");
    policy.languages.add(broken);
    let incident = incident(Cause::CertificateExpired, (OK, DOWN, OK));
    assert!(one(&incident, "users", UpdateKind::First, at(2, 25), &policy).contains("since 02:10"));
}

#[test]
fn every_shipped_template_can_be_filled_in() {
    let texts = |reader: &str| match reader {
        "management" => Texts::Management,
        "partners" => Texts::Partners,
        _ => Texts::Users,
    };
    assert_eq!(judge(&Language::english(), texts), Ok(()));
    assert!(!variables(Texts::Users).iter().any(|name| name == "lead" || name == "cause"));
}

#[test]
fn no_reader_outside_has_a_field_for_a_name_or_a_cause() {
    let policy = policy();
    let mut incident = incident(Cause::CertificateExpired, (OK, DOWN, OK));
    incident.title = "mx1.example.org has an expired certificate".into();
    incident.assessment.as_mut().expect("assessed").summary = "192.0.2.7:587 CERT EXPIRED".into();
    for name in ["users", "partners"] {
        for &kind in UpdateKind::ALL {
            let text = one(&incident, name, kind, at(2, 30), &policy);
            for secret in ["mx1", "192.0.2.7", "ana", "SEV2", "clients that verify"] {
                assert!(!text.contains(secret), "{name} {kind:?}: {text}");
            }
        }
    }
}
