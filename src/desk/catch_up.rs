//! What is said in the chat when it is back: one message for each channel, instead of all that could not be brought.
//!
//! 1. Every incident with an entry since the chat was lost is looked at.
//! 2. In its thread one message takes the place of all that wait for it; the card shows the rest.
//! 3. In a channel of an audience the newest update goes out alone, and names the ones before it that never came.
//! 4. In the operations channel one line for each incident says where to read on.
//!
//! It is called while nothing is brought to the chat, so that nothing of the old leaves in between.

use std::collections::BTreeMap;

use watchpost_texts::say;

use super::{Desk, is_housekeeping};
use crate::clock::UtcMs;
use crate::ids::{GuildId, IncidentId, PlaceId};
use crate::incident::Incident;
use crate::incident::event::{Event, Origin, Recorded};
use crate::outbox::{Field, Item, ItemKey, Kept, Message, Place, Post, Progress, Purpose};
use crate::store::{Commit, StoreError};
use crate::timeline;

/// Entries that a message in the thread names; the timeline has all.
const NAMED: usize = 12;

/// One incident, as it was carried on without the chat.
struct Meanwhile {
    incident: std::sync::Arc<Incident>,
    events: Vec<Recorded>,
    waiting: Vec<Kept>,
}

impl Desk {
    /// Puts one message for each channel in the place of what waits for the chat since `since`.
    ///
    /// # Errors
    /// Whatever the store says; nothing was changed then.
    pub async fn catch_up(&self, since: UtcMs) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let mut commit = Commit { recorded_at: now, ..Commit::default() };
        let mut lines: BTreeMap<GuildId, Vec<String>> = BTreeMap::new();
        for head in self.store.heads().await? {
            let Some(meanwhile) = self.meanwhile(head.id, since).await? else { continue };
            in_the_thread(&meanwhile, since, now, &mut commit);
            for_the_audiences(&meanwhile, since, now, &mut commit);
            lines.entry(head.guild).or_default().push(line(&meanwhile));
        }
        let policy = self.policy();
        for (guild, lines) in &lines {
            if let Some(guild_policy) = policy.guilds.get(guild) {
                commit.enqueue.push(in_operations(*guild, guild_policy.operations, lines, since, now));
            }
        }
        let messages = commit.enqueue.len();
        if messages > 0 {
            self.store.commit(commit).await?;
            self.changed.notify_waiters();
        }
        Ok(messages)
    }

    async fn meanwhile(&self, id: IncidentId, since: UtcMs) -> Result<Option<Meanwhile>, StoreError> {
        let incident = match self.incident(id) {
            Some(incident) => incident,
            None => self.load(id).await?,
        };
        let mut events = self.all_events(id).await?;
        let told = |event: &Event| {
            !is_housekeeping(event)
                && !matches!(event, Event::UpdateDelivered { .. } | Event::UpdateUndelivered { .. })
        };
        events.retain(|recorded| recorded.recorded_at >= since && told(&recorded.new.event));
        if events.is_empty() {
            return Ok(None);
        }
        let mut waiting = self.store.items(id).await?;
        waiting.retain(|kept| matches!(kept.item.place, Place::Channel(_)));
        Ok(Some(Meanwhile { incident, events, waiting }))
    }
}

/// Whether an item was never on its way, so that it can be taken back. One that may have arrived is left to be looked for.
fn is_parked(kept: &Kept) -> bool {
    matches!(kept.progress, Progress::Due | Progress::Retry { .. })
}

fn notice(key: String, incident: Option<IncidentId>, place: PlaceId, text: String, now: UtcMs) -> Item {
    Item {
        slot: key.clone(),
        key: ItemKey(key),
        incident,
        purpose: Purpose::Notice,
        place: Place::Channel(place),
        post: Post::New,
        message: Message { silent: true, ..Message::text(text) },
        due: now,
    }
}

