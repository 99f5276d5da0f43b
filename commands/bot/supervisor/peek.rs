//! What a frame of the gateway says, as far as the supervisor must know it. Everything else passes unread. Pure.

use std::io::Read;
use std::time::Duration;

use flate2::read::ZlibDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio_tungstenite::tungstenite::Message;

/// No event of one guild comes near this size; what is larger is not looked into, only passed on.
pub const LARGEST_FRAME: usize = 16 * 1024 * 1024;

/// Beats faster than this would be an attack on ourselves, slower ones would never show a dead line.
const BEATS: std::ops::RangeInclusive<u64> = 100..=600_000;

/// What Discord says (topics/opcodes-and-status-codes, "Gateway Opcodes").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// 10: the first word, with the time between two heartbeats.
    Hello(Duration),
    /// 11: a heartbeat arrived.
    Ack,
    /// A new session, with the address at which it can be resumed.
    Ready(Option<String>),
    /// The old session goes on.
    Resumed,
    /// 7 or 9: this connection, or the session too, is over; serenity will come again.
    Dismissed,
    /// Somebody edited this message: what the canary waits for.
    Edited(u64),
    /// Any other.
    Other,
}

/// What serenity says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// 2: it starts a new session.
    Identify,
    /// 6: it goes on with the old one.
    Resume,
    /// 1: a heartbeat.
    Heartbeat,
    /// Any other.
    Other,
}

#[derive(Deserialize)]
struct Envelope {
    op: u8,
    #[serde(default)]
    t: Option<String>,
}

#[derive(Deserialize)]
struct With<T> {
    d: T,
}

#[derive(Deserialize)]
struct Hello {
    heartbeat_interval: u64,
}

#[derive(Deserialize)]
struct Ready {
    #[serde(default)]
    resume_gateway_url: Option<String>,
}

#[derive(Deserialize)]
struct Edited {
    id: String,
}

/// Reads a frame of Discord: text, or one that is compressed by itself (IDENTIFY with `compress`).
#[must_use]
pub fn heard(message: &Message) -> Heard {
    match message {
        Message::Text(text) => heard_text(text.as_bytes()),
        Message::Binary(bytes) => inflated(bytes).map_or(Heard::Other, |text| heard_text(&text)),
        _ => Heard::Other,
    }
}

/// Reads a frame of serenity.
#[must_use]
pub fn said(message: &Message) -> Said {
    let Message::Text(text) = message else {
        return Said::Other;
    };
    match serde_json::from_str::<Envelope>(text).map(|envelope| envelope.op) {
        Ok(1) => Said::Heartbeat,
        Ok(2) => Said::Identify,
        Ok(6) => Said::Resume,
        _ => Said::Other,
    }
}

fn heard_text(text: &[u8]) -> Heard {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(text) else {
        return Heard::Other;
    };
    let found = match (envelope.op, envelope.t.as_deref()) {
        (10, _) => data::<Hello>(text).map(|hello| {
            Heard::Hello(Duration::from_millis(hello.heartbeat_interval.clamp(*BEATS.start(), *BEATS.end())))
        }),
        (11, _) => Some(Heard::Ack),
        (7 | 9, _) => Some(Heard::Dismissed),
        (0, Some("READY")) => data::<Ready>(text).map(|ready| Heard::Ready(ready.resume_gateway_url)),
        (0, Some("RESUMED")) => Some(Heard::Resumed),
        (0, Some("MESSAGE_UPDATE")) => {
            data::<Edited>(text).and_then(|edited| edited.id.parse().ok()).map(Heard::Edited)
        }
        _ => None,
    };
    found.unwrap_or(Heard::Other)
}

fn data<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    serde_json::from_slice::<With<T>>(text).ok().map(|envelope| envelope.d)
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let most = u64::try_from(LARGEST_FRAME).unwrap_or(u64::MAX);
    ZlibDecoder::new(bytes).take(most).read_to_end(&mut text).ok().map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn zlib(text: &str) -> Message {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        Message::Binary(encoder.finish().unwrap())
    }

    #[track_caller]
    fn check(text: &str, expected: &Heard) {
        assert_eq!(&heard(&Message::Text(text.to_owned())), expected, "{text}");
        assert_eq!(&heard(&zlib(text)), expected, "compressed: {text}");
    }

    #[test]
    fn what_discord_says_is_read_compressed_or_not() {
        let hello = |millis| Heard::Hello(Duration::from_millis(millis));
        check(r#"{"op":10,"d":{"heartbeat_interval":41250,"_trace":[]},"s":null,"t":null}"#, &hello(41_250));
        check(r#"{"op":10,"d":{"heartbeat_interval":0}}"#, &hello(100));
        check(r#"{"op":10,"d":{"heartbeat_interval":18446744073709551615}}"#, &hello(600_000));
        check(r#"{"op":11}"#, &Heard::Ack);
        check(r#"{"op":7,"d":null}"#, &Heard::Dismissed);
        check(r#"{"op":9,"d":false}"#, &Heard::Dismissed);
        let ready = r#"{"t":"READY","s":1,"op":0,"d":{"v":10,"resume_gateway_url":"wss://a.discord.gg"}}"#;
        check(ready, &Heard::Ready(Some("wss://a.discord.gg".to_owned())));
        check(r#"{"t":"READY","s":1,"op":0,"d":{}}"#, &Heard::Ready(None));
        check(r#"{"t":"RESUMED","s":2,"op":0,"d":{}}"#, &Heard::Resumed);
        check(r#"{"t":"MESSAGE_UPDATE","s":2,"op":0,"d":{"id":"7","content":"x"}}"#, &Heard::Edited(7));
        check(r#"{"t":"MESSAGE_CREATE","s":2,"op":0,"d":{"id":"7"}}"#, &Heard::Other);
        check(r#"{"op":10,"d":null}"#, &Heard::Other);
        check("[]", &Heard::Other);
    }

    #[test]
    fn what_serenity_says_is_read() {
        let read = |text: &str| said(&Message::Text(text.to_owned()));
        assert_eq!(read(r#"{"op":2,"d":{"token":"x"}}"#), Said::Identify);
        assert_eq!(read(r#"{"op":6,"d":{"seq":1}}"#), Said::Resume);
        assert_eq!(read(r#"{"op":1,"d":null}"#), Said::Heartbeat);
        assert_eq!(read(r#"{"op":3,"d":{}}"#), Said::Other);
        assert_eq!(said(&Message::Close(None)), Said::Other);
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = zlib(&" ".repeat(LARGEST_FRAME + 1));
        assert_eq!(heard(&bomb), Heard::Other);
    }

    proptest! {
        #[test]
        fn no_frame_panics(bytes in any::<Vec<u8>>(), text in ".*") {
            let _ = (heard(&Message::Binary(bytes)), heard(&Message::Text(text.clone())), said(&Message::Text(text)));
        }
    }
}
