//! Nights as scripts: nobody answers, somebody writes, a proof fails, two people look at one text.

use super::*;

#[test]
fn a_night_in_which_nobody_answers_until_half_past_three() {
    let mut play = certificate_night();
    play.until(at(3, 31));
    play.line("ana has it");
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(4, 40));
    play.line("ana writes");
    play.tell(&Play::ana(), "The certificate is renewed on one of two nodes", Some(Eta::At(at(5, 0))));
    play.until(at(5, 0));
    play.line("the proof begins");
    play.seen = Some((None, (OK, OK, OK)));
    play.look();
    let last_word = at(5, 15);
    play.decides(|incident, context| tell::works(incident, Some(last_word), context));
    play.until(at(5, 12));
    play.line("ana closes it");
    play.ask(&Play::ana(), Request::Proof(ProofRequest::Override { why: "proved".into() })).expect("closed");
    play.until(at(9, 0));
    insta::assert_snapshot!(play.page);
    // The questions of the review come in the afternoon; they are no text for stakeholders.
    play.timers.retain(|timer, _| !matches!(timer, TimerKey::Review(_)));
    assert!(play.timers.is_empty(), "nothing is owed any more: {:?}", play.timers);
}

#[test]
fn a_proof_that_fails_is_told_only_to_those_who_were_told_that_it_works() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(2, 30));
    play.decides(|incident, context| tell::works(incident, Some(at(2, 50)), context));
    play.until(at(2, 45));
    play.decides(tell::setback);
    let users: Vec<UtcMs> =
        play.arrived.iter().filter(|(_, name, _)| name.as_str() == "users").map(|(at, _, _)| *at).collect();
    assert_eq!(users, [at(2, 27), at(2, 30), at(2, 45)], "{}", play.page);
    assert!(!play.incident.told.contains_key(&"partners".into()), "partners heard nothing of it");
}

#[test]
fn no_phase_severity_or_log_makes_a_text() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(2, 40));
    let before = play.arrived.len();
    let phase = Request::SetPhase { to: crate::incident::Phase::Identified, why: "found".into() };
    play.ask(&Play::ana(), phase).expect("set");
    play.ask(&Play::ana(), Request::SetSeverity { to: Severity::Sev3, why: "few".into() }).expect("set");
    let log =
        Request::Log { kind: crate::incident::event::EntryKind::Finding, text: "timer".into(), at: None };
    play.ask(&Play::ana(), log).expect("logged");
    play.until(at(3, 0));
    assert_eq!(play.arrived.len(), before, "{}", play.page);
}

#[test]
fn what_gets_worse_is_told_at_once_and_never_within_ten_minutes() {
    let mut play = certificate_night();
    play.until(at(2, 33));
    play.seen = Some((Some(Cause::HostDown), (DOWN, DOWN, DOWN)));
    play.look();
    play.until(at(2, 50));
    let users: Vec<UtcMs> =
        play.arrived.iter().filter(|(_, name, _)| name.as_str() == "users").map(|(at, _, _)| *at).collect();
    assert_eq!(users, [at(2, 27), at(2, 37)], "ten minutes after the first text: {}", play.page);
    // Better news wait for the proof: nobody is told that it works because one probe said so.
    play.seen = Some((Some(Cause::CertificateExpired), (OK, DOWN, OK)));
    play.until(at(3, 20));
    assert_eq!(play.count("users"), 2, "{}", play.page);
}

#[test]
fn two_texts_without_a_word_call_the_next_responder() {
    let mut play = certificate_night();
    play.until(at(4, 0));
    assert_eq!(play.incident.telling.unwritten, 1, "{}", play.page);
    assert!(!play.page.contains("nobody has written"));
    let mut play = certificate_night();
    play.until(at(4, 30));
    assert!(play.page.contains("nobody has written a word"), "{}", play.page);
    assert!(play.page.contains("ben") || play.page.contains("ana"), "{}", play.page);
    // A word of a person begins the count anew.
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(3, 40));
    play.tell(&Play::ana(), "We wait for the registrar", None);
    play.until(at(5, 10));
    assert!(!play.page.contains("nobody has written"), "{}", play.page);
}

#[test]
fn later_moves_one_due_time_and_never_the_cadence() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(3, 21));
    play.telling(&Play::ana(), TellingRequest::Later).expect("moved");
    play.until(at(3, 39));
    assert_eq!(play.count("users"), 1, "{}", play.page);
    play.until(at(3, 41));
    assert_eq!(play.count("users"), 2, "{}", play.page);
    assert_eq!(play.incident.told[&"users".into()].next, Some(at(4, 40)), "an hour, as before");
}

#[test]
fn a_draft_is_shown_once_and_send_is_a_persons_word() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.policy.audiences.truncate(2);
    play.until(at(3, 22));
    assert_eq!(play.page.matches("draft for").count(), 2, "one before each: {}", play.page);
    play.telling(&Play::ana(), TellingRequest::Send).expect("sent");
    assert_eq!(play.count("users"), 2, "{}", play.page);
    assert_eq!(play.incident.telling.unwritten, 0);
    let refused = play.telling(&Play::ana(), TellingRequest::Send).expect_err("a moment ago");
    assert_eq!(refused.code(), "too-soon");
}