fn in_the_thread(meanwhile: &Meanwhile, since: UtcMs, now: UtcMs, commit: &mut Commit) {
    let Meanwhile { incident, events, waiting } = meanwhile;
    let Some(thread) = incident.home.thread else { return };
    let left_out = events.len().saturating_sub(NAMED);
    let mut text = say!("Discord was away from {} to {}. {}:", time(since), time(now), count(events));
    if left_out > 0 {
        text.push_str(&say!("\n… {left_out} earlier ones are in /timeline"));
    }
    for recorded in &events[left_out..] {
        let sentence: String = timeline::sentence(&recorded.new).chars().take(120).collect();
        text.push_str(&format!("\n{} {sentence}", time(recorded.new.happened_at)));
    }
    let item = notice(format!("{}/catch-up/{}", incident.id, since.0), Some(incident.id), thread, text, now);
    let replaced = waiting.iter().filter(|kept| {
        kept.item.purpose == Purpose::Notice && kept.item.place == Place::Channel(thread) && is_parked(kept)
    });
    let superseded = |kept: &Kept| (kept.item.key.clone(), Progress::Superseded { by: item.key.clone() });
    commit.settle.extend(replaced.map(superseded));
    commit.enqueue.push(item);
}

/// The newest update of each channel names those before it that were never brought.
fn for_the_audiences(meanwhile: &Meanwhile, since: UtcMs, now: UtcMs, commit: &mut Commit) {
    let Meanwhile { incident, events, waiting } = meanwhile;
    for kept in waiting.iter().filter(|kept| is_parked(kept)) {
        let Purpose::Update { audience, number, .. } = &kept.item.purpose else { continue };
        let missed = events.iter().filter_map(|recorded| match &recorded.new.event {
            Event::UpdateIssued { audience: to, number: earlier, .. }
                if to == audience && earlier < number =>
            {
                Some(say!("update {earlier} ({})", time(recorded.new.happened_at)))
            }
            _ => None,
        });
        let missed: Vec<String> = missed.collect();
        let Some(block) = kept.item.message.block.clone().filter(|_| !missed.is_empty()) else { continue };
        let mut item = kept.item.clone();
        item.key = ItemKey(format!("{}/after/{}", kept.item.key, since.0));
        item.due = now;
        let field = Field {
            name: say!("Not shown here meanwhile").to_owned(),
            value: say!("{}: Discord was away from {} to {}.", missed.join(", "), time(since), time(now)),
            short: false,
        };
        let mut block = block;
        block.fields.push(field);
        item.message.block = Some(block);
        tracing::debug!(id = %incident.id, key = %item.key, "one update stands for several");
        commit.enqueue.push(item);
    }
}

fn in_operations(guild: GuildId, place: PlaceId, lines: &[String], since: UtcMs, now: UtcMs) -> Item {
    let text = say!(
        "Discord was away from {} to {}. Meanwhile the work went on:\n{}",
        time(since),
        time(now),
        lines.join("\n")
    );
    notice(format!("chat/back/{guild}/{}", since.0), None, place, text, now)
}

fn line(meanwhile: &Meanwhile) -> String {
    let Meanwhile { incident, events, .. } = meanwhile;
    let place = incident.home.thread.map(|thread| format!(" <#{thread}>")).unwrap_or_default();
    format!("{} {}, {}: {}.{place}", incident.id, incident.severity, incident.phase, count(events))
}

fn count(events: &[Recorded]) -> String {
    let by_shell = events.iter().filter(|recorded| recorded.new.origin == Origin::Shell).count();
    let entries = match events.len() {
        1 => say!("1 entry was recorded").to_owned(),
        several => say!("{several} entries were recorded"),
    };
    match by_shell {
        0 => entries,
        some => say!("{entries}, {some} of them by `watchpost ctl`"),
    }
}

fn time(at: UtcMs) -> String {
    format!("<t:{}:t>", at.seconds())
}
