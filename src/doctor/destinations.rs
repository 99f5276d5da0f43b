//! The destinations: does a marked sample arrive? Only sent where somebody asked for it: it reaches real people.

use watchpost_texts::{say, to_say};

use super::{Point, State};
use crate::clock::UtcMs;
use crate::config::{Config, Destination, Route};
use crate::outbox::{Block, Delivery, Item, ItemKey, Message, Place, Post, Purpose, Tone, Transport};

/// What a sample says.
const SAMPLE: &str = to_say!(
    "This is a test of Watchpost. Nothing is wrong, and there is nothing to do. \
                      In an outage you would read here what works, what to use meanwhile and when the next word comes."
);

/// Sends a marked sample to each destination, or says that none was sent.
pub async fn examine(
    config: &Config,
    send: bool,
    chat: &dyn Transport,
    routes: &dyn Transport,
    now: UtcMs,
) -> Vec<Point> {
    let mut points = Vec::new();
    for destination in &config.destinations {
        let about = say!("destination {}", destination.name);
        if !send {
            let seen = say!("not tried.");
            points.push(Point::new(
                about,
                State::NotAsked,
                seen,
                say!("`watchpost doctor --send` sends a marked sample."),
            ));
            continue;
        }
        let item = sample(destination, now);
        let delivered = match &item.place {
            Place::Route(_) => routes.deliver(&item).await,
            Place::Channel(_) | Place::Direct(_) => chat.deliver(&item).await,
        };
        points.push(judge(about, delivered));
    }
    let unheard = config.audiences.iter().filter(|audience| audience.destinations.is_empty());
    points.extend(unheard.map(|audience| {
        Point::new(
            say!("audience {}", audience.name),
            State::Bad,
            say!("nobody is told: it has no destination."),
            say!("Name at least one under [audience.{}].", audience.name),
        )
    }));
    points
}

fn judge(about: String, delivered: Delivery) -> Point {
    match delivered {
        Delivery::Sent(proof) => Point::good(about, say!("the sample arrived ({proof}).")),
        Delivery::Retry { why, .. } => Point::new(
            about,
            State::Bad,
            say!("the sample did not arrive: {why}."),
            say!("Try again in a minute."),
        ),
        Delivery::Uncertain { why } => Point::new(
            about,
            State::Warning,
            say!("the sample may have arrived: {why}."),
            say!("Look there."),
        ),
        Delivery::Dead { why } => Point::new(
            about,
            State::Bad,
            say!("the sample will not arrive: {why}."),
            say!("Mend the destination."),
        ),
    }
}

fn sample(destination: &Destination, now: UtcMs) -> Item {
    let place = match &destination.route {
        Route::Discord { channel } | Route::Announcement { channel } => Place::Channel(*channel),
        _ => Place::Route(destination.name.clone()),
    };
    let block = Block {
        title: "TEST · Watchpost".to_owned(),
        text: SAMPLE.to_owned(),
        footer: say!("test of {}", destination.name),
        tone: Tone::Good,
        ..Block::default()
    };
    // Of this moment: an earlier sample must not be taken for this one.
    let key = format!("doctor/{}/{}", destination.name, now.0);
    Item {
        key: ItemKey(key.clone()),
        slot: key,
        incident: None,
        purpose: Purpose::Notice,
        place,
        post: match &destination.route {
            Route::Announcement { .. } => Post::Announce,
            _ => Post::New,
        },
        message: Message { block: Some(block), silent: true, ..Message::default() },
        due: now,
    }
}
