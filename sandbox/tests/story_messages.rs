//! Messages, files, threads, pins, reactions over serenity's own functions.

use serenity::all::{
    AutoArchiveDuration, ChannelId, CreateAllowedMentions, CreateAttachment, CreateEmbed, CreateForumPost,
    CreateMessage, CreateThread, EditMessage, EditThread, GetMessages, MessageId, ReactionType,
};
use serenity::http::HttpError;
use watchpost_sandbox::{Permissions, World};

use crate::bot;

fn code(error: serenity::Error) -> isize {
    match error {
        serenity::Error::Http(HttpError::UnsuccessfulRequest(response)) => response.error.code,
        other => panic!("no answer of Discord: {other:?}"),
    }
}

#[tokio::test]
async fn messages_with_files_edits_pins_and_threads() {
    let (discord, bot) = bot::running(World::standard()).await;
    let http = &bot.http;
    let ops = ChannelId::new(discord.channel("ops").id().0);
    let file = CreateAttachment::bytes(b"a,b\n1,2\n".to_vec(), "timeline.csv");
    let embed = CreateEmbed::new().title("Card").image("attachment://timeline.csv");
    let mut sent =
        ops.send_files(http, [file], CreateMessage::new().content("first").embed(embed)).await.unwrap();
    assert_eq!(sent.attachments[0].download().await.unwrap(), b"a,b\n1,2\n");
    sent.edit(http, EditMessage::new().content("edited")).await.unwrap();
    sent.pin(http).await.unwrap();
    assert_eq!(ops.pins(http).await.unwrap()[0].id, sent.id);
    sent.react(http, ReactionType::Unicode("✅".to_owned())).await.unwrap();
    let thread = ops.create_thread_from_message(http, sent.id, CreateThread::new("INC-1")).await.unwrap();
    assert_eq!(thread.id.get(), sent.id.get());
    let again = ops.create_thread_from_message(http, sent.id, CreateThread::new("INC-1")).await.unwrap_err();
    assert_eq!(code(again), 160_004);
    thread.id.say(http, "inside").await.unwrap();
    let edit = EditThread::new().archived(true).auto_archive_duration(AutoArchiveDuration::OneWeek);
    thread.id.edit_thread(http, edit).await.unwrap();
    let seen = discord.channel("ops").pins();
    assert_eq!((seen[0].content.as_str(), seen[0].reactions.len()), ("edited", 1));
    assert!(seen[0].embeds[0]["image"]["url"].as_str().unwrap().ends_with("timeline.csv"));
    assert!(discord.channel("INC-1").state().unwrap().archived);
    let page = ops.messages(http, GetMessages::new().limit(1)).await.unwrap();
    assert_eq!(page.len(), 1);
    let after = ops.messages(http, GetMessages::new().after(MessageId::new(1))).await.unwrap();
    assert_eq!(after.last().map(|m| m.id), Some(sent.id));
    assert_eq!(bot.unread(), Vec::<String>::new());
}

#[tokio::test]
async fn forum_posts_and_direct_messages() {
    let (discord, bot) = bot::running(World::standard()).await;
    let http = &bot.http;
    let forum = ChannelId::new(discord.channel("incidents").id().0);
    let tag = discord.look(|places| places.channels[&discord_id(forum.get())].tags[0].id);
    let post =
        CreateForumPost::new("INC-2", CreateMessage::new().content("the card")).add_applied_tag(tag.0.into());
    let post = forum.create_forum_post(http, post).await.unwrap();
    let seen = discord.channel("incidents").wait_for_thread("INC-2").await;
    assert_eq!(seen.messages()[0].content, "the card");
    assert_eq!((seen.id().0, seen.messages()[0].id.0), (post.id.get(), post.id.get()));
    assert_eq!(seen.state().unwrap().tags, ["open"]);
    let ana = serenity::all::UserId::new(discord.member("ana").id().0);
    let dm = ana.create_dm_channel(http).await.unwrap();
    dm.id.say(http, "wake up").await.unwrap();
    assert_eq!(discord.member("ana").dms().messages()[0].content, "wake up");
    assert_eq!(bot.unread(), Vec::<String>::new());
    discord.strict_verdict().unwrap();
}

fn discord_id(id: u64) -> watchpost_sandbox::Id {
    watchpost_sandbox::Id(id)
}

#[tokio::test]
async fn only_who_may_be_pinged_is_pinged() {
    let (discord, bot) = bot::running(World::standard()).await;
    let http = &bot.http;
    let ops = ChannelId::new(discord.channel("ops").id().0);
    let (ana, role) = (discord.member("ana").id(), discord.role_id("responder").unwrap());
    let text = format!("@everyone <@{ana}> <@&{role}>");
    ops.say(http, &text).await.unwrap();
    let all = discord.channel("ops").last(|_| true).unwrap();
    assert_eq!(sorted(all.pinged()), ["ana", "ben"], "the bot may not ping everyone");
    let none = CreateMessage::new().content(&text).allowed_mentions(CreateAllowedMentions::new());
    ops.send_message(http, none).await.unwrap();
    assert!(discord.channel("ops").last(|_| true).unwrap().pinged().is_empty());
    let one = CreateAllowedMentions::new().roles([role.0]);
    ops.send_message(http, CreateMessage::new().content(&text).allowed_mentions(one)).await.unwrap();
    assert_eq!(sorted(discord.channel("ops").last(|_| true).unwrap().pinged()), ["ana", "ben"]);
    assert_eq!(discord.member("uli").pings().len(), 0);
    assert_eq!(discord.member("ana").pings().len(), 2);
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[tokio::test]
async fn permissions_are_computed_from_roles_and_overwrites() {
    let world =
        World::standard().overwrite("management", "Bot", Permissions::NONE, Permissions::SEND_MESSAGES);
    let (discord, bot) = bot::running(world).await;
    let http = &bot.http;
    let management = discord.channel("management");
    let id = ChannelId::new(management.id().0);
    assert_eq!(code(id.say(http, "x").await.unwrap_err()), 50_013);
    discord.set_bot_overwrite(&management, Permissions::NONE, Permissions::VIEW_CHANNEL);
    assert_eq!(code(id.say(http, "x").await.unwrap_err()), 50_001);
    discord.set_bot_overwrite(&management, Permissions::SEND_MESSAGES, Permissions::NONE);
    id.say(http, "x").await.unwrap();
    discord.delete_channel(&management);
    assert_eq!(code(id.say(http, "x").await.unwrap_err()), 10_003);
    assert_eq!(bot.unread(), Vec::<String>::new());
}
