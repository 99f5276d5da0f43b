//! Whom a text cannot be brought to: routes that need what is broken, a chat that is away, and people who are called.

use super::*;
use crate::config::Telephone;
use crate::incident::Incident;
use crate::incident::reach::ReachRequest;

fn route(name: &str) -> Target {
    Target { name: name.into(), place: Place::Route(name.into()) }
}

/// Users also read at the gate (a screen that is fed by sent mail) and in the hall (by received mail); a screen takes over.
fn policy_with_routes() -> Policy {
    let mut policy = policy(Berlin);
    policy.audiences.truncate(1);
    policy.responders.clear();
    policy.audiences[0].destinations.extend([route("gate"), route("hall")]);
    policy.reach.needs =
        BTreeMap::from([("gate".into(), vec![Needs::Send]), ("hall".into(), vec![Needs::Receive])]);
    policy.reach.fallback = BTreeMap::from([("users".into(), vec![route("screen")])]);
    policy.reach.telephones = vec![Telephone {
        name: "Porter".into(),
        number: "030 9012".into(),
        audiences: vec!["users".into()],
        destinations: vec!["gate".into()],
    }];
    policy.reach.hours = vec!["07:30-20:00".parse::<Hours>().expect("hours")];
    policy
}

fn night() -> Play {
    let seen = (Some(Cause::CertificateExpired), (OK, DOWN, OK));
    Play::declared(at(2, 10), at(2, 12), policy_with_routes(), Severity::Sev2, seen)
}

/// Where each text arrived, and what stood before it.
fn arrivals(play: &Play, place: &str) -> Vec<(UtcMs, String)> {
    let there = |item: &Item| matches!(&item.place, Place::Route(name) if name.as_str() == place);
    let text = |item: &Item| item.message.block.as_ref().map(|block| block.text.clone()).unwrap_or_default();
    let all = play.arrived.iter().filter(|(_, _, item)| there(item));
    all.map(|(at, _, item)| (*at, text(item))).collect()
}

fn listed(incident: &Incident) -> Vec<(String, bool)> {
    incident.reach.calls.iter().map(|one| (one.who.name.clone(), one.reached.is_some())).collect()
}

#[test]
fn a_route_that_needs_what_is_broken_waits_and_another_takes_over() {
    let mut play = night();
    play.until(at(2, 30));
    assert_eq!(arrivals(&play, "gate"), [], "it needs sending, which is down");
    assert_eq!(arrivals(&play, "hall").len(), 1, "receiving works: {}", play.page);
    let screen = arrivals(&play, "screen");
    assert!(screen[0].1.starts_with("You read this here because another way does not work"), "{screen:?}");
    let history = &play.incident.telling.updates[0];
    assert_eq!((history.suspended.len(), history.instead.len()), (1, 1), "{history:?}");
    // It works again: the newest text follows, once, however often the probes look.
    play.until(at(4, 0));
    play.seen = Some((None, (OK, OK, OK)));
    play.until(at(4, 20));
    let gate = arrivals(&play, "gate");
    assert_eq!(gate.len(), 1, "{}", play.page);
    assert_eq!(gate[0].1, play.incident.told[&"users".into()].text, "the newest");
    play.until(at(9, 0));
    assert_eq!(listed(&play.incident), [], "who was reached in the end is not called");
}

#[test]
fn who_was_not_reached_is_called_in_the_morning_and_ticked_off_once() {
    let mut play = night();
    play.until(at(7, 29));
    assert_eq!(listed(&play.incident), [], "nobody is shown at night whom to call");
    play.until(at(7, 31));
    assert_eq!(listed(&play.incident), [("Porter".to_owned(), false)]);
    let shown = crate::incident::reach::list(&play.incident, &play.policy);
    let block = shown.block.expect("a block");
    assert_eq!(block.fields[0].name, "Porter");
    assert!(block.fields[0].value.starts_with("030 9012 (users)\nSay: “Mail:"), "{}", block.fields[0].value);
    assert_eq!(shown.buttons[0][0].action, "wp1:reached:42:0");
    play.ask(&Play::ben(), Request::Reach(ReachRequest::Reached { entry: 0 })).expect("ticked off");
    let again = play.ask(&Play::ana(), Request::Reach(ReachRequest::Reached { entry: 0 })).expect_err("once");
    assert_eq!(again.code(), "nothing-new");
    let none = play.ask(&Play::ana(), Request::Reach(ReachRequest::Reached { entry: 9 })).expect_err("none");
    assert_eq!(none.code(), "nothing-new");
    // The next holding texts are no reason to call again.
    play.until(at(12, 0));
    assert_eq!(listed(&play.incident), [("Porter".to_owned(), true)]);
}

#[test]
fn what_is_refused_for_good_is_told_elsewhere_and_by_telephone() {
    let mut play = night();
    play.policy.reach.needs.clear();
    play.policy.reach.telephones[0].destinations.clear();
    play.policy.reach.hours.clear();
    play.until(at(2, 26));
    // Nothing arrives anywhere: the world is cut off.
    let news = News { only: Some("users".into()), ..News::default() };
    let context = Context { now: play.now, actor: &Actor::Watchpost, policy: &play.policy };
    let issued = decide(&play.incident, Request::Tell(news), &context).expect("told");
    play.deaf = true;
    play.happens(&Actor::Watchpost, issued);
    for destination in ["users", "gate", "hall"] {
        play.by_itself(Request::Undelivered {
            audience: "users".into(),
            number: 1,
            destination: destination.into(),
            why: "404".into(),
        });
    }
    let instead = &play.incident.telling.updates[0].instead;
    assert_eq!(*instead, ["screen".into()], "one takes over, once");
    assert_eq!(listed(&play.incident), [], "the screen may still take it");
    play.by_itself(Request::Undelivered {
        audience: "users".into(),
        number: 1,
        destination: "screen".into(),
        why: "404".into(),
    });
    play.carry_out_due();
    assert_eq!(listed(&play.incident), [("Porter".to_owned(), false)]);
}

#[test]
fn while_the_chat_is_away_the_fallback_says_so_and_afterwards_that_it_is_back() {
    let mut play = night();
    play.policy.reach.needs.clear();
    play.until(at(2, 40));
    play.policy.reach.chat_away = Some(play.now);
    for _ in 0..2 {
        play.by_itself(Request::Reach(ReachRequest::ChatLost));
    }
    play.until(at(3, 30));
    let screen = arrivals(&play, "screen");
    let times: Vec<UtcMs> = screen.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [at(2, 40), at(3, 25)], "the text of 02:27 at once, then the next: {}", play.page);
    assert!(screen.iter().all(|(_, text)| text.starts_with("Discord cannot be reached")), "{screen:?}");
    play.policy.reach.chat_away = None;
    play.by_itself(Request::Reach(ReachRequest::ChatBack));
    assert!(play.incident.reach.elsewhere.is_empty());
    play.until(at(5, 0));
    assert_eq!(arrivals(&play, "screen").len(), 2, "then it is silent again: {}", play.page);
}

#[test]
fn no_drill_calls_anybody() {
    let mut play = night();
    play.incident.drill = true;
    play.until(at(9, 0));
    assert_eq!(listed(&play.incident), []);
    assert_eq!(play.incident.telling.updates.iter().map(|one| one.instead.len()).sum::<usize>(), 0);
}
