//! Threads, forums, pins, roles, members, webhooks, rule by rule.

use serde_json::{Value, json};
use watchpost_sandbox::{Clock, Permissions, RateLimits, World};

use crate::raw::{Raw, long, play, rule};

fn world() -> World {
    World::standard().rate_limits(RateLimits::lenient())
}

async fn with_message(world: World) -> Raw {
    let mut raw = Raw::start(world).await;
    raw.make("message", "POST", "channels/{ops}/messages", &json!({"content": "x"})).await;
    raw
}

#[tokio::test]
async fn threads() {
    let mut raw = with_message(world()).await;
    let open = |body: Value| ("POST", "channels/{ops}/messages/{message}/threads", body);
    let loose = |body: Value| ("POST", "channels/{ops}/threads", body);
    let rules = vec![
        rule("no name", "resources/channel", open(json!({})), (400, 50_035, "name")),
        rule("name 101", "resources/channel", open(json!({"name": long(101)})), (400, 50_035, "name")),
        rule(
            "an hour and a bit",
            "resources/channel",
            open(json!({"name": "x", "auto_archive_duration": 61})),
            (400, 50_035, "auto_archive_duration"),
        ),
        rule(
            "a thread",
            "resources/channel",
            open(json!({"name": long(100), "auto_archive_duration": 10_080})),
            (201, 0, ""),
        ),
        rule("a second one", "opcodes", open(json!({"name": "x"})), (400, 160_004, "")),
        rule("without message", "resources/channel", loose(json!({"name": "x", "type": 11})), (201, 0, "")),
        rule(
            "a private one",
            "resources/channel",
            loose(json!({"name": "private", "type": 12})),
            (201, 0, ""),
        ),
        rule(
            "a kind that does not fit",
            "opcodes",
            loose(json!({"name": "x", "type": 10})),
            (400, 50_024, ""),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
    let id = raw.names["message"].clone();
    raw.name("thread", id);
    raw.make("inside", "POST", "channels/{thread}/messages", &json!({"content": "x"})).await;
    let patch = |body: Value| ("PATCH", "channels/{thread}", body);
    let say = ("POST", "channels/{thread}/messages", json!({"content": "x"}));
    let edit = ("PATCH", "channels/{thread}/messages/{inside}", json!({"content": "y"}));
    let rules = vec![
        rule("archived", "topics/threads", patch(json!({"archived": true})), (200, 0, "")),
        rule("an edit in an archived thread", "opcodes", edit.clone(), (400, 50_083, "")),
        rule(
            "a pin in an archived thread",
            "opcodes",
            ("PUT", "channels/{thread}/pins/{inside}", Value::Null),
            (400, 50_083, ""),
        ),
        rule("a message wakes it", "topics/threads", say.clone(), (200, 0, "")),
        rule("and it can be edited", "topics/threads", edit, (200, 0, "")),
        rule(
            "the thread is active",
            "resources/guild",
            ("GET", "guilds/{guild}/threads/active", Value::Null),
            (200, 0, ""),
        ),
        rule(
            "somebody is added",
            "resources/channel",
            ("PUT", "channels/{thread}/thread-members/{ana}", Value::Null),
            (204, 0, ""),
        ),
        rule(
            "and is in it",
            "resources/channel",
            ("GET", "channels/{thread}/thread-members/{ana}", Value::Null),
            (200, 0, ""),
        ),
        rule(
            "and is taken out",
            "resources/channel",
            ("DELETE", "channels/{thread}/thread-members/{ana}", Value::Null),
            (204, 0, ""),
        ),
        rule(
            "locked and archived",
            "topics/threads",
            patch(json!({"archived": true, "locked": true})),
            (200, 0, ""),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
    let archived = raw.send("GET", "channels/{ops}/threads/archived/public", &Value::Null).await;
    assert_eq!(archived.body["threads"][0]["id"].as_str(), Some(raw.names["thread"].as_str()));
    let ops = raw.discord.channel("ops");
    raw.discord.set_bot_overwrite(&ops, Permissions::NONE, Permissions::MANAGE_THREADS);
    play(&raw, rule("a locked thread", "opcodes", say, (400, 160_005, ""))).await;
    assert!(!raw.discord.member("ana").can_see("private"), "a private thread is for those in it");
}

#[tokio::test]
async fn a_quiet_thread_is_put_away() {
    let (clock, stepper) = Clock::stepped(1_790_000_000_000);
    let mut raw = with_message(world().clock(clock)).await;
    let body = json!({"name": "INC-1", "auto_archive_duration": 60});
    raw.make("thread", "POST", "channels/{ops}/messages/{message}/threads", &body).await;
    let is_archived = |raw: &Raw| raw.discord.channel("INC-1").state().unwrap().archived;
    stepper.advance_ms(59 * 60_000);
    raw.make("inside", "POST", "channels/{thread}/messages", &json!({"content": "x"})).await;
    stepper.advance_ms(59 * 60_000);
    raw.send("GET", "channels/{thread}", &Value::Null).await;
    assert!(!is_archived(&raw), "a message keeps it open");
    stepper.advance_ms(60_000);
    raw.send("GET", "channels/{thread}", &Value::Null).await;
    assert!(is_archived(&raw));
    raw.discord.member("ana").writes("still here", "INC-1").await.unwrap();
    assert!(!is_archived(&raw), "a person's message wakes it");
}

#[tokio::test]
async fn forum_posts() {
    let raw = Raw::start(world()).await;
    let post = |body: Value| ("POST", "channels/{incidents}/threads", body);
    let rules = vec![
        rule(
            "a post",
            "resources/channel",
            post(json!({"name": "x", "message": {"content": "x"}})),
            (201, 0, ""),
        ),
        rule("without message", "resources/channel", post(json!({"name": "x"})), (400, 50_035, "message")),
        rule(
            "an empty one",
            "resources/channel",
            post(json!({"name": "x", "message": {"content": ""}})),
            (400, 50_006, ""),
        ),
        rule(
            "too long",
            "resources/message",
            post(json!({"name": "x", "message": {"content": long(2_001)}})),
            (400, 50_035, "message.content"),
        ),
        rule(
            "a tag of another forum",
            "opcodes",
            post(json!({"name": "x", "applied_tags": ["1"], "message": {"content": "x"}})),
            (404, 10_087, ""),
        ),
        rule(
            "6 tags",
            "resources/channel",
            post(json!({"name": "x", "applied_tags": vec!["{tag-open}"; 6], "message": {"content": "x"}})),
            (400, 50_035, "applied_tags"),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
    assert_eq!(raw.discord.channel("incidents").threads().len(), 1);
}

#[tokio::test]
async fn pins_need_their_own_permission() {
    let raw = with_message(world().bot_permissions(Permissions::USUAL | Permissions::MANAGE_MESSAGES)).await;
    for path in ["channels/{ops}/pins/{message}", "channels/{ops}/messages/pins/{message}"] {
        play(
            &raw,
            rule(
                "MANAGE_MESSAGES is not enough",
                "change-log 2026-02-23",
                ("PUT", path, Value::Null),
                (403, 50_013, ""),
            ),
        )
        .await;
    }
    let raw = with_message(world()).await;
    for path in ["channels/{ops}/pins/{message}", "channels/{ops}/messages/pins/{message}"] {
        play(&raw, rule("pinned", "resources/message", ("PUT", path, Value::Null), (204, 0, ""))).await;
        assert_eq!(raw.discord.channel("ops").pins().len(), 1);
        play(&raw, rule("unpinned", "resources/message", ("DELETE", path, Value::Null), (204, 0, ""))).await;
        assert_eq!(raw.discord.channel("ops").pins().len(), 0);
    }
}

#[tokio::test]
async fn reactions() {
    let raw = with_message(world()).await;
    let at = |emoji: &str| format!("channels/{{ops}}/messages/{{message}}/reactions/{emoji}");
    for n in 0..20_u32 {
        let emoji = char::from_u32(0x1F600 + n).unwrap();
        assert_eq!(raw.send("PUT", &at(&format!("{emoji}/@me")), &Value::Null).await.status, 204);
    }
    let refused = raw.send("PUT", &at("✅/@me"), &Value::Null).await;
    assert_eq!((refused.status, refused.code()), (400, 30_010));
    let wrong = raw.send("PUT", &at("smile/@me"), &Value::Null).await;
    assert_eq!((wrong.status, wrong.code()), (400, 10_014));
    let who = raw.send("GET", &at("%F0%9F%98%80"), &Value::Null).await;
    assert_eq!(who.body[0]["id"].as_str(), Some(raw.names["app"].as_str()));
    assert_eq!(raw.send("DELETE", &at("%F0%9F%98%80/@me"), &Value::Null).await.status, 204);
    assert_eq!(raw.discord.channel("ops").messages()[0].reactions.len(), 19);
}

#[tokio::test]
async fn webhooks() {
    let all = Permissions::USUAL | Permissions::MANAGE_WEBHOOKS;
    let mut raw = Raw::start(world().bot_permissions(all)).await;
    let made = raw.make("hook", "POST", "channels/{ops}/webhooks", &json!({"name": "status"})).await;
    let token = made.body["token"].as_str().unwrap().to_owned();
    let path = format!("webhooks/{{hook}}/{token}");
    assert_eq!(raw.send("POST", &path, &json!({"content": "quiet"})).await.status, 204);
    let waited =
        raw.send("POST", &format!("{path}?wait=true"), &json!({"content": "x", "username": "Mail"})).await;
    assert_eq!(waited.body["author"]["username"], "Mail");
    raw.name("sent", waited.id());
    let edited = raw.send("PATCH", &format!("{path}/messages/{{sent}}"), &json!({"content": "y"})).await;
    assert_eq!(edited.body["content"], "y");
    assert_eq!(raw.send("DELETE", &format!("{path}/messages/{{sent}}"), &Value::Null).await.status, 204);
    let wrong = raw.send("POST", "webhooks/{hook}/wrong", &json!({"content": "x"})).await;
    assert_eq!((wrong.status, wrong.code()), (401, 50_027));
    let named = raw.send("POST", "channels/{ops}/webhooks", &json!({"name": "Discord"})).await;
    assert_eq!((named.status, named.code()), (400, 50_035));
    assert_eq!(raw.send("DELETE", "webhooks/{hook}", &Value::Null).await.status, 204);
    let gone = raw.send("POST", &path, &json!({"content": "x"})).await;
    assert_eq!((gone.status, gone.code()), (404, 10_015));
}

#[tokio::test]
async fn roles_and_members() {
    let all = Permissions::USUAL | Permissions::MANAGE_ROLES;
    let mut raw = Raw::start(world().bot_permissions(all)).await;
    let made = raw
        .make("helper", "POST", "guilds/{guild}/roles", &json!({"name": "helper", "mentionable": true}))
        .await;
    assert_eq!(made.body["mentionable"], true);
    let rules = vec![
        rule(
            "given",
            "resources/guild",
            ("PUT", "guilds/{guild}/members/{ana}/roles/{helper}", Value::Null),
            (204, 0, ""),
        ),
        rule(
            "taken",
            "resources/guild",
            ("DELETE", "guilds/{guild}/members/{ana}/roles/{helper}", Value::Null),
            (204, 0, ""),
        ),
        rule(
            "the bot's own role",
            "topics/permissions",
            ("PUT", "guilds/{guild}/members/{ana}/roles/{role-Bot}", Value::Null),
            (403, 50_013, ""),
        ),
        rule("nobody", "opcodes", ("GET", "guilds/{guild}/members/1", Value::Null), (404, 10_007, "")),
        rule("another guild", "opcodes", ("GET", "guilds/1/roles", Value::Null), (403, 50_001, "")),
        rule(
            "deleted",
            "resources/guild",
            ("DELETE", "guilds/{guild}/roles/{helper}", Value::Null),
            (204, 0, ""),
        ),
        rule(
            "an overwrite",
            "resources/channel",
            (
                "PUT",
                "channels/{ops}/permissions/{role-manager}",
                json!({"type": 0, "allow": "0", "deny": "1024"}),
            ),
            (204, 0, ""),
        ),
        rule(
            "not without type",
            "resources/channel",
            ("PUT", "channels/{ops}/permissions/{role-manager}", json!({"allow": "0"})),
            (400, 50_035, "type"),
        ),
    ];
    for each in rules {
        play(&raw, each).await;
    }
    assert!(!raw.discord.member("mia").can_see("ops"));
    assert!(raw.discord.member("ana").can_see("ops"));
}

#[tokio::test]
async fn direct_messages_can_be_refused() {
    let mut raw = Raw::start(world().member("quiet", &[]).without_dms()).await;
    raw.make("dm", "POST", "users/@me/channels", &json!({"recipient_id": "{quiet}"})).await;
    let say = ("POST", "channels/{dm}/messages", json!({"content": "x"}));
    play(&raw, rule("somebody who takes none", "opcodes", say, (403, 50_007, ""))).await;
    let again = raw.send("POST", "users/@me/channels", &json!({"recipient_id": "{quiet}"})).await;
    assert_eq!(again.id(), raw.names["dm"]);
}

#[tokio::test]
async fn a_guild_is_left() {
    let raw = Raw::start(world()).await;
    let (mut gateway, _) = raw.ready(1).await;
    assert_eq!(raw.send("DELETE", "users/@me/guilds/{guild}", &Value::Null).await.status, 204);
    assert_eq!(gateway.event("GUILD_DELETE").await["id"].as_str(), Some(raw.names["guild"].as_str()));
    let after = raw.send("POST", "channels/{ops}/messages", &json!({"content": "x"})).await;
    assert_eq!((after.status, after.code()), (403, 50_001));
}

#[tokio::test]
async fn webhooks_and_forums() {
    let all = Permissions::USUAL | Permissions::MANAGE_WEBHOOKS;
    let mut raw = Raw::start(world().bot_permissions(all)).await;
    let hook = raw.make("hook", "POST", "channels/{incidents}/webhooks", &json!({"name": "status"})).await;
    let path = format!("webhooks/{{hook}}/{}?wait=true", hook.body["token"].as_str().unwrap());
    let plain = raw.send("POST", &path, &json!({"content": "x"})).await;
    assert_eq!((plain.status, plain.code()), (400, 220_001));
    let post = raw.send("POST", &path, &json!({"content": "x", "thread_name": "INC-9"})).await;
    assert_eq!((post.status, post.body["channel_id"].as_str()), (200, Some(post.id().as_str())));
    assert_eq!(raw.discord.channel("INC-9").messages()[0].author, "status");
    let other = raw.make("other", "POST", "channels/{ops}/webhooks", &json!({"name": "status"})).await;
    let path = format!("webhooks/{{other}}/{}?wait=true", other.body["token"].as_str().unwrap());
    let wrong = raw.send("POST", &path, &json!({"content": "x", "thread_name": "INC-9"})).await;
    assert_eq!((wrong.status, wrong.code()), (400, 220_003));
    let text = json!({"content": "@everyone <@{ana}>"});
    let quiet = raw.send("POST", &path, &text).await;
    assert_eq!(quiet.body["mention_everyone"], false, "without allowed_mentions only users are pinged");
    let loud = json!({"content": "@everyone", "allowed_mentions": {"parse": ["everyone"]}});
    assert_eq!(raw.send("POST", &path, &loud).await.body["mention_everyone"], true);
}

#[tokio::test]
async fn the_list_of_members_is_privileged() {
    let raw = Raw::start(world()).await;
    let refused = raw.send("GET", "guilds/{guild}/members?limit=10", &Value::Null).await;
    assert_eq!((refused.status, refused.code()), (403, 50_001));
    let raw = Raw::start(world().privileged_intents(1 << 1)).await;
    let all = raw.send("GET", "guilds/{guild}/members?limit=10", &Value::Null).await;
    assert_eq!(all.body.as_array().unwrap().len(), 6);
}
