//! What of an answer goes into the history, and under which names.

use std::time::Duration;

use crate::check::{Assessment, Set, Verdict};
use crate::clock::UtcMs;
use crate::ids::ServiceName;
use crate::store::history::{History, Sample};

/// The whole service, with the median time of an answer.
pub fn whole(service: &ServiceName) -> String {
    service.to_string()
}

/// Mail to oneself, with the time that it took.
pub fn delivery(service: &ServiceName) -> String {
    format!("{service}/delivery")
}

/// One of the capabilities: `receive`, `send`, `read`.
pub fn capability(service: &ServiceName, name: &str) -> String {
    format!("{service}/{name}")
}

/// Keeps what was measured.
pub fn record(history: &History, service: &ServiceName, set: Set, all: &Assessment, at: UtcMs) {
    let works = all.capabilities;
    let verdict = all.capabilities.each().into_iter().map(|(_, one)| one);
    let verdict = verdict.filter(|one| *one != Verdict::Unknown).reduce(Verdict::worse);
    history.record(&whole(service), Sample::new(at, verdict.unwrap_or(Verdict::Unknown), answer(all)));
    for (name, verdict) in [("receive", works.receive), ("send", works.send), ("read", works.read)] {
        history.record(&capability(service, name), Sample::new(at, verdict, None));
    }
    let mail = all.findings.iter().find(|finding| finding.check == "delivery");
    if let Some(mail) = mail.filter(|mail| set.asks_as_people() && mail.verdict != Verdict::Unknown) {
        let took = (mail.verdict != Verdict::Down).then(|| Duration::from_millis(mail.millis));
        history.record(&delivery(service), Sample::new(at, mail.verdict, took));
    }
}

/// How long each mail to oneself took, in milliseconds; none where it did not arrive. Blocks for a moment.
pub fn delivery_between(
    history: &History,
    service: &ServiceName,
    from: UtcMs,
    to: UtcMs,
) -> Vec<(UtcMs, Option<u64>)> {
    let name = delivery(service);
    let millis = |took: Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let each = history.samples(&name, from, to);
    if !each.is_empty() {
        return each.iter().map(|one| (one.at, one.latency.map(millis))).collect();
    }
    let hours = history.hours(&name, from, to);
    let row = |(at, one): &(UtcMs, crate::store::history::Summary)| {
        let arrived = one.counts[0] + one.counts[1] >= one.counts[2].max(1);
        (*at, arrived.then(|| millis(one.mean)))
    };
    hours.iter().map(row).collect()
}

/// The median time of the dialogues that came to their end.
fn answer(all: &Assessment) -> Option<Duration> {
    let dialogues =
        all.findings.iter().filter(|one| ["smtp-relay", "submission", "imap", "pop3"].contains(&one.check));
    let mut millis: Vec<u64> =
        dialogues.filter(|one| one.verdict == Verdict::Ok && one.millis > 0).map(|one| one.millis).collect();
    millis.sort_unstable();
    millis.get(millis.len() / 2).copied().map(Duration::from_millis)
}
