//! How a moment looks to a reader: in the chat each sees it in a zone of their own; elsewhere it is written out.

use chrono_tz::Tz;

use crate::clock::UtcMs;

/// How moments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// As `<t:SECONDS:t>`, which the chat shows in each reader's zone; other destinations spell it out.
    Chat,
    /// As `03:25` in the organisation's zone.
    Plain,
}

impl Face {
    /// The moment; with its day where that is not today's.
    pub(super) fn show(self, at: UtcMs, now: UtcMs, zone: Tz) -> String {
        let (at_local, now_local) = (at.to_utc().with_timezone(&zone), now.to_utc().with_timezone(&zone));
        let today = at_local.date_naive() == now_local.date_naive();
        match (self, today) {
            (Face::Chat, true) => format!("<t:{}:t>", at.seconds()),
            (Face::Chat, false) => format!("<t:{}:f>", at.seconds()),
            (Face::Plain, true) => at_local.format("%H:%M").to_string(),
            (Face::Plain, false) => at_local.format("%-d %b %H:%M").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_day_is_named() {
        let zone = chrono_tz::Europe::Berlin;
        let late = UtcMs(1_795_469_400_000);
        assert_eq!(Face::Plain.show(late, late, zone), "22:30");
        let hours = |hours: i64| UtcMs(late.0 + hours * 3_600_000);
        assert_eq!(Face::Plain.show(late, hours(2), zone), "23 Nov 22:30");
        assert_eq!(Face::Chat.show(late, hours(2), zone), "<t:1795469400:f>");
        assert_eq!(Face::Chat.show(late, hours(1), zone), "<t:1795469400:t>");
    }
}
