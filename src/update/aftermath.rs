//! What happened to mail, said when it is over: delayed, gone back, lost, or still on devices.
//!
//! 1. What the probes saw at its worst, and over it what a person has written ([`Known::worst`]).
//! 2. How much of it: the queue figures that people logged, and who reported ([`counted`]).
//! 3. What nobody measured and nobody wrote is said to be unknown; it is never taken to be well.

use super::facts::{Known, big, full_stop};
use super::fate::Fate;
use crate::config::Texts;
use crate::incident::Incident;
use crate::report::Symptom;

impl Known<'_> {
    /// Said after the end: what happened to mail, and whether something is left to do.
    pub(super) fn after(&self) -> String {
        match self.audience.texts {
            Texts::Partners => self.after_for_partners(),
            Texts::Users | Texts::Management => self.after_for_users(),
        }
    }

    fn after_for_partners(&self) -> String {
        let arrived = match self.worst().0 {
            None | Some(Fate::OnDevice) => "partners_after_unknown",
            Some(Fate::Arrives) => "partners_after_arrived",
            Some(Fate::Delayed) => "partners_after_late",
            Some(Fate::Bounced) => return self.word("partners_after_bounced"),
            Some(Fate::Lost) => "partners_in_lost",
        };
        self.sentences(&[arrived, "partners_after_replies"])
    }

    fn after_for_users(&self) -> String {
        let (incoming, outgoing) = self.worst();
        let lost = if incoming == Some(Fate::Lost) { "users_in_lost" } else { "" };
        let sent = match outgoing {
            Some(Fate::Arrives) => "",
            Some(Fate::Delayed) => "after_late",
            Some(Fate::Bounced) => "after_bounced_out",
            None | Some(Fate::OnDevice | Fate::Lost) => "after_device",
        };
        let received = match incoming {
            Some(Fate::Delayed) if sent != "after_late" => "after_late",
            Some(Fate::Bounced) => "after_bounced_in",
            None => "after_in_unknown",
            _ => "",
        };
        self.sentences(&[lost, sent, received])
    }

    /// What mail was hurt, and how much of it, for management.
    pub(super) fn aftermath(&self) -> String {
        let (incoming, outgoing) = self.worst();
        let incoming = match incoming {
            None if outgoing.is_none() => "aftermath_unknown",
            None | Some(Fate::OnDevice) => "aftermath_in_unknown",
            Some(Fate::Arrives) => "aftermath_in_ok",
            Some(Fate::Delayed) => "aftermath_in_late",
            Some(Fate::Bounced) => "aftermath_in_bounced",
            Some(Fate::Lost) => "aftermath_in_lost",
        };
        let outgoing = match outgoing {
            None if incoming == "aftermath_unknown" => "",
            None => "aftermath_out_unknown",
            Some(Fate::Arrives) => "",
            Some(Fate::Delayed) => "aftermath_out_late",
            Some(Fate::Bounced) => "aftermath_out_bounced",
            Some(Fate::OnDevice | Fate::Lost) => "aftermath_out_device",
        };
        let fates = [incoming, outgoing].into_iter().filter(|name| !name.is_empty());
        let said: Vec<String> = fates.map(|name| self.word(name)).chain(self.figures()).collect();
        full_stop(&big(&said.join("; ")))
    }

    /// "at most 1,840 mails waited in the queue", "reported by 3 people, 2 of whom could not send".
    fn figures(&self) -> Vec<String> {
        let counted = counted(self.incident);
        let mut said = Vec::new();
        if let Some(queue) = counted.queue {
            said.push(self.language.word("aftermath_queue", &[("count", &thousands(queue))]));
        }
        let (people, sending) = (counted.people.to_string(), counted.sending.to_string());
        let reports = match (counted.people, counted.sending) {
            (0, _) => return said,
            (_, 0) => "aftermath_reports",
            (all, cannot) if all == cannot => "aftermath_reports_send",
            _ => "aftermath_reports_some",
        };
        said.push(self.language.word(reports, &[("count", &people), ("sending", &sending)]));
        said
    }

    /// What happened to mail at its worst, and over it what a person has written.
    fn worst(&self) -> (Option<Fate>, Option<Fate>) {
        let measured = self.incident.telling.fate;
        match self.incident.facts.mail {
            Some(Fate::OnDevice) => (measured.incoming, Some(Fate::OnDevice)),
            Some(Fate::Arrives) | None => (measured.incoming, measured.outgoing),
            written => (written, measured.outgoing),
        }
    }
}