#[test]
fn a_pause_needs_a_reason_and_shows_on_the_card() {
    let mut play = certificate_night();
    let empty =
        play.telling(&Play::ana(), TellingRequest::Pause { why: "  ".into() }).expect_err("no reason");
    assert_eq!(empty.code(), "empty-text");
    play.telling(&Play::ana(), TellingRequest::Pause { why: "the director tells everybody".into() })
        .expect("paused");
    let card = crate::card::card(&play.incident, &play.policy);
    let shown = card.block.expect("a block").fields.into_iter().find(|field| field.name == "Next update");
    let shown = shown.expect("the field").value;
    assert!(shown.contains("PAUSED by ana") && shown.contains("the director tells everybody"), "{shown}");
    play.until(at(6, 0));
    assert_eq!(play.arrived.len(), 0, "{}", play.page);
    play.telling(&Play::ana(), TellingRequest::Continue).expect("goes on");
    play.until(at(6, 1));
    assert_eq!(play.count("users"), 1, "what was kept back is said once: {}", play.page);
}

#[test]
fn slowing_down_is_offered_after_two_hours_and_never_done() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(3, 0));
    let refused = play.telling(&Play::ana(), TellingRequest::Slow).expect_err("too early");
    assert_eq!(refused.code(), "too-early-to-slow");
    play.until(at(6, 0));
    assert_eq!(play.count("users"), 4, "every hour, however long it lasts: {}", play.page);
    play.telling(&Play::ana(), TellingRequest::Slow).expect("slower");
    play.until(at(12, 0));
    let times: Vec<UtcMs> =
        play.arrived.iter().filter(|(_, name, _)| name.as_str() == "users").map(|(at, _, _)| *at).collect();
    let apart = times[times.len() - 1].since(times[times.len() - 2]);
    assert_eq!(apart, minutes(120), "{}", play.page);
}

#[test]
fn what_was_typed_for_outsiders_waits_for_a_second_person_who_is_awake() {
    let mut play = certificate_night();
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    play.until(at(2, 40));
    // Nobody else is awake: nothing is held.
    play.tell(&Play::ana(), "We are on it", None);
    assert_eq!(play.count("partners"), 1, "{}", play.page);
    play.until(at(3, 0));
    let log = Request::Log { kind: crate::incident::event::EntryKind::Note, text: "here".into(), at: None };
    play.ask(&Play::ben(), log).expect("logged");
    play.tell(&Play::ana(), "All will be well by noon", None);
    assert_eq!((play.count("users"), play.count("partners")), (3, 1), "{}", play.page);
    let refused = play.telling(&Play::ana(), TellingRequest::Approve).expect_err("the author");
    assert_eq!(refused.code(), "needs-second-reader");
    play.until(at(3, 5));
    play.telling(&Play::ben(), TellingRequest::Approve).expect("approved");
    assert_eq!(play.count("partners"), 2, "{}", play.page);
    // Refused: it never reaches them, and what they are told meanwhile is what they were told before.
    play.until(at(3, 20));
    let log = Request::Log { kind: crate::incident::event::EntryKind::Note, text: "here".into(), at: None };
    play.ask(&Play::ben(), log).expect("logged");
    play.tell(&Play::ana(), "It was ben", None);
    play.telling(&Play::ben(), TellingRequest::Refuse { why: "no names".into() }).expect("refused");
}

#[test]
fn facts_that_betray_a_host_or_a_name_are_refused() {
    let mut play = certificate_night();
    play.policy.hosts = vec!["mx1.example.org".into()];
    play.ask(&Play::ana(), Request::Acknowledge).expect("acknowledged");
    for sentence in ["mx1.example.org is restarted", "Ana restarts it", "192.0.2.7 is away"] {
        let facts = Facts { sentence: sentence.into(), ..Facts::default() };
        let news = News { facts: Some(facts), ..News::default() };
        assert_eq!(
            play.ask(&Play::ana(), Request::Tell(news)).expect_err(sentence).code(),
            "not-for-outsiders"
        );
    }
}

#[test]
fn a_newer_text_supersedes_one_that_is_still_on_its_way() {
    let mut play = certificate_night();
    play.policy.audiences[0]
        .destinations
        .push(Target { name: "hall".into(), place: Place::Route("hall".into()) });
    play.until(at(3, 30));
    let first = &play
        .incident
        .telling
        .updates
        .iter()
        .find(|issued| issued.audience.as_str() == "users")
        .expect("told")
        .clone();
    assert_eq!(first.arrivals.len(), 2, "{first:?}");
    // Now the hall's screen is away: nothing is proved there.
    let mut play = certificate_night();
    let policy = play.policy.clone();
    play.until(at(2, 20));
    play.policy.audiences[0]
        .destinations
        .push(Target { name: "hall".into(), place: Place::Route("hall".into()) });
    let context = Context { now: play.now, actor: &Actor::Watchpost, policy: &play.policy };
    let news = News { only: Some("users".into()), ..News::default() };
    let first = decide(&play.incident, Request::Tell(news), &context).expect("told");
    play.policy = policy;
    play.happens(&Actor::Watchpost, first);
    play.policy.audiences[0]
        .destinations
        .push(Target { name: "hall".into(), place: Place::Route("hall".into()) });
    play.until(at(3, 30));
    let first = &play.incident.telling.updates[0];
    assert_eq!(first.superseded, ["hall".into()], "{first:?}");
    assert!(first.is_settled(&"users".into()) && first.is_settled(&"hall".into()));
}

#[test]
fn what_a_night_without_people_says_to_everybody_is_in_the_history() {
    let mut play = certificate_night();
    play.until(at(7, 0));
    for issued in &play.incident.telling.updates {
        assert!(issued.lateness() < Duration::from_secs(1), "{issued:?}");
        assert_eq!(issued.arrivals.len(), 1);
        assert_eq!(issued.arrivals[0].proof, "message 1");
        assert!(issued.short.chars().count() <= crate::update::SHORT);
    }
}
