//! What the history says of a service over a day, a week or a quarter: numbers with their definition, and a course.

use std::collections::BTreeMap;
use std::time::Duration;

use watchpost_texts::say;

use super::samples;
use crate::clock::UtcMs;
use crate::ids::ServiceName;
use crate::picture::course::Course;
use crate::store::history::{History, Sample, Summary};

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// 24 hours, every sample.
    Day,
    /// 7 days, by the hour.
    Week,
    /// 90 days, by the day.
    Quarter,
}

impl Span {
    /// Its length.
    pub fn length(self) -> Duration {
        let hours = match self {
            Span::Day => 24,
            Span::Week => 7 * 24,
            Span::Quarter => 90 * 24,
        };
        Duration::from_secs(hours * 3_600)
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Span::Day => "24 hours",
            Span::Week => "7 days",
            Span::Quarter => "90 days",
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The whole service.
    pub all: Vec<(UtcMs, Summary)>,
    /// Mail to oneself.
    pub delivery: Vec<(UtcMs, Summary)>,
}

/// Reads what was measured. Blocks for a moment.
pub fn view(history: &History, service: &ServiceName, span: Span, now: UtcMs) -> View {
    let from = now - span.length();
    let read = |name: &str| match span {
        Span::Day => history.samples(name, from, now + Duration::from_secs(1)).iter().map(alone).collect(),
        Span::Week => history.hours(name, from, now),
        Span::Quarter => history.days(name, from, now),
    };
    View { all: read(&samples::whole(service)), delivery: read(&samples::delivery(service)) }
}

fn alone(sample: &Sample) -> (UtcMs, Summary) {
    (sample.at, Summary::of(std::slice::from_ref(sample)))
}

impl View {
    /// Checks that said something, those in which mail could be used, those in which nothing could be known.
    pub fn counts(&self) -> (u32, u32, u32) {
        self.all.iter().fold((0, 0, 0), |(known, good, blind), (_, one)| {
            let [ok, degraded, down, unknown] = one.counts;
            (known + ok + degraded + down, good + ok + degraded, blind + unknown)
        })
    }

    /// The numbers, each with what it means.
    pub fn words(&self) -> String {
        let (known, good, blind) = self.counts();
        if known == 0 {
            return say!("Nothing was measured in this time.").to_owned();
        }
        let share = f64::from(good) * 100.0 / f64::from(known);
        let blind = match blind {
            0 => String::new(),
            count => say!(" {count} in which nothing could be known from here are left out."),
        };
        let mut lines = vec![say!(
            "Availability {share:.2} %: of {known} checks, {good} found that mail could be used, with limits or without.{blind}"
        )];
        if let Some((mean, p95)) = times(&self.all) {
            lines.push(say!(
                "Answer {mean}: mean time of one dialogue with a mail port; 95 of 100 within {p95}."
            ));
        }
        match times(&self.delivery) {
            Some((mean, p95)) => lines.push(say!(
                "Delivery {mean}: mean time from handing in a mail to finding it in the mailbox; 95 of 100 within {p95}. What did not arrive is not in it."
            )),
            None => lines.push(say!("Delivery: not measured.").to_owned()),
        }
        lines.join("\n")
    }

    /// The three courses of the picture: what share of the time mail could be used, how long answers took, how long
    /// delivery took. Nothing where it failed; what was never measured says so.
    pub fn courses(&self, service: &ServiceName, span: Span, zone: chrono_tz::Tz) -> [Course; 3] {
        let course = |what: &str, unit, top, points| Course {
            title: say!("{service}: {what}, {}", span.words()),
            unit,
            zone,
            points,
            limit: None,
            top,
        };
        let took = |rows: &[(UtcMs, Summary)]| rows.iter().map(took).collect();
        [
            course("availability", "%", Some(100.0), self.availability(span)),
            course("answers", "s", None, took(&self.all)),
            course("delivery", "s", None, took(&self.delivery)),
        ]
    }

    /// The share of the checks that found mail usable, by the hour or by the day; nothing where nothing could be known.
    fn availability(&self, span: Span) -> Vec<(UtcMs, Option<f64>)> {
        let each: i64 = if span == Span::Quarter { 86_400_000 } else { 3_600_000 };
        let mut parts: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
        for (at, one) in &self.all {
            let [ok, degraded, down, _] = one.counts;
            let (good, known) = parts.entry(at.0 - at.0.rem_euclid(each)).or_default();
            (*good, *known) = (*good + ok + degraded, *known + ok + degraded + down);
        }
        let share = |(at, (good, known)): (i64, (u32, u32))| {
            (known > 0).then(|| (UtcMs(at), Some(f64::from(good) * 100.0 / f64::from(known))))
        };
        parts.into_iter().filter_map(share).collect()
    }
}

/// How long it took; nothing where it failed more often than not.
fn took((at, one): &(UtcMs, Summary)) -> (UtcMs, Option<f64>) {
    let down = one.counts[2] > one.counts[0] + one.counts[1];
    (*at, (!down && one.count() > 0).then_some(one.mean.as_secs_f64()))
}

/// Mean and 95th of a hundred, over rows that have answers.
fn times(rows: &[(UtcMs, Summary)]) -> Option<(String, String)> {
    let answered: Vec<&Summary> = rows.iter().map(|(_, one)| one).filter(|one| !one.max.is_zero()).collect();
    let weight = |one: &&&Summary| one.counts[0] + one.counts[1];
    let all: u32 = answered.iter().map(|one| weight(&one)).sum();
    if all == 0 {
        return None;
    }
    let sum: f64 = answered.iter().map(|one| one.mean.as_secs_f64() * f64::from(weight(&one))).sum();
    let mut p95: Vec<Duration> = answered.iter().map(|one| one.p95).collect();
    p95.sort_unstable();
    let p95 = p95[(p95.len() * 95 / 100).min(p95.len() - 1)];
    Some((in_words(Duration::from_secs_f64(sum / f64::from(all))), in_words(p95)))
}

fn in_words(took: Duration) -> String {
    match took.as_millis() {
        millis if millis < 1_000 => say!("{millis} ms"),
        millis => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
    }
}

/// Whether the last hour's delivery is much slower than the same hour of the last weeks; the two in seconds.
pub fn growing(history: &History, service: &ServiceName, now: UtcMs) -> Option<(f64, f64)> {
    let name = samples::delivery(service);
    let hour = Duration::from_secs(3_600);
    let recent = Summary::of(&history.samples(&name, now - hour, now + Duration::from_secs(1)));
    let works = recent.counts[0] + recent.counts[1];
    let week = Duration::from_secs(7 * 86_400);
    let before: Vec<f64> = (1..=4)
        .flat_map(|weeks| history.hours(&name, now - week * weeks - hour, now - week * weeks + hour))
        .filter(|(_, one)| one.counts[0] > 0)
        .map(|(_, one)| one.mean.as_secs_f64())
        .collect();
    let usual =
        before.iter().sum::<f64>() / f64::from(u32::try_from(before.len()).unwrap_or(u32::MAX).max(1));
    let now = recent.mean.as_secs_f64();
    // Two weeks to compare with, several mails, three times as long, and long enough to be noticed.
    (before.len() >= 2 && works >= 3 && now > 10.0 && now > usual * 3.0).then_some((now, usual))
}
