//! The way of a message, from its Received headers (RFC 5321 section 4.4).
//!
//! Only what our own servers added is trustworthy; a negative delay means that a clock is wrong, and is shown as it is.

use super::clean::{LONGEST_NAME, clean};
use chrono::{DateTime, Utc};
use mail_parser::{DateTime as HeaderDate, Host, MessageParser};
use serde::{Deserialize, Serialize};

/// A hop that holds a message so long is worth a look, in seconds.
pub(super) const SLOW_SECONDS: i64 = 300;

/// Clocks that differ by less are not remarked on, in seconds.
pub(super) const SKEW_SECONDS: i64 = 60;

/// At most so many hops are shown.
const MOST_HOPS: usize = 50;

/// One server on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// Who handed the message over, by its own words.
    pub from: Option<String>,
    /// Who took it.
    pub by: Option<String>,
    /// The protocol, such as `ESMTPS`.
    pub with: Option<String>,
    /// When, by the clock of the server that took it.
    pub time: Option<DateTime<Utc>>,
    /// Seconds since the hop before; negative when the clocks differ.
    pub delay_seconds: Option<i64>,
    /// Whether the time lies before that of the hop before: one of the two clocks is wrong.
    pub clock_skew: bool,
}

/// Reads the hops from the values of Received headers, the newest first as in a mail. Returns the first server first.
pub(super) fn read(received: &[String]) -> Vec<Hop> {
    let mut hops: Vec<Hop> = received.iter().take(MOST_HOPS).map(|value| read_one(value)).collect();
    hops.reverse();
    let mut before: Option<DateTime<Utc>> = None;
    for hop in &mut hops {
        let delay = hop.time.zip(before).map(|(time, before)| (time - before).num_seconds());
        hop.delay_seconds = delay;
        hop.clock_skew = delay.is_some_and(|delay| delay < 0);
        before = hop.time.or(before);
    }
    hops
}

fn read_one(value: &str) -> Hop {
    let raw = format!("Received: {}\r\n\r\n", value.trim());
    let parsed = MessageParser::default().parse_headers(raw.as_bytes());
    let received = parsed.as_ref().and_then(|message| message.received());
    let name = |host: &Host<'_>| clean(&host.to_string(), LONGEST_NAME);
    Hop {
        from: received.and_then(|received| received.from.as_ref()).map(name),
        by: received.and_then(|received| received.by.as_ref()).map(name),
        with: received.and_then(|received| received.with).map(|with| with.to_string()),
        time: time_of(value),
        delay_seconds: None,
        clock_skew: false,
    }
}

/// The time stands behind the last semicolon.
fn time_of(value: &str) -> Option<DateTime<Utc>> {
    let (_, date) = value.rsplit_once(';')?;
    let date = HeaderDate::parse_rfc822(date.trim()).filter(HeaderDate::is_valid)?;
    DateTime::from_timestamp(date.to_timestamp(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(from: &str, by: &str, date: &str) -> String {
        format!(
            " from {from} (unknown [192.0.2.7])\r\n\tby {by} with ESMTPS id 4abc\r\n\tfor <a@example.org>; {date}\r\n"
        )
    }

    #[test]
    fn delays_are_between_neighbours_and_may_be_negative() {
        let hops = read(&[
            header("mx.example.org", "store.example.org", "Mon, 23 Nov 2026 12:30:00 +0100"),
            header("out.example.com", "mx.example.org", "Mon, 23 Nov 2026 10:00:00 +0000"),
            header("laptop", "out.example.com", "Mon, 23 Nov 2026 10:00:09 +0000"),
        ]);
        let delays: Vec<_> = hops.iter().map(|hop| hop.delay_seconds).collect();
        assert_eq!(delays, [None, Some(-9), Some(5400)]);
        assert!(hops[1].clock_skew && !hops[2].clock_skew);
        assert_eq!(hops[2].by.as_deref(), Some("store.example.org"));
        assert_eq!(hops[2].with.as_deref(), Some("ESMTPS"));
    }

    #[test]
    fn a_broken_date_leaves_a_hole_only() {
        let hops = read(&[
            header("b", "c.example.org", "Mon, 23 Nov 2026 10:00:30 +0000"),
            header("a", "b.example.org", "yesterday, perhaps"),
            header("x", "a.example.org", "Mon, 23 Nov 2026 10:00:00 +0000"),
        ]);
        assert_eq!(hops[1].time, None);
        assert_eq!(hops[2].delay_seconds, Some(30));
    }
}
