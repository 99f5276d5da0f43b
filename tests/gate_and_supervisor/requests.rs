//! The gate: storms of 503 and 429, tokens and permissions that are gone, answers that never end.

use std::collections::BTreeSet;

use futures::future::join_all;
use serenity::all::{EditMessage, MessageId};
use watchpost_commands::bot::gate::{GateState, Limits, NotSent, RestFailure, Unknown};
use watchpost_sandbox::{Effect, LimitScope, Permissions, Rate, RateLimits, RestFault, Sandbox, World};

use super::night::{channel, gate, http, say, short, within};

fn status(status: u16) -> Effect {
    Effect::Status { status }
}

fn limited(scope: LimitScope, retry_after: Option<&str>) -> Effect {
    Effect::RateLimited { scope, retry_after: retry_after.map(str::to_owned) }
}

/// The requests that reached a path, whatever their answer.
fn reached(discord: &Sandbox, part: &str) -> usize {
    discord.requests().iter().filter(|request| request.path.contains(part)).count()
}

fn answers_429(discord: &Sandbox) -> usize {
    discord.requests().iter().filter(|request| request.status == 429).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_messages_at_once_into_one_channel_need_no_429() {
    let limits = RateLimits { create_message: Rate::new(5, 200), ..RateLimits::default() };
    let discord = Sandbox::start(World::standard().rate_limits(limits)).await.unwrap();
    let gate = gate(&discord, Limits::default()).await;
    let (http, ops) = (http(&gate, &discord), channel(&discord, "ops"));
    let texts: Vec<String> = (0..50).map(|number| format!("Update {number}")).collect();
    let sent = join_all(texts.iter().map(|text| say(&http, ops, text))).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let arrived: BTreeSet<String> =
        discord.channel("ops").messages().into_iter().map(|message| message.content).collect();
    assert_eq!(arrived, texts.into_iter().collect());
    assert_eq!((answers_429(&discord), reached(&discord, "/messages")), (0, 50));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t06_a_storm_of_503_is_sat_out() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let gate = gate(&discord, short()).await;
    let (http, ops) = (http(&gate, &discord), channel(&discord, "ops"));
    let card = say(&http, ops, "Card").await.unwrap().id;
    let before = discord.requests().len();
    discord.fault(RestFault::new(status(503)));
    for step in 0..20 {
        let failure = say(&http, ops, &format!("Update {step}")).await.unwrap_err();
        assert_eq!(failure, RestFailure::Unknown(Unknown::ServerError));
    }
    let edit = ops.edit_message(&http, card, EditMessage::new().content("Card, edited"));
    assert!(within(edit).await.is_err());
    assert_eq!(discord.requests().len() - before, 21, "one request for each call, and not one more");
    discord.heal();
    assert!(say(&http, ops, "Over").await.is_ok());
    assert_eq!(gate.rest_health().borrow().failures_in_a_row, 0);
}

/// Thirty calls into one channel under this fault, then one into another: how many reached Discord?
async fn check_429(effect: Effect, most: usize, others_go_on: bool) {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let gate = gate(&discord, short()).await;
    let http = http(&gate, &discord);
    let (ops, management) = (channel(&discord, "ops"), channel(&discord, "management"));
    discord.fault(RestFault::new(effect.clone()).path(&format!("/channels/{ops}/")));
    let calls = join_all((0..30).map(|_| say(&http, ops, "Update"))).await;
    let given_back =
        |failure: &RestFailure| matches!(failure, RestFailure::NotSent(NotSent::Paused | NotSent::TooLate));
    assert!(calls.iter().all(|call| call.as_ref().is_err_and(given_back)), "{effect:?}: {calls:?}");
    assert!(answers_429(&discord) <= most, "{effect:?}: {} requests", answers_429(&discord));
    assert_eq!(say(&http, management, "Update").await.is_ok(), others_go_on, "{effect:?}");
    assert!(discord.invalid_requests() <= 10, "{effect:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t07_a_storm_of_429_is_sat_out_with_few_requests() {
    let absurd = [Some("0"), Some("-1"), Some("NaN"), Some("soon"), Some("1e9"), None];
    let own = absurd.map(|retry_after| check_429(limited(LimitScope::User, retry_after), 2, true));
    let shared = absurd.map(|retry_after| check_429(limited(LimitScope::Shared, retry_after), 2, true));
    join_all(own.into_iter().chain(shared)).await;
    check_429(limited(LimitScope::Global, Some("30")), 1, false).await;
    check_429(limited(LimitScope::Global, None), 1, false).await;
    check_429(Effect::RateLimitedHtml, 1, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t07_a_short_429_of_each_kind_is_waited_out() {
    for scope in [LimitScope::User, LimitScope::Shared, LimitScope::Global] {
        let discord = Sandbox::start(World::standard()).await.unwrap();
        let gate = gate(&discord, Limits::default()).await;
        let (http, ops) = (http(&gate, &discord), channel(&discord, "ops"));
        discord.fault(RestFault::new(limited(scope, Some("0.1"))).times(1));
        let sent = join_all((0..4).map(|_| say(&http, ops, "Update"))).await;
        assert!(sent.iter().all(Result::is_ok), "{scope:?}: {sent:?}");
        assert_eq!(answers_429(&discord), 1, "{scope:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t08_a_revoked_token_stops_everything_at_once() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let gate = gate(&discord, Limits::default()).await;
    let http = http(&gate, &discord);
    let channels = ["ops", "management"].map(|name| channel(&discord, name));
    discord.revoke_token();
    assert_eq!(
        say(&http, channels[0], "Update").await.unwrap_err(),
        RestFailure::Refused { status: 401, code: 0 }
    );
    assert_eq!(*gate.state().borrow(), GateState::Revoked);
    let calls = join_all((0..100).map(|number| say(&http, channels[number % 2], "Update"))).await;
    assert!(calls.iter().all(|call| matches!(call, Err(RestFailure::NotSent(NotSent::Revoked)))));
    assert_eq!(discord.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t08_a_permission_or_a_webhook_that_is_gone_is_named() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let gate = gate(&discord, Limits::default()).await;
    let (http, ops) = (http(&gate, &discord), channel(&discord, "ops"));
    discord.set_bot_overwrite(&discord.channel("ops"), Permissions::NONE, Permissions::SEND_MESSAGES);
    assert_eq!(
        say(&http, ops, "Update").await.unwrap_err(),
        RestFailure::Refused { status: 403, code: 50_013 }
    );
    let gone = within(http.get_webhook_with_token(7.into(), "a-token-of-a-webhook-that-is-gone")).await;
    let failure = RestFailure::read(&gone.unwrap_err());
    assert_eq!(failure, RestFailure::Refused { status: 404, code: 10_015 });
    assert_eq!((*gate.state().borrow(), discord.requests().len()), (GateState::Open, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t08_a_loop_of_403_stops_below_two_hundred() {
    let wide = Rate::new(10_000, 1_000);
    let limits = RateLimits { create_message: wide, global: wide, ..RateLimits::default() };
    let discord = Sandbox::start(World::standard().rate_limits(limits)).await.unwrap();
    let gate = gate(&discord, Limits { a_second: 10_000, ..short() }).await;
    let (http, ops) = (http(&gate, &discord), channel(&discord, "ops"));
    discord.set_bot_overwrite(&discord.channel("ops"), Permissions::NONE, Permissions::SEND_MESSAGES);
    let mut refused = 0;
    while let Err(RestFailure::Refused { status: 403, .. }) = say(&http, ops, "Update").await {
        refused += 1;
    }
    assert!((150..=200).contains(&refused), "{refused}");
    assert_eq!(say(&http, ops, "Update").await.unwrap_err(), RestFailure::NotSent(NotSent::TooManyInvalid));
    assert_eq!((*gate.state().borrow(), discord.invalid_requests()), (GateState::Tripped, refused));
}

async fn check_lost(effect: Effect, expected: Unknown, carried_out: usize) {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let gate = gate(&discord, short()).await;
    let (http, ops) = (http(&gate, &discord), channel(&discord, "ops"));
    discord.fault(RestFault::new(effect.clone()).method("POST"));
    assert_eq!(say(&http, ops, "Update").await.unwrap_err(), RestFailure::Unknown(expected), "{effect:?}");
    assert_eq!(reached(&discord, "/messages"), 1, "{effect:?}: a message is never sent twice");
    assert_eq!(discord.channel("ops").messages().len(), carried_out, "{effect:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t09_a_message_without_a_usable_answer_is_sent_once_and_left_in_doubt() {
    check_lost(Effect::Hang, Unknown::Silent, 0).await;
    check_lost(Effect::Drop, Unknown::Cut, 0).await;
    check_lost(Effect::Reset, Unknown::Cut, 0).await;
    check_lost(Effect::LostAnswer, Unknown::Cut, 1).await;
    check_lost(Effect::Drip, Unknown::Silent, 1).await;
    check_lost(Effect::Truncated, Unknown::Cut, 1).await;
    check_lost(Effect::Endless, Unknown::TooLarge, 0).await;
    check_lost(Effect::Html { status: 200 }, Unknown::Unreadable, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t09_what_may_be_asked_twice_is_asked_again() {
    for effect in [Effect::Drop, Effect::Reset, Effect::Truncated, Effect::Html { status: 200 }, status(502)]
    {
        let discord = Sandbox::start(World::standard()).await.unwrap();
        let gate = gate(&discord, Limits { again_after: short().again_after, ..Limits::default() }).await;
        let (http, ops) = (http(&gate, &discord), channel(&discord, "ops"));
        let card: MessageId = say(&http, ops, "Card").await.unwrap().id;
        discord.fault(RestFault::new(effect.clone()).times(2));
        let edited = within(ops.edit_message(&http, card, EditMessage::new().content("Card, edited"))).await;
        assert!(edited.is_ok(), "{effect:?}");
    }
}
