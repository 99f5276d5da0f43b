use std::time::Duration;

use http::Method;

use super::*;
use crate::bot::gate::route;

const POST: &str = "/api/v10/channels/7/messages";
const CALLBACK: &str = "/api/v10/interactions/5/token/callback";
const WEBHOOK: &str = "/api/v10/webhooks/5/token";

fn post(path: &str) -> Route {
    route::read(&Method::POST, path, false)
}

/// One that does not space out what these tests send at one moment; `budget` has its own.
fn queue() -> Queue {
    Queue::new(&Limits { a_second: 1_000, ..Limits::default() })
}

fn seconds(value: u64) -> Duration {
    Duration::from_secs(value)
}

fn named(name: &str, remaining: u32) -> RateHeaders {
    RateHeaders {
        limit: Some(5),
        remaining: Some(remaining),
        reset_after: Some(seconds(1)),
        bucket: Some(name.to_owned()),
    }
}

/// Lets one request go and settles it.
#[track_caller]
fn after(queue: &mut Queue, path: &str, outcome: &Outcome, now: Instant) {
    assert_eq!(queue.ask(&post(path), now), Admission::Go, "{path}");
    queue.settle(&post(path), outcome, now);
}

fn limited(scope: Scope, asked: u64) -> Outcome {
    Outcome::Limited(scope, RetryAfter::After(seconds(asked)), RateHeaders::default())
}

#[test]
fn the_first_401_of_the_bots_token_stops_everything() {
    let (mut queue, now) = (queue(), Instant::now());
    after(&mut queue, POST, &Outcome::Invalid(RateHeaders::default(), 401), now);
    for path in [POST, CALLBACK, WEBHOOK] {
        assert_eq!(queue.ask(&post(path), now + seconds(86_400)), Admission::Refuse(NotSent::Revoked));
    }
    assert_eq!(queue.state(now), GateState::Revoked);
}

#[test]
fn a_401_for_a_token_in_the_path_concerns_only_that_token() {
    let (mut queue, now) = (queue(), Instant::now());
    after(&mut queue, WEBHOOK, &Outcome::Invalid(RateHeaders::default(), 401), now);
    after(&mut queue, POST, &Outcome::Invalid(RateHeaders::default(), 403), now);
    assert_eq!(queue.state(now), GateState::Open);
    assert_eq!(queue.invalid_in_ten_minutes(now), 2);
}

#[track_caller]
fn check_429(scope: Scope, same: bool, other: bool, callback: bool, counted: usize) {
    let (mut queue, now) = (queue(), Instant::now());
    after(&mut queue, POST, &limited(scope, 3), now);
    let mut goes = |path| queue.ask(&post(path), now + seconds(1)) == Admission::Go;
    assert_eq!(
        (goes(POST), goes("/api/v10/channels/8/messages"), goes(CALLBACK)),
        (same, other, callback),
        "{scope:?}"
    );
    assert_eq!(queue.invalid_in_ten_minutes(now), counted, "{scope:?}");
    assert_eq!(queue.ask(&post(POST), now + seconds(4)), Admission::Go, "{scope:?}");
}

#[test]
fn a_429_stops_what_it_names_and_no_more() {
    check_429(Scope::Route, false, true, true, 1);
    check_429(Scope::Shared, false, true, true, 0);
    check_429(Scope::Global, false, false, true, 1);
    check_429(Scope::Network, false, false, false, 1);
}

/// An hour in which every channel answers 429 with this figure; returns the requests that went out.
fn storm(asked: RetryAfter) -> (Queue, usize, Instant) {
    let (mut queue, start) = (queue(), Instant::now());
    let channels: Vec<Route> = (1..=10).map(|id| post(&format!("/api/v10/channels/{id}/messages"))).collect();
    let mut requests = 0;
    for second in 0..3600 {
        for route in &channels {
            if queue.ask(route, start + seconds(second)) == Admission::Go {
                requests += 1;
                let outcome = Outcome::Limited(Scope::Route, asked, RateHeaders::default());
                queue.settle(route, &outcome, start + seconds(second));
            }
        }
    }
    (queue, requests, start + seconds(3600))
}

#[test]
fn an_hour_of_429_on_every_channel_costs_ten_requests() {
    for asked in [RetryAfter::Unusable, RetryAfter::After(Duration::from_millis(1))] {
        let (mut queue, requests, end) = storm(asked);
        assert!((5..=10).contains(&requests), "{requests} for {asked:?}");
        let later = end + seconds(900);
        after(&mut queue, POST, &Outcome::Answered(RateHeaders::default()), later);
        let goes =
            |id: &u64| queue.ask(&post(&format!("/api/v10/channels/{id}/messages")), later) == Admission::Go;
        assert_eq!((20..30).filter(goes).count(), 10, "one good answer ends the storm");
    }
}

#[test]
fn in_a_storm_one_request_at_a_time_looks_whether_it_is_over() {
    let (mut queue, _, end) = storm(RetryAfter::Unusable);
    let later = end + seconds(900);
    assert_eq!(queue.ask(&post("/api/v10/channels/20/messages"), later), Admission::Go);
    assert_eq!(queue.ask(&post("/api/v10/channels/21/messages"), later), Admission::Wait(None));
    assert_eq!(queue.ask(&post(CALLBACK), later), Admission::Go);
}

