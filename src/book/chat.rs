//! Whether the chat can be reached: since when it is away, why, and what people are told elsewhere about it.
//!
//! 1. Whoever watches the chat enters that it is lost, and later that it is back.
//! 2. Each is told by the routes that do not need the chat ([`crate::policy::Policy::elsewhere`]), through the outbox.
//! 3. What is to be said in the chat itself when it is back is in `desk/catch_up.rs`.

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use super::Book;
use crate::clock::UtcMs;
use crate::incident::event::Recorded;
use crate::outbox::{Block, Item, ItemKey, Message, Place, Post, Purpose, Tone};
use crate::policy::Policy;

/// What can happen to the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ChatEvent {
    /// It cannot be reached any more.
    Lost {
        /// Why.
        because: WhyLost,
    },
    /// It can be reached again.
    Back {
        /// Since when it was away.
        since: UtcMs,
    },
}

/// Why the chat cannot be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyLost {
    /// It does not answer, or what it answers is of no use. It may come back by itself.
    NoAnswer,
    /// It does not take Watchpost's token any more. Only a person can mend that.
    Token,
    /// It refuses Watchpost for another reason. Only a person can mend that.
    Refused,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatRequest {
    /// It cannot be reached any more.
    Lose(WhyLost),
    /// It can be reached again.
    Return,
}

/// The chat while it is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// Since when.
    pub since: UtcMs,
    /// Why.
    pub because: WhyLost,
}

/// What is known already is no news; a token that is refused after a silence is.
pub(super) fn decide(book: &Book, request: ChatRequest) -> Vec<ChatEvent> {
    match (book.chat, request) {
        (Some(away), ChatRequest::Lose(because)) if away.because == because => Vec::new(),
        (Some(Away { because: WhyLost::Token | WhyLost::Refused, .. }), ChatRequest::Lose(_)) => Vec::new(),
        (_, ChatRequest::Lose(because)) => vec![ChatEvent::Lost { because }],
        (Some(away), ChatRequest::Return) => vec![ChatEvent::Back { since: away.since }],
        (None, ChatRequest::Return) => Vec::new(),
    }
}

pub(super) fn apply(kept: &mut Option<Away>, event: &ChatEvent, at: UtcMs) {
    *kept = match event {
        ChatEvent::Lost { because } => {
            Some(Away { since: kept.map_or(at, |before| before.since), because: *because })
        }
        ChatEvent::Back { .. } => None,
    };
}

pub(super) fn sentence(event: &ChatEvent) -> String {
    match event {
        ChatEvent::Lost { because: WhyLost::NoAnswer } => say!("Discord does not answer.").to_owned(),
        ChatEvent::Lost { because: WhyLost::Token } => {
            say!("Discord does not take the bot's token.").to_owned()
        }
        ChatEvent::Lost { because: WhyLost::Refused } => say!("Discord refuses the bot.").to_owned(),
        ChatEvent::Back { since } => say!("Discord is back; it was away since <t:{}:t>.", since.seconds()),
    }
}

/// What the responders are told elsewhere. A word that was not brought yet is superseded by the next one.
pub(super) fn plan(event: &ChatEvent, recorded: &Recorded, policy: &Policy, now: UtcMs) -> Vec<Item> {
    let message = words(event, recorded.new.happened_at);
    let elsewhere = policy.elsewhere.iter();
    elsewhere
        .map(|destination| Item {
            key: ItemKey(format!("chat/{}/{destination}", recorded.version)),
            slot: format!("chat/{destination}"),
            incident: None,
            purpose: Purpose::Notice,
            place: Place::Route(destination.clone()),
            post: Post::New,
            message: message.clone(),
            due: now,
        })
        .collect()
}

fn words(event: &ChatEvent, at: UtcMs) -> Message {
    let go_on = say!(
        "The work goes on: on the host of Watchpost, `watchpost ctl --help` lists what Discord offers otherwise. \
        Checks, times and the other destinations go on by themselves."
    );
    let (title, text, tone) = match event {
        ChatEvent::Lost { because: WhyLost::NoAnswer } => (
            say!("Discord cannot be reached"),
            say!(
                "Since <t:{0}:t> nothing can be said or read there. {go_on} What was to be said in Discord \
                follows in one message for each channel when it is back.",
                at.seconds()
            ),
            Tone::Bad,
        ),
        ChatEvent::Lost { because: WhyLost::Token } => (
            say!("Discord no longer takes Watchpost's token"),
            say!(
                "Since <t:{0}:t> Watchpost sends nothing to Discord any more. Make a new token in the developer \
                portal, put it into the configuration, and restart Watchpost. {go_on}",
                at.seconds()
            ),
            Tone::Bad,
        ),
        ChatEvent::Lost { because: WhyLost::Refused } => (
            say!("Discord refuses Watchpost"),
            say!(
                "Since <t:{0}:t> Watchpost sends nothing to Discord any more. Its log says what Discord wants; mend \
                that, and restart Watchpost. {go_on}",
                at.seconds()
            ),
            Tone::Bad,
        ),
        ChatEvent::Back { since } => (
            say!("Discord is back"),
            say!(
                "It was away from <t:{}:t> to <t:{}:t>. What happened meanwhile stands there in one message for each channel.",
                since.seconds(),
                at.seconds()
            ),
            Tone::Good,
        ),
    };
    let block = Block { title: title.to_owned(), text, tone, ..Block::default() };
    Message { block: Some(block), ..Message::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away(because: WhyLost) -> Book {
        Book { chat: Some(Away { since: UtcMs(60_000), because }), ..Book::default() }
    }

    #[test]
    fn what_is_known_is_no_news() {
        use ChatRequest::{Lose, Return};
        use WhyLost::{NoAnswer, Refused, Token};
        let lost = |because| vec![ChatEvent::Lost { because }];
        let back = vec![ChatEvent::Back { since: UtcMs(60_000) }];
        let none = Vec::<ChatEvent>::new();
        for (book, request, expected) in [
            (Book::default(), Lose(NoAnswer), &lost(NoAnswer)),
            (Book::default(), Return, &none),
            (away(NoAnswer), Lose(NoAnswer), &none),
            (away(NoAnswer), Lose(Token), &lost(Token)),
            (away(NoAnswer), Return, &back),
            (away(Token), Lose(NoAnswer), &none),
            (away(Token), Lose(Refused), &none),
            (away(Token), Return, &back),
        ] {
            assert_eq!(&decide(&book, request), expected, "{:?} {request:?}", book.chat);
        }
    }

    #[test]
    fn it_is_away_since_the_first_loss() {
        let mut kept = None;
        apply(&mut kept, &ChatEvent::Lost { because: WhyLost::NoAnswer }, UtcMs(1_000));
        apply(&mut kept, &ChatEvent::Lost { because: WhyLost::Token }, UtcMs(9_000));
        assert_eq!(kept, Some(Away { since: UtcMs(1_000), because: WhyLost::Token }));
        apply(&mut kept, &ChatEvent::Back { since: UtcMs(1_000) }, UtcMs(10_000));
        assert_eq!(kept, None);
    }

    #[test]
    fn every_word_says_what_to_do_or_that_it_is_over() {
        for because in [WhyLost::NoAnswer, WhyLost::Token, WhyLost::Refused] {
            let words = words(&ChatEvent::Lost { because }, UtcMs(0));
            let text = words.block.expect("a block").text;
            assert!(text.contains("watchpost ctl --help") && !text.contains("  "), "{text}");
        }
    }
}
