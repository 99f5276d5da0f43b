//! The gateway: resume after a drop, op 7, op 9, routes that are unknown.

use serenity::all::{
    ChannelType, CreateChannel, CreateScheduledEvent, CreateThread, CreateWebhook, EditChannel, EditRole,
    EditScheduledEvent, EditThread, EditWebhookMessage, ExecuteWebhook, GatewayIntents, ScheduledEventType,
    Timestamp,
};
use watchpost_sandbox::{Delivery, Effect, Permissions, RateLimits, Response, RestFault, Sandbox, World};

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

#[tokio::test]
async fn a_strange_guild_is_seen_and_left() {
    let (discord, bot) = bot::running(World::standard()).await;
    let strange = discord.invite_bot("Strangers");
    let is_inside = |discord: &Sandbox| {
        let bot = discord.application_id();
        discord.look(|places| places.guilds[&strange].members.contains_key(&bot))
    };
    assert!(is_inside(&discord));
    bot.http.leave_guild(strange.0.into()).await.unwrap();
    assert!(!is_inside(&discord));
    discord
        .wait_for("the bot to hear of both", |_| {
            (bot.saw("GUILD_CREATE") == 2 && bot.saw("GUILD_DELETE") == 1).then_some(())
        })
        .await;
    assert_eq!(bot.unread(), Vec::<String>::new());
}

#[tokio::test]
async fn members_roles_and_the_calendar_are_told() {
    let world = World::standard().privileged_intents(1 << 1);
    let discord = Sandbox::start(world).await.unwrap();
    let intents = GatewayIntents::non_privileged() | GatewayIntents::GUILD_MEMBERS;
    let bot = bot::connect(&discord, intents).await;
    discord.wait_for_commands(&["ask"]).await;
    let zoe = discord.joins("zoe", &["responder"]);
    discord.set_roles(&zoe, &["manager"]);
    discord.leaves(&zoe);
    let ops = discord.channel("ops");
    let note = discord.member("ana").writes("x", "ops").await.unwrap();
    discord.member("ana").reacts(&note, "👀");
    discord.delete_message(note.id);
    discord.delete_channel(&ops);
    let told = [
        "GUILD_MEMBER_ADD",
        "GUILD_MEMBER_UPDATE",
        "GUILD_MEMBER_REMOVE",
        "MESSAGE_CREATE",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_DELETE",
        "CHANNEL_DELETE",
    ];
    discord.wait_for("all of it", |_| told.iter().all(|name| bot.saw(name) > 0).then_some(())).await;
    assert_eq!(bot.unread(), Vec::<String>::new());
}

/// Every event that the sandbox can send reaches serenity whole.
#[tokio::test]
async fn serenity_reads_every_event() {
    let all = Permissions::ALL;
    let (discord, bot) =
        bot::running(World::standard().bot_permissions(all).rate_limits(RateLimits::lenient())).await;
    let (http, guild) = (&bot.http, serenity::all::GuildId::new(discord.guild_id().0));
    let ops = serenity::all::ChannelId::new(discord.channel("ops").id().0);
    let mut role = guild.create_role(http, EditRole::new().name("helper")).await.unwrap();
    role.edit(http, EditRole::new().name("helpers")).await.unwrap();
    guild.delete_role(http, role.id).await.unwrap();
    let mut channel = guild.create_channel(http, CreateChannel::new("new")).await.unwrap();
    channel.edit(http, EditChannel::new().topic("x")).await.unwrap();
    let hook = channel.create_webhook(http, CreateWebhook::new("status")).await.unwrap();
    let sent =
        hook.execute(http, true, ExecuteWebhook::new().content("x").username("Mail")).await.unwrap().unwrap();
    hook.edit_message(http, sent.id, EditWebhookMessage::new().content("y")).await.unwrap();
    hook.delete_message(http, None, sent.id).await.unwrap();
    let (one, two) = (ops.say(http, "1").await.unwrap(), ops.say(http, "2").await.unwrap());
    one.react(http, '✅').await.unwrap();
    one.delete_reactions(http).await.unwrap();
    two.react(http, '✅').await.unwrap();
    two.delete_reaction_emoji(http, '✅').await.unwrap();
    one.react(http, '👀').await.unwrap();
    one.delete_reaction(http, None, '👀').await.unwrap();
    ops.delete_messages(http, [one.id, two.id]).await.unwrap();
    let thread =
        ops.create_thread(http, CreateThread::new("t").kind(ChannelType::PublicThread)).await.unwrap();
    thread.id.add_thread_member(http, discord.member("ana").id().0.into()).await.unwrap();
    thread.id.edit_thread(http, EditThread::new().locked(true)).await.unwrap();
    thread.id.delete(http).await.unwrap();
    let start = Timestamp::from_unix_timestamp(4_000_000_000).unwrap();
    let end = Timestamp::from_unix_timestamp(4_000_003_600).unwrap();
    let event = CreateScheduledEvent::new(ScheduledEventType::External, "Review", start)
        .end_time(end)
        .location("#ops");
    let event = guild.create_scheduled_event(http, event).await.unwrap();
    discord.decide_command("ask", "responder", false);
    guild.edit_scheduled_event(http, event.id, EditScheduledEvent::new().name("Review 2")).await.unwrap();
    guild.delete_scheduled_event(http, event.id).await.unwrap();
    let news = serenity::all::ChannelId::new(discord.channel("mail-status").id().0);
    let said = news.say(http, "x").await.unwrap();
    said.crosspost(http).await.unwrap();
    guild.edit_nickname(http, Some("Watch")).await.unwrap();
    channel.delete(http).await.unwrap();
    let last = "CHANNEL_DELETE";
    discord.wait_for("the last event", |_| (bot.saw(last) > 0).then_some(())).await;
    assert_eq!(bot.unread(), Vec::<String>::new());
    for name in [
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_UPDATE",
        "GUILD_ROLE_DELETE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "WEBHOOKS_UPDATE",
        "MESSAGE_CREATE",
        "MESSAGE_UPDATE",
        "MESSAGE_DELETE",
        "MESSAGE_DELETE_BULK",
        "MESSAGE_REACTION_ADD",
        "MESSAGE_REACTION_REMOVE",
        "MESSAGE_REACTION_REMOVE_ALL",
        "MESSAGE_REACTION_REMOVE_EMOJI",
        "THREAD_CREATE",
        "THREAD_UPDATE",
        "THREAD_DELETE",
        "THREAD_MEMBERS_UPDATE",
        "GUILD_SCHEDULED_EVENT_CREATE",
        "GUILD_SCHEDULED_EVENT_UPDATE",
        "GUILD_SCHEDULED_EVENT_DELETE",
        "GUILD_MEMBER_UPDATE",
        "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
    ] {
        assert!(bot.saw(name) > 0, "{name} never came");
    }
    discord.strict_verdict().unwrap();
}
