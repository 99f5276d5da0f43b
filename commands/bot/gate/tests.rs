//! The gate over real sockets, against a server that answers what a test tells it to.

pub(crate) mod upstream;

use std::time::Duration;

use futures::future::join_all;
use http::{Method, StatusCode};
use secrecy::SecretString;
use serenity::all::ChannelId;
use tokio::time::timeout;

use super::call::Call;
use super::forward::Outgoing;
use super::*;
use upstream::{Reply, Scripted};

const TOKEN: &str = "a-token-that-nobody-may-see";

fn limits() -> Limits {
    Limits {
        attempt: Duration::from_millis(400),
        patience: Duration::from_millis(1500),
        again_after: Duration::from_millis(10),
        ..Limits::default()
    }
}

async fn gate(scripted: &Scripted, limits: Limits) -> Gate {
    let upstream = Upstream::parse(&scripted.base()).unwrap();
    let token = SecretString::from(TOKEN);
    Gate::start(GateOptions { upstream, token, limits, raw_transcript: None }).await.unwrap()
}

/// Sends through the gate as serenity does; returns the status and the code of the answer.
async fn call(gate: &Gate, method: Method, path: &str) -> (u16, i64) {
    let url = format!("{}/api/v10{path}", gate.proxy_url(Traffic::Normal));
    let request = reqwest::Client::builder().no_proxy().build().unwrap().request(method, url);
    let request = request.header("authorization", format!("Bot {TOKEN}")).body("{}");
    let response = timeout(Duration::from_secs(10), request.send()).await.expect("every call ends").unwrap();
    let status = response.status().as_u16();
    let body: serde_json::Value = response.json().await.unwrap_or_default();
    (status, body["code"].as_i64().unwrap_or_default())
}

async fn post(gate: &Gate, path: &str) -> (u16, i64) {
    call(gate, Method::POST, path).await
}

#[tokio::test]
async fn a_burst_into_one_channel_is_paced_so_that_no_429_comes() {
    let scripted = Scripted::start(Reply::window(5, Duration::from_millis(100))).await;
    let gate = gate(&scripted, limits()).await;
    let answers = join_all((0..23).map(|_| post(&gate, "/channels/7/messages"))).await;
    assert!(answers.iter().all(|answer| answer.0 == 200), "{answers:?}");
    assert_eq!((gate.counters().requests, gate.counters().limited), (23, 0));
    assert_eq!(scripted.most_at_once(), 1);
}

/// The way of a call without the socket before the gate, on which calls made at once may overtake each other.
async fn perform(shared: Arc<Shared>, method: Method, path: String) -> StatusCode {
    let outgoing = Outgoing {
        method: method.clone(),
        path_and_query: path.clone(),
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::new(),
    };
    let call = Call { route: route::read(&method, &path, false), outgoing, arrived: Instant::now() };
    call::perform(&shared, &call).await.status
}

#[tokio::test]
async fn what_is_written_into_one_channel_keeps_its_order() {
    let scripted = Scripted::start(Reply::window(5, Duration::from_millis(30))).await;
    let gate = gate(&scripted, limits()).await;
    let methods = [Method::PATCH, Method::POST, Method::DELETE].into_iter().cycle();
    let calls = methods.take(12).enumerate().map(|(number, method)| {
        let path = format!("/api/v10/channels/7/messages/{number}");
        tokio::spawn(perform(Arc::clone(&gate.shared), method, path))
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), StatusCode::OK);
    }
    let expected: Vec<_> = (0..12).map(|number| format!("/api/v10/channels/7/messages/{number}")).collect();
    assert_eq!(scripted.paths(), expected);
}

