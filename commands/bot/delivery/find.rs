//! Looks in the channel whether a message whose delivery is uncertain has arrived.

use serenity::builder::GetMessages;
use serenity::http::Http;
use serenity::model::channel::{GuildChannel, Message, Nonce};
use serenity::model::id::{ChannelId, MessageId};
use watchpost::clock::UtcMs;
use watchpost::ids::PlaceId;
use watchpost::outbox::{Item, Proof};

use super::{nonce, proof};
use crate::bot::rendering::Rendered;

/// Messages that are read back, in pages of a hundred (resources/message, get channel messages).
const PAGES: usize = 5;
/// How far the clocks of Discord and of this machine may differ.
const CLOCKS_DIFFER_MS: i64 = 60_000;
/// The first moment that a Discord number can name (reference, snowflakes).
const FIRST_MOMENT_MS: i64 = 1_420_070_400_000;

/// Our own message with the item's nonce, or with exactly its text, posted since the item was due.
pub(super) async fn message(http: &Http, place: ChannelId, item: &Item) -> Option<Proof> {
    let own = http.get_current_user().await.ok()?.id;
    let mut after = first_number_since(item.due);
    for _ in 0..PAGES {
        let page = place.messages(http, GetMessages::new().after(after).limit(100)).await.ok()?;
        let ours = page.iter().filter(|message| message.author.id == own);
        if let Some(found) =
            ours.min_by_key(|message| (!is_it(message, item), message.id)).filter(|m| is_it(m, item))
        {
            return Some(proof(found.channel_id, found.id));
        }
        after = page.iter().map(|message| message.id).max().filter(|_| page.len() == 100)?;
    }
    None
}

/// Our own post in a forum with this name: names begin with the number of the incident, so there is one.
pub(super) async fn topic(http: &Http, forum: ChannelId, name: &str) -> Option<Proof> {
    let own = http.get_current_user().await.ok()?.id;
    let guild = forum.to_channel(http).await.ok()?.guild()?.guild_id;
    let active = guild.get_active_threads(http).await.ok()?.threads;
    let ours = |thread: &&GuildChannel| {
        thread.parent_id == Some(forum) && thread.owner_id == Some(own) && thread.name == name
    };
    active.iter().find(ours).map(|thread| Proof::Thread(PlaceId(thread.id.get())))
}

fn is_it(message: &Message, item: &Item) -> bool {
    if let Some(Nonce::String(said)) = &message.nonce {
        return *said == nonce(&item.key);
    }
    // Discord seldom gives the nonce back later. The text of an update names its times, so it stands for the item.
    let expected = Rendered::of(&item.message);
    expected.reads_as(message)
}

/// The smallest number that a message since `due` can have.
fn first_number_since(due: UtcMs) -> MessageId {
    let since = (due.0 - CLOCKS_DIFFER_MS - FIRST_MOMENT_MS).max(1);
    MessageId::new(u64::try_from(since).unwrap_or(1) << 22)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_becomes_the_number_that_discord_would_give() {
        // The example of Discord's reference: 175928847299117063 was given at 1462015105796.
        let number = first_number_since(UtcMs(1_462_015_105_796 + CLOCKS_DIFFER_MS)).get();
        assert_eq!(number, 175_928_847_299_117_063 >> 22 << 22);
        assert_eq!(first_number_since(UtcMs(0)).get(), 1 << 22);
    }
}
