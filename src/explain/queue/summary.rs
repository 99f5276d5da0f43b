//! A queue summed up: its main cause, and the sentences about it.

use watchpost_texts::say;

use super::{Group, Queue};
use crate::{
    cause::{Cause, Layer},
    explain::{Fate, sentences::duration},
};
use std::collections::HashMap;

/// Mail that cannot reach so many destinations is held up on our side of the way.
const MANY_DESTINATIONS: usize = 5;

impl Queue {
    /// Whether nothing waits and nothing came back.
    pub(in crate::explain) fn is_empty(&self) -> bool {
        self.messages == 0 && self.came_back == 0
    }

    /// The groups that count: what waits, or what came back where nothing waits.
    fn counted(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| self.messages == 0 || group.fate != Fate::Failed)
    }

    /// The largest group of the cause for which most messages wait.
    pub(in crate::explain) fn main_group(&self) -> Option<&Group> {
        let mut messages: HashMap<Option<Cause>, u64> = HashMap::new();
        for group in self.counted() {
            let sum = messages.entry(group.cause).or_default();
            *sum = sum.saturating_add(group.messages);
        }
        // Of equals the larger group, then the first, decides: max_by_key returns the last.
        let weight =
            |group: &&Group| (group.cause.is_some(), messages.get(&group.cause).copied(), group.messages);
        let counted: Vec<&Group> = self.counted().collect();
        counted.into_iter().rev().max_by_key(weight)
    }

    /// The cause for which most messages wait. What cannot reach many destinations has its cause on our side.
    pub(in crate::explain) fn main_cause(&self) -> Option<Cause> {
        let cause = self.main_group()?.cause?;
        let destinations = self.counted().filter(|group| group.cause == Some(cause)).count();
        let is_of_way = matches!(cause.layer(), Layer::Network | Layer::Greeting);
        Some(if is_of_way && destinations >= MANY_DESTINATIONS { Cause::OutboundBroken } else { cause })
    }

    /// One or two sentences: how many, how old, why.
    pub(in crate::explain) fn summary(&self) -> String {
        let age =
            self.oldest_seconds.map(|age| say!(", the oldest for {}", duration(age))).unwrap_or_default();
        let waiting = match self.messages {
            0 => say!("No mail waits.").to_owned(),
            1 => say!("1 message waits{age}."),
            count => say!("{count} messages wait{age}."),
        };
        let came_back = match self.came_back {
            0 => String::new(),
            1 => say!(" 1 came back.").to_owned(),
            count => say!(" {count} came back."),
        };
        let why = self.main_cause().map(|cause| self.share_of(cause)).unwrap_or_default();
        format!("{waiting}{came_back}{why}")
    }

    /// How many messages the main cause explains: it need not be the most, where others tell no reason yet.
    fn share_of(&self, cause: Cause) -> String {
        let main = self.main_group().and_then(|group| group.cause);
        let of_main = self.counted().filter(|group| group.cause == main).map(|group| group.messages);
        let counted = if self.messages == 0 { self.came_back } else { self.messages };
        say!(" {} of {counted}: {}", of_main.fold(0, u64::saturating_add).min(counted), cause.meaning())
    }

    /// When senders hear of it, and the groups as lines of a table.
    pub(in crate::explain) fn lines(&self, most: usize) -> Vec<String> {
        let limits = (self.messages > 0).then(|| self.limits_sentence());
        let left_out = self.groups.len().saturating_sub(most) + self.more_groups;
        let rest = (left_out > 0).then(|| say!("and {left_out} further groups"));
        limits.into_iter().chain(self.groups.iter().take(most).map(line)).chain(rest).collect()
    }

    fn limits_sentence(&self) -> String {
        let name = self.software.name();
        let warning = self.warns_after_hours.map_or_else(
            || say!("senders get no warning").to_owned(),
            |hours| say!("senders are warned after {}", duration(hours * 3600)),
        );
        let giving_up = duration(self.gives_up_after_hours * 3600);
        let oldest = match self.oldest_gives_up_in_seconds {
            Some(0) => say!(" The oldest is due to come back now.").to_owned(),
            Some(left) => say!(" The oldest comes back in {}.", duration(left)),
            None => String::new(),
        };
        say!("Unless your {name} is set otherwise, {warning} and mail comes back after {giving_up}.{oldest}")
    }
}

fn line(group: &Group) -> String {
    let destination = group.destination.as_deref().unwrap_or(say!("any destination"));
    let cause = group.cause.map_or(say!("reason unknown"), Cause::name);
    let age = group.oldest_seconds.map(|age| say!(", oldest {}", duration(age))).unwrap_or_default();
    let fate = if group.fate == Fate::Failed { say!(", came back") } else { "" };
    say!("{} to {destination}: {cause}{age}{fate}", group.messages)
}

#[cfg(test)]
mod tests {
    use crate::{cause::Cause, explain::explain};

    /// The main cause of a log in which each of these destinations was not reached, and one mailbox is full.
    fn main_cause(destinations: &[&str]) -> Option<Cause> {
        let line = |domain: &&str| {
            format!(
                "x postfix/smtp[1]: 4F1: to=<a@{domain}>, delay=9, dsn=4.4.1, status=deferred (connect to mx.{domain}[192.0.2.1]:25: Connection timed out)\n"
            )
        };
        let full = "x postfix/smtp[1]: 4F2: to=<b@example.org>, delay=9, dsn=4.2.2, status=deferred (mailbox full)\n";
        let back =
            "x postfix/smtp[1]: 4F3: to=<c@example.org>, delay=9, dsn=5.1.1, status=bounced (user unknown)\n";
        let log: String = destinations.iter().map(line).chain([full.to_owned(), back.repeat(20)]).collect();
        let found = explain(&log, chrono::DateTime::UNIX_EPOCH);
        assert_eq!(found.queue.map(|queue| queue.came_back), Some(20));
        found.cause
    }

    #[test]
    fn one_domain_that_cannot_be_looked_up_is_not_our_resolver() {
        let line = |domain: &&str| {
            format!(
                "x postfix/smtp[1]: 4F1: to=<a@{domain}>, delay=9, dsn=4.4.3, status=deferred (Name service error for name={domain} type=MX: Host not found, try again)\n"
            )
        };
        let cause = |domains: &[&str]| {
            explain(&domains.iter().map(line).collect::<String>(), chrono::DateTime::UNIX_EPOCH).cause
        };
        assert_eq!(cause(&["a.example"]), Some(Cause::DnsServfail));
        assert_eq!(cause(&["a.example", "b.example"]), Some(Cause::ResolverDown));
    }

    #[test]
    fn many_destinations_that_cannot_be_reached_are_our_side() {
        assert_eq!(main_cause(&["a.example", "b.example"]), Some(Cause::ConnectionTimeout));
        let many = ["a.example", "b.example", "c.example", "d.example", "e.example"];
        assert_eq!(main_cause(&many), Some(Cause::OutboundBroken));
        assert_eq!(main_cause(&[]), Some(Cause::MailboxFull));
    }
}