#[test]
fn a_global_pause_is_the_longest_that_was_asked_for_and_requests_in_flight_count_once() {
    let (mut queue, now) = (queue(), Instant::now());
    let channels: Vec<Route> = (1..=40).map(|id| post(&format!("/api/v10/channels/{id}/messages"))).collect();
    for route in &channels {
        assert_eq!(queue.ask(route, now), Admission::Go);
    }
    for (route, asked) in channels.iter().zip([3, 5].iter().cycle()) {
        queue.settle(route, &limited(Scope::Global, *asked), now);
    }
    let Admission::Wait(Some(until)) = queue.ask(&channels[0], now) else { panic!("it should wait") };
    assert!((seconds(5)..seconds(6)).contains(&(until - now)), "{:?}", until - now);
    assert_eq!(queue.state(now), GateState::Paused(until));
    assert_eq!(queue.state(until), GateState::Open);
}

#[test]
fn routes_with_one_name_count_together_for_one_channel() {
    let (mut queue, now) = (queue(), Instant::now());
    let edit = route::read(&Method::PATCH, "/api/v10/channels/7/messages/9", false);
    after(&mut queue, POST, &Outcome::Answered(named("abc", 3)), now);
    assert_eq!(queue.ask(&edit, now), Admission::Go);
    queue.settle(&edit, &Outcome::Answered(named("abc", 0)), now);
    assert!(matches!(queue.ask(&post(POST), now), Admission::Wait(Some(_))));
    assert_eq!(queue.ask(&post("/api/v10/channels/8/messages"), now), Admission::Go);
}

#[test]
fn too_many_invalid_answers_leave_only_probes() {
    let (mut queue, now) = (queue(), Instant::now());
    let mut sent = 0;
    while queue.ask(&post(POST), now + seconds(sent)) == Admission::Go {
        queue.settle(&post(POST), &Outcome::Invalid(RateHeaders::default(), 403), now + seconds(sent));
        sent += 1;
    }
    assert!((150..200).contains(&sent), "{sent}");
    assert_eq!(queue.ask(&post(POST), now + seconds(sent)), Admission::Refuse(NotSent::TooManyInvalid));
    assert_eq!(queue.state(now + seconds(sent)), GateState::Tripped);
    assert_eq!(queue.ask(&post(POST), now + seconds(sent + 60)), Admission::Go);
    assert_eq!(queue.state(now + seconds(1200)), GateState::Open);
}

#[test]
fn what_is_on_its_way_when_it_trips_stays_within_the_bound() {
    let mut queue = Queue::new(&Limits { a_second: 10_000, ..Limits::default() });
    let now = Instant::now();
    let channels = (0..1000).map(|id| post(&format!("/api/v10/channels/{id}/messages")));
    let sent: Vec<Route> = channels.filter(|route| queue.ask(route, now) == Admission::Go).collect();
    for route in &sent {
        queue.settle(route, &Outcome::Invalid(RateHeaders::default(), 403), now);
    }
    assert!((150..=200).contains(&queue.invalid_in_ten_minutes(now)), "{}", sent.len());
    assert_eq!(queue.ask(&post(CALLBACK), now), Admission::Refuse(NotSent::TooManyInvalid));
}

#[test]
fn limits_that_nobody_uses_are_forgotten() {
    let (mut queue, now) = (queue(), Instant::now());
    for id in 0..2000_u64 {
        let path = format!("/api/v10/channels/{id}/messages");
        after(&mut queue, &path, &Outcome::Answered(named("abc", 4)), now + seconds(2 * id));
    }
    assert!(queue.buckets.len() <= SWEEP_ABOVE + 1, "{}", queue.buckets.len());
}

#[test]
fn answers_by_the_token_of_an_interaction_are_not_counted_with_the_others() {
    let (mut queue, now) = (Queue::new(&Limits::default()), Instant::now());
    let mut posts = (0..51).map(|id| post(&format!("/api/v10/channels/{id}/messages")));
    assert!(
        posts.any(|route| matches!(queue.ask(&route, now), Admission::Spent(_))),
        "the others are held back"
    );
    for token in 0..500 {
        let edit = format!("/api/v10/webhooks/3/token{token}/messages/@original");
        let edit = route::read(&Method::PATCH, &edit, false);
        assert_eq!(queue.ask(&edit, now), Admission::Go, "answer {token}");
        queue.settle(&edit, &Outcome::Answered(RateHeaders::default()), now);
    }
}

#[test]
fn a_crowd_that_is_on_its_way_is_not_looked_through_at_each_answer() {
    let (mut queue, now) = (queue(), Instant::now());
    let crowd: Vec<Route> =
        (0..2000).map(|id| post(&format!("/api/v10/interactions/5/token{id}/callback"))).collect();
    for route in &crowd {
        assert_eq!(queue.ask(route, now), Admission::Go);
    }
    queue.settle(&crowd[0], &Outcome::Unanswered, now);
    assert!(queue.sweep_above >= 2000, "{}", queue.sweep_above);
    for route in &crowd[1..] {
        queue.settle(route, &Outcome::Unanswered, now);
    }
    // What came later finds them gone.
    for id in 0..4000 {
        after(&mut queue, &format!("/api/v10/interactions/6/token{id}/callback"), &Outcome::Unanswered, now);
    }
    assert!(queue.buckets.len() <= 4001, "{}", queue.buckets.len());
}