/// How much mail and how many people, as far as the record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counted {
    /// The longest queue that anybody wrote down.
    queue: Option<u64>,
    /// People who reported.
    people: u64,
    /// Those of them who could not send: what they wrote may still be on their devices.
    sending: u64,
}

fn counted(incident: &Incident) -> Counted {
    let people = |fits: fn(&Symptom) -> bool| {
        let fitting = incident.reports.iter().filter(|report| fits(&report.symptom));
        fitting.map(|report| u64::from(report.people)).sum()
    };
    Counted {
        queue: incident.entries.iter().filter_map(|entry| in_the_queue(&entry.text)).max(),
        people: people(|_| true),
        sending: people(|symptom| matches!(symptom, Symptom::CannotSend)),
    }
}

/// The number of mails that a line about the queue names: "queue 1,840", "312 mails deferred". No port, no reply code and
/// no time of day.
fn in_the_queue(text: &str) -> Option<u64> {
    const BEFORE: [&str; 5] = ["queue", "queued", "deferred", "waiting", "backlog"];
    const AFTER: [&str; 10] =
        ["mail", "mails", "message", "messages", "deferred", "queued", "waiting", "wait", "in", "requests"];
    let text = text.to_lowercase();
    if !["queue", "deferred", "backlog", "waiting"].iter().any(|about| text.contains(about)) {
        return None;
    }
    // "The queue is at 4,000" says the same without the small words.
    let words: Vec<&str> = text.split_whitespace().filter(|word| !["is", "at"].contains(word)).collect();
    let plain = |word: &&str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned();
    let numbers = words.iter().enumerate().filter_map(|(at, word)| {
        let number = number(word)?;
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map(plain);
        let after = words.get(at + 1).map(plain);
        let about = before.is_some_and(|word| BEFORE.contains(&word.as_str()))
            || after.is_some_and(|word| AFTER.contains(&word.as_str()));
        about.then_some(number)
    });
    numbers.max()
}

/// "1840", "1,840", "1.840", "1'840"; nothing else.
fn number(word: &str) -> Option<u64> {
    let word = word.trim_end_matches([',', ';', ':', '.', ')']).trim_start_matches('(');
    let mut parts = word.split([',', '.', '\'']);
    let first = parts.next().filter(|part| (1..=9).contains(&part.len()))?;
    let rest: Vec<&str> = parts.collect();
    let grouped = rest.is_empty() || (first.len() <= 3 && rest.iter().all(|part| part.len() == 3));
    let digits: String = std::iter::once(first).chain(rest.iter().copied()).collect();
    let all_digits = digits.chars().all(|letter| letter.is_ascii_digit());
    (grouped && all_digits).then(|| digits.parse().ok()).flatten()
}

/// "1,840".
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_read_from_what_people_log() {
        for (text, expected) in [
            ("queue 1,840", Some(1_840)),
            ("postqueue: 312 mails deferred", Some(312)),
            ("the queue is at 4000 and grows", Some(4_000)),
            ("1.200 messages in the queue, 40 an hour before", Some(1_200)),
            ("Queue: 90 waiting; 12'500 deferred", Some(12_500)),
            ("backlog at 03:10: port 25 answers 451 4.3.2", None),
            ("queue runner restarted at 02:10", None),
            ("587 on node 2 still serves the old certificate", None),
            ("40 mails arrived", None),
        ] {
            assert_eq!(in_the_queue(text), expected, "{text}");
        }
        assert_eq!([7, 1_840, 1_234_567].map(thousands), ["7", "1,840", "1,234,567"]);
    }
}
