//! Times for readers outside the chat, which alone understands `<t:SECONDS:t>`.

use chrono_tz::Tz;

use crate::clock::UtcMs;

/// A moment in the readers' zone, to the second, with the zone's short name.
pub fn local(at: UtcMs, zone: Tz) -> String {
    at.to_utc().with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// Only the time of day.
pub fn clock_time(at: UtcMs, zone: Tz) -> String {
    at.to_utc().with_timezone(&zone).format("%H:%M").to_string()
}

/// Only the day.
pub fn day(at: UtcMs, zone: Tz) -> String {
    at.to_utc().with_timezone(&zone).format("%Y-%m-%d").to_string()
}

/// The text with each `<t:SECONDS>` or `<t:SECONDS:style>` spelled out as `14:05 CET`.
pub fn spell_out(text: &str, zone: Tz) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("<t:") {
        let (before, mark) = rest.split_at(start);
        out.push_str(before);
        match mark.find('>').and_then(|end| Some((seconds(&mark[3..end])?, end))) {
            Some((seconds, end)) => {
                let at = UtcMs(seconds.saturating_mul(1000)).to_utc().with_timezone(&zone);
                out.push_str(&at.format("%H:%M %Z").to_string());
                rest = &mark[end + 1..];
            }
            None => {
                out.push_str("<t:");
                rest = &mark[3..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn seconds(inner: &str) -> Option<i64> {
    inner.split(':').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;

    #[test]
    fn times_are_spelled_out_in_the_readers_zone() {
        let said = spell_out("Since <t:0:t>. Next <t:3600>. <t:x> <t:", Berlin);
        assert_eq!(said, "Since 01:00 CET. Next 02:00 CET. <t:x> <t:");
    }
}
