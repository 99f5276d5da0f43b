//! An explanation in sentences: what happened, whose side it is, whether sending again helps, what to do next.

use watchpost_texts::say;

use super::{Explanation, Fate, Hop, Kind, Side};

/// At most so many lines of a table are shown to people; the JSON holds them all.
const MOST_LINES: usize = 12;

impl Explanation {
    /// The explanation for people, one sentence or line of a table after the other.
    pub fn sentences(&self) -> Vec<String> {
        let mut lines = vec![self.explanation.clone()];
        if self.kind == Kind::Bounce || self.kind == Kind::Reply {
            lines.push(self.fate_sentence());
            lines.extend(self.side.map(side_sentence));
        }
        lines.push(say!("Next: {}", self.what_to_do));
        lines.extend(self.hop_lines());
        if let Some(queue) = &self.queue {
            lines.extend(queue.lines(MOST_LINES));
        }
        lines
    }

    /// What became of the message, and whether to send it again.
    fn fate_sentence(&self) -> String {
        match (self.fate, self.resend_useful) {
            (Fate::Delivered, _) => say!("The message was delivered."),
            (Fate::Delayed, _) => {
                say!("The message waits and is tried again by itself: do not send it again.")
            }
            (Fate::Failed, true) => {
                say!("The message came back and is not tried again; sending it again later can help.")
            }
            (Fate::Failed, false) => say!("The message came back; sending it unchanged again does not help."),
            (Fate::Unknown, true) => {
                say!("The text does not say what became of the message; sending it again later can help.")
            }
            (Fate::Unknown, false) => say!("The text does not say what became of the message."),
        }
        .to_owned()
    }

    fn hop_lines(&self) -> impl Iterator<Item = String> {
        self.hops.iter().take(MOST_LINES).enumerate().map(|(place, hop)| hop_line(place + 1, hop))
    }
}

fn side_sentence(side: Side) -> String {
    match side {
        Side::Sender => say!("It is for the sender to change."),
        Side::Recipient => say!("It is for the recipient's side to repair."),
        Side::Ours => say!("It is for the sending mail service to repair."),
        Side::Network => say!("It lies between the servers, or in the names that lead to them."),
    }
    .to_owned()
}

fn hop_line(place: usize, hop: &Hop) -> String {
    let by = hop.by.as_deref().unwrap_or(say!("unnamed server"));
    let time = hop
        .time
        .map_or(say!("time unknown").to_owned(), |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    match hop.delay_seconds {
        Some(delay) if delay < 0 => {
            say!("{place}. {by}, {time}, {} before the hop before: a clock is wrong", duration(-delay))
        }
        Some(delay) => say!("{place}. {by}, {time}, after {}", duration(delay)),
        None => say!("{place}. {by}, {time}"),
    }
}

/// Seconds in the two largest units: `2 d 4 h`, `5 min`, `12 s`.
pub(super) fn duration(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds.max(0);
    let mut parts = Vec::new();
    for (size, name) in units {
        if rest >= size && parts.len() < 2 {
            parts.push(format!("{} {name}", rest / size));
        } else if !parts.is_empty() {
            break;
        }
        rest %= size;
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn a_duration_has_two_units_at_most() {
        let shown: Vec<String> = [0, 12, 60, 3_725, 90_000, 186_400, -5].map(duration).into();
        assert_eq!(shown, ["0 s", "12 s", "1 min", "1 h 2 min", "1 d 1 h", "2 d 3 h", "0 s"]);
    }
}