async fn check_429(headers: &[(&'static str, &str)], limited: u64, shared: u64) {
    let headers = [&[("retry-after", "0.05")], headers].concat();
    let refused = Reply::status(429, &headers, "<html>");
    let scripted = Scripted::start(Reply::first(refused, Reply::fine())).await;
    let gate = gate(&scripted, limits()).await;
    assert_eq!(post(&gate, "/channels/7/messages").await.0, 200, "{headers:?}");
    let counters = gate.counters();
    let got = (counters.requests, counters.limited, counters.limited_shared);
    assert_eq!(got, (2, limited, shared), "{headers:?}");
}

#[tokio::test]
async fn a_429_of_each_kind_is_waited_out() {
    check_429(&[("x-ratelimit-scope", "user")], 1, 0).await;
    check_429(&[("x-ratelimit-scope", "shared")], 0, 1).await;
    check_429(&[("x-ratelimit-scope", "global"), ("x-ratelimit-global", "true")], 1, 0).await;
    check_429(&[("content-type", "text/html")], 1, 0).await;
}

#[tokio::test]
async fn an_absurd_pause_is_given_back_and_costs_one_request() {
    for asked in ["1e9", "-1", "NaN", "0", ""] {
        let reply = Reply::status(429, &[("retry-after", asked)], "");
        let scripted = Scripted::start(Reply::always(reply)).await;
        let gate = gate(&scripted, Limits { patience: Duration::from_millis(500), ..limits() }).await;
        for _ in 0..5 {
            let (_, code) = post(&gate, "/channels/7/messages").await;
            assert_eq!(code, 9_100_003, "{asked}");
        }
        assert_eq!(gate.counters().requests, 1, "{asked}");
        assert_eq!(post(&gate, "/channels/8/messages").await.1, 9_100_003, "{asked}");
        assert_eq!(gate.counters().requests, 2, "another channel is not held back: {asked}");
    }
}

#[tokio::test]
async fn a_global_429_draws_no_second_one() {
    let limited = Reply::status(429, &[("retry-after", "0.2"), ("x-ratelimit-global", "true")], "");
    let scripted = Scripted::start(Reply::first(limited, Reply::fine())).await;
    let gate = gate(&scripted, limits()).await;
    assert_eq!(post(&gate, "/channels/1/messages").await.0, 200);
    let paths: Vec<String> = (1..=20).map(|id| format!("/channels/{id}/messages")).collect();
    let answers = join_all(paths.iter().map(|path| post(&gate, path))).await;
    assert!(answers.iter().all(|answer| answer.0 == 200));
    assert_eq!(gate.counters().limited, 1);
}

#[track_caller]
fn check(label: &str, got: (u16, i64), code: i64, gate: &Gate, requests: u64) {
    assert_eq!((got.1, gate.counters().requests), (code, requests), "{label}: {got:?}");
}

#[tokio::test]
async fn a_post_without_a_usable_answer_goes_out_once_and_is_unknown() {
    for (label, reply, code) in [
        ("hang", Reply::Hang, 9_200_001),
        ("slow drip", Reply::Drip, 9_200_001),
        ("cut", Reply::Cut, 9_200_002),
        ("truncated JSON", Reply::status(200, &[], r#"{"id": "1"#), 9_200_003),
        ("200 with HTML", Reply::status(200, &[("content-type", "text/html")], "<html>"), 9_200_003),
        ("redirect", Reply::status(302, &[("location", "http://127.0.0.1:1/")], ""), 9_200_003),
        ("endless", Reply::Endless, 9_200_004),
    ] {
        let scripted = Scripted::start(Reply::always(reply)).await;
        let gate = gate(&scripted, limits()).await;
        check(label, post(&gate, "/channels/7/messages").await, code, &gate, 1);
    }
}

#[tokio::test]
async fn what_means_the_same_twice_is_tried_again() {
    for (label, reply) in
        [("cut", Reply::Cut), ("503", Reply::status(503, &[], "")), ("HTML", Reply::status(200, &[], "<"))]
    {
        let scripted = Scripted::start(Reply::first(reply.clone(), Reply::fine())).await;
        let gate = gate(&scripted, limits()).await;
        let got = call(&gate, Method::PATCH, "/channels/7/messages/9").await;
        assert_eq!((got.0, gate.counters().requests), (200, 2), "{label}");
    }
}

#[tokio::test]
async fn an_answer_to_an_interaction_waits_for_nothing_that_hangs() {
    let script: upstream::Script =
        Arc::new(|_, path| if path.contains("callback") { Reply::status(204, &[], "") } else { Reply::Hang });
    let scripted = Scripted::start(script).await;
    let gate = gate(&scripted, Limits { connections: 1, ..limits() }).await;
    let hanging = post(&gate, "/channels/7/messages");
    let waiting = post(&gate, "/channels/8/messages");
    let answer = async {
        while scripted.paths().is_empty() {
            tokio::task::yield_now().await;
        }
        post(&gate, "/interactions/5/t/callback").await
    };
    let codes = tokio::join!(hanging, waiting, answer);
    assert_eq!((codes.2.0, scripted.paths().len()), (204, 2), "{codes:?}");
    let ends = [codes.0.1, codes.1.1];
    assert!(ends.contains(&9_200_001) && ends.contains(&9_100_006), "one hung, one found no road: {codes:?}");
}

#[tokio::test]
async fn a_storm_of_503_is_not_answered_by_a_storm_of_tries() {
    let scripted = Scripted::start(Reply::always(Reply::status(503, &[], ""))).await;
    let gate = gate(&scripted, limits()).await;
    for _ in 0..10 {
        assert_eq!(call(&gate, Method::PATCH, "/channels/7/messages/9").await.0, 503);
    }
    // Three tries for the first call; then Discord is known to be unwell.
    assert_eq!(gate.counters().requests, 3 + 9);
    assert_eq!(gate.rest_health().borrow().failures_in_a_row, 12);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_apart() {
    let scripted = Scripted::start(Reply::always(Reply::fine())).await;
    let gate = gate(&scripted, limits()).await;
    scripted.stop().await;
    check("refused", post(&gate, "/channels/7/messages").await, 9_100_006, &gate, 3);
}

#[tokio::test]
async fn the_first_401_stops_everything_and_is_told() {
    let scripted =
        Scripted::start(Reply::always(Reply::status(401, &[], r#"{"code": 0, "message": "401"}"#))).await;
    let gate = gate(&scripted, limits()).await;
    let mut state = gate.state();
    assert_eq!(post(&gate, "/channels/7/messages").await.0, 401);
    timeout(Duration::from_secs(5), state.wait_for(|state| *state == GateState::Revoked))
        .await
        .unwrap()
        .unwrap();
    for path in ["/channels/7/messages", "/channels/8/messages", "/interactions/1/t/callback"] {
        assert_eq!(post(&gate, path).await.1, 9_100_001);
    }
    assert_eq!(scripted.paths().len(), 1);
}

#[tokio::test]
async fn a_loop_of_403_stops_itself() {
    let scripted =
        Scripted::start(Reply::always(Reply::status(403, &[], r#"{"code": 50013, "message": "x"}"#))).await;
    let gate = gate(&scripted, Limits { invalid_in_ten_minutes: 20, a_second: 1000, ..limits() }).await;
    for number in 0..40 {
        post(&gate, &format!("/channels/{number}/messages")).await;
    }
    assert_eq!(*gate.state().borrow(), GateState::Tripped);
    assert!((10..=20).contains(&gate.counters().forbidden), "{:?}", gate.counters());
    assert_eq!(gate.invalid_in_ten_minutes() as u64, gate.counters().forbidden);
}

#[tokio::test]
async fn the_door_opens_only_for_the_bots_token_and_only_to_the_api() {
    let scripted = Scripted::start(Reply::always(Reply::fine())).await;
    let gate = gate(&scripted, limits()).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (path, authorization) in [
        ("/api/v10/gateway", "Bot another"),
        ("/api/v10/gateway", ""),
        ("/other", &format!("Bot {TOKEN}")[..]),
    ] {
        let request = client.get(format!("{}{path}", gate.proxy_url(Traffic::Normal)));
        let response = request.header("authorization", authorization).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path} {authorization}");
    }
    assert!(scripted.paths().is_empty());
}

#[tokio::test]
async fn a_request_without_end_is_refused() {
    let scripted = Scripted::start(Reply::always(Reply::fine())).await;
    let gate = gate(&scripted, Limits { request_bytes: 1000, ..limits() }).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}/api/v10/channels/7/messages", gate.proxy_url(Traffic::Normal)));
    let request = request.header("authorization", format!("Bot {TOKEN}")).body(vec![b'x'; 1001]);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(scripted.paths().is_empty());
}

#[tokio::test]
async fn serenity_speaks_through_the_gate_and_its_errors_are_read() {
    let gone = Reply::status(404, &[], r#"{"code": 10003, "message": "Unknown Channel"}"#);
    let scripted = Scripted::start(Reply::always(gone)).await;
    let gate = gate(&scripted, limits()).await;
    for traffic in [Traffic::Normal, Traffic::Background] {
        let http = gate.http(traffic).unwrap().build();
        let error = ChannelId::new(7).say(&http, "hello").await.unwrap_err();
        assert_eq!(RestFailure::read(&error), RestFailure::Refused { status: 404, code: 10_003 });
    }
    assert_eq!(scripted.paths(), ["/api/v10/channels/7/messages"; 2]);
}

#[tokio::test]
async fn neither_debug_nor_transcript_shows_a_token() {
    let scripted = Scripted::start(Reply::always(Reply::fine())).await;
    let gate = gate(&scripted, limits()).await;
    post(&gate, "/webhooks/5/a-webhook-token?wait=true").await;
    post(&gate, "/interactions/5/an-interaction-token/callback").await;
    let shown = format!("{gate:?} {:?} {:?}", gate.transcript(), gate.shared.upstream);
    for secret in [TOKEN, "a-webhook-token", "an-interaction-token"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("/webhooks/5/***"), "{shown}");
}

#[tokio::test]
async fn a_token_that_cannot_be_one_is_refused_in_words() {
    for token in ["", " ", "Bot ", "two words", "line\nbreak", "tökén"] {
        let upstream = Upstream::discord();
        let token = SecretString::from(token);
        let options = GateOptions { upstream, token, limits: limits(), raw_transcript: None };
        assert!(matches!(Gate::start(options).await, Err(GateError::Token)));
    }
}
