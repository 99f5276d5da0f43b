//! The supervisor: connections that break in every way, each with a command typed when it is back.

use std::time::Duration;

use serenity::all::GatewayIntents;
use watchpost_commands::bot::gate::Limits;
use watchpost_commands::bot::supervisor::{Fatal, Outcome, Reason, Stage, Status};
use watchpost_sandbox::{Effect, MessageView, RestFault, Sandbox, Welcome, World};

use super::night::{Night, within};

/// What breaks, and how many sessions and resumes it costs.
async fn check_resumed(break_it: fn(&Sandbox)) {
    let night = Night::begin(World::standard()).await;
    night.answers("before").await;
    break_it(&night.discord);
    night.discord.wait_gone().await;
    night.answers("in the gap").await;
    assert_eq!(night.discord.sessions(), (1, 1));
    let discord = night.discord.clone();
    assert_eq!(night.end().await, Outcome::Stopped);
    discord.verdict().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_a_lost_line_is_resumed_and_what_was_typed_in_the_gap_is_answered() {
    check_resumed(|discord| assert!(discord.drop_gateway())).await;
    check_resumed(|discord| assert!(discord.reset_gateway())).await;
    check_resumed(|discord| assert!(discord.close_gateway(4000))).await;
    check_resumed(|discord| assert!(discord.close_gateway(4008))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_a_request_to_reconnect_is_followed() {
    for told in [Sandbox::ask_reconnect, |discord: &Sandbox| discord.invalidate_session(true)] {
        let night = Night::begin(World::standard()).await;
        told(&night.discord);
        within(async {
            while night.discord.sessions() != (1, 1) {
                tokio::task::yield_now().await;
            }
        })
        .await;
        night.answers("after it").await;
        night.end().await;
    }
}

/// A session that is over: a new one is started, once, and not within five seconds of the first.
async fn check_new_session(end_it: fn(&Sandbox)) {
    let night = Night::begin(World::standard()).await;
    end_it(&night.discord);
    let status = night.until(|status: &Status| status.sessions == 2).await;
    night.answers("after it").await;
    assert_eq!((night.discord.sessions().0, status.rebuilt), (2, 0));
    night.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_a_session_that_is_over_is_replaced_once() {
    check_new_session(|discord| discord.invalidate_session(false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_a_refused_resume_is_replaced_once() {
    check_new_session(|discord| {
        discord.forget_sessions();
        discord.drop_gateway();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_a_zombie_is_noticed_within_two_heartbeats_and_resumed() {
    let night = Night::begin(World::standard().heartbeat_ms(1500)).await;
    night.discord.gateway_faults(|faults| faults.zombie = true);
    night.until(|status| status.stage != Stage::Connected).await;
    night.discord.heal();
    night.answers("after it").await;
    assert_eq!(night.discord.sessions().0, 1, "no new session was needed");
    night.end().await;
}

async fn check_welcome(welcome: Welcome) {
    let night = Night::begin(World::standard()).await;
    night.discord.welcome(welcome);
    night.discord.drop_gateway();
    night.until(|status| status.stage != Stage::Connected).await;
    night.discord.wait_gone().await;
    night.discord.welcome(Welcome::Normal);
    night.answers("after it").await;
    assert_eq!(night.discord.sessions().0, 1, "{welcome:?}");
    night.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_a_gateway_that_does_not_welcome_is_tried_again() {
    check_welcome(Welcome::Refused).await;
    check_welcome(Welcome::BlackHole).await;
    check_welcome(Welcome::NoHello).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_a_gateway_that_stays_away_is_given_up_for_a_new_client() {
    let night = Night::with_patience(World::standard(), Duration::from_secs(2)).await;
    night.discord.welcome(Welcome::BlackHole);
    night.discord.drop_gateway();
    let status = night.until(|status| status.rebuilt == 1).await;
    assert_eq!(status.last_reason, Some(Reason::Away));
    night.discord.heal();
    night.until(|status| status.identifies == 2 && status.stage == Stage::Connected).await;
    night.answers("after it").await;
    night.end().await;
}

async fn check_fatal(code: u16, fatal: Fatal) {
    let night = Night::begin(World::standard()).await;
    let discord = night.discord.clone();
    discord.close_gateway(code);
    assert_eq!(night.ends().await, Outcome::Fatal(fatal), "{code}");
    assert_eq!(discord.sessions(), (1, 0), "{code}: no further try");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t10_a_fatal_code_ends_it() {
    check_fatal(4004, Fatal::Token).await;
    check_fatal(4010, Fatal::Setup(4010)).await;
    check_fatal(4011, Fatal::Setup(4011)).await;
    check_fatal(4012, Fatal::Setup(4012)).await;
    check_fatal(4013, Fatal::Intents(4013)).await;
    check_fatal(4014, Fatal::Intents(4014)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t11_a_deaf_gateway_is_found_out_by_the_canary() {
    let night = Night::begin(World::standard()).await;
    night.discord.gateway_faults(|faults| faults.deaf = true);
    let status = night.until(|status| status.rebuilt == 1).await;
    assert_eq!(status.last_reason, Some(Reason::Deaf));
    night.discord.heal();
    night.until(|status| status.identifies == 2 && status.stage == Stage::Connected).await;
    night.answers("after it").await;
    let thread = night.discord.channel("ops").wait_for_thread("Watchpost listens here").await;
    let sung = |message: &MessageView| message.content.starts_with("Watchpost listens here.");
    let canaries = thread.messages().iter().filter(|message| sung(message)).count();
    assert_eq!(canaries, 1, "one message, edited, in a thread of its own");
    assert!(!night.discord.channel("ops").messages().iter().any(sung), "nobody's channel is unread for it");
    assert!(night.discord.member("ana").pings().is_empty());
    night.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_built_before_the_gateway_was_named() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let gate = super::night::gate(&discord, Limits::default()).await;
    discord.fault(RestFault::new(Effect::Html { status: 200 }));
    let http = gate.http(watchpost_commands::bot::gate::Traffic::Normal).unwrap().build();
    // What serenity alone would do: it falls back to the real Discord, and says so only in its log.
    let client = serenity::client::ClientBuilder::new_with_http(http, GatewayIntents::GUILDS).await.unwrap();
    assert_eq!(*client.ws_url.lock().await, "wss://gateway.discord.gg");
}
