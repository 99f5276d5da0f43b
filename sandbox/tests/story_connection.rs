//! The gateway: resume after a drop, op 7, op 9, routes that are unknown.

use serenity::all::GatewayIntents;
use watchpost_sandbox::{Delivery, Effect, Response, RestFault, Sandbox, World};

use crate::bot;

#[tokio::test]
async fn a_dropped_connection_is_resumed_and_nothing_is_lost() {
    let (discord, bot) = bot::running(World::standard()).await;
    let ana = discord.member("ana");
    discord.drop_gateway();
    discord.wait_gone().await;
    let asked = ana.types("/ask", &[("text", "in the gap")], "ops").await.unwrap();
    assert_eq!(asked.message().await.content, "You asked: in the gap");
    assert_eq!(discord.sessions(), (1, 1));
    assert_eq!((bot.saw("RESUMED"), bot.unread()), (1, Vec::new()));
}

#[tokio::test]
async fn a_refused_resume_leads_to_a_new_session() {
    let (discord, bot) = bot::running(World::standard()).await;
    discord.gateway_faults(|faults| faults.refuse_resume = true);
    discord.drop_gateway();
    discord.wait_gone().await;
    discord.wait_ready().await;
    assert_eq!(discord.sessions(), (2, 1));
    discord.heal();
    let asked = discord.member("ana").types("/ask", &[("text", "again")], "ops").await.unwrap();
    assert_eq!(asked.message().await.content, "You asked: again");
    assert_eq!(bot.unread(), Vec::<String>::new());
}

#[tokio::test]
async fn discord_asks_for_a_reconnect() {
    let (discord, bot) = bot::running(World::standard()).await;
    discord.ask_reconnect();
    let ana = discord.member("ana");
    let asked = ana.types("/ask", &[("text", "after op 7")], "ops").await.unwrap();
    assert_eq!(asked.message().await.content, "You asked: after op 7");
    assert_eq!(bot.unread(), Vec::<String>::new());
}

#[tokio::test]
async fn held_interactions_arrive_late_and_twice() {
    let (discord, _bot) = bot::running(World::standard()).await;
    let ana = discord.member("ana");
    discord.deliver(Delivery::Held);
    let late = ana.types("/ask", &[("text", "late")], "ops").await.unwrap();
    assert!(matches!(late.response(), Response::Waiting));
    discord.release(false);
    assert_eq!(late.message().await.content, "You asked: late");
    discord.deliver(Delivery::Twice);
    let twice = ana.types("/ask", &[("text", "twice")], "ops").await.unwrap();
    twice.message().await;
    let refused = || discord.requests().iter().filter(|request| request.code == Some(40_060)).count();
    while refused() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(refused(), 1);
}

#[tokio::test]
async fn an_unknown_route_fails_the_story() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let http = bot::http(&discord);
    assert!(http.get_voice_regions().await.is_err());
    let verdict = discord.verdict().unwrap_err();
    assert!(verdict.contains("/api/v10/voice/regions"), "{verdict}");
    assert_eq!(discord.requests()[0].status, 501);
}

#[tokio::test]
async fn a_wrong_token_and_disallowed_intents_are_fatal() {
    let discord = Sandbox::start(World::standard()).await.unwrap();
    let bot = bot::connect(&discord, GatewayIntents::all()).await;
    discord.wait_for("the bot to be thrown out", |_| (bot.saw("READY") == 0).then_some(())).await;
    discord.revoke_token();
    assert!(bot.http.get_current_user().await.is_err());
    assert_eq!(discord.requests().last().unwrap().status, 401);
}

#[tokio::test]
async fn faults_of_the_rest_side() {
    let (discord, bot) = bot::running(World::standard()).await;
    let get = || bot.http.get_current_user();
    discord.fault(RestFault::new(Effect::Status { status: 503 }).times(1));
    assert!(get().await.is_err());
    discord.fault(RestFault::new(Effect::Drop).times(1));
    assert!(get().await.is_err());
    discord.fault(RestFault::new(Effect::Reset).times(1));
    assert!(get().await.is_err());
    discord.fault(RestFault::new(Effect::Truncated).times(1));
    assert!(get().await.is_err());
    discord.fault(RestFault::new(Effect::Html { status: 200 }).times(1));
    assert!(get().await.is_err());
    assert!(get().await.is_ok());
    discord.fault(RestFault::new(Effect::Hang).times(1));
    let before = discord.requests().len();
    let waiting = tokio::spawn({
        let http = std::sync::Arc::clone(&bot.http);
        async move { http.get_current_user().await.is_ok() }
    });
    while discord.requests().len() == before {
        tokio::task::yield_now().await;
    }
    discord.heal();
    assert!(!waiting.await.unwrap(), "a hang ends without an answer");
}
