//! Where it goes: how many, how long, why, how well promises were kept.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{Datelike, NaiveDate, TimeZone};
use chrono_tz::Tz;
use watchpost_texts::say;

use crate::cause::Cause;
use crate::clock::UtcMs;
use crate::ids::{AudienceName, IncidentId, ServiceName};
use crate::incident::milestone::Milestone;
use crate::incident::{Incident, Severity};
use crate::picture::Scene;
use crate::picture::bars::{Bar, Bars, draw};
use crate::review::clocks::spoken;

/// From so many incidents on a median says something.
pub const FEWEST: usize = 10;

/// Times to recovery: impact start to verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// Too few to sum up: all of them.
    Each(Vec<(IncidentId, Duration)>),
    /// Half of them took no longer; and the worst.
    Median {
        /// Half of them took no longer.
        median: Duration,
        /// The longest.
        worst: (IncidentId, Duration),
        /// How many.
        count: usize,
    },
}

/// How much of a month a service worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// Which.
    pub service: ServiceName,
    /// `2026-11`.
    pub month: String,
    /// How long mail was disturbed, SEV1 and SEV2.
    pub disturbed: Duration,
    /// How long the month was so far.
    pub of: Duration,
}

/// How "next word by" was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Promises {
    /// Texts that were due.
    pub due: u32,
    /// Out within a minute of their time.
    pub on_time: u32,
    /// Never said, because nothing was running.
    pub missed: u32,
    /// The longest delay of one.
    pub worst: Duration,
}

/// From this on a text was late.
const LATE: Duration = Duration::from_secs(60);

/// All figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trends {
    /// Incidents that count.
    pub count: usize,
    /// By month, the oldest first.
    pub by_month: Vec<(String, usize)>,
    /// By cause, the most frequent first.
    pub by_cause: Vec<(String, usize)>,
    /// By layer, the most frequent first.
    pub by_component: Vec<(String, usize)>,
    /// How long they took.
    pub recovery: Option<Recovery>,
    /// Causes that came again: how often.
    pub again: Vec<(Cause, usize)>,
    /// How promises to stakeholders were kept, by audience.
    pub promises: BTreeMap<AudienceName, Promises>,
    /// By service and month.
    pub availability: Vec<Availability>,
    /// Follow-ups: noted, done, overdue.
    pub follow_ups: (usize, usize, usize),
}

/// The figures of these incidents, without drills.
pub fn trends(incidents: &[Incident], now: UtcMs, zone: Tz) -> Trends {
    let real: Vec<&Incident> =
        incidents.iter().filter(|incident| !incident.drill && incident.version > 0).collect();
    let causes: Vec<Cause> = real.iter().filter_map(|incident| incident.cause()).collect();
    let count_of = |cause: &Cause| causes.iter().filter(|other| *other == cause).count();
    let mut again: Vec<(Cause, usize)> = causes.iter().map(|cause| (*cause, count_of(cause))).collect();
    again.retain(|(_, count)| *count > 1);
    again.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), cause.name()));
    again.dedup();
    let follow_ups = real.iter().flat_map(|incident| &incident.follow_ups);
    let overdue = |due: Option<UtcMs>| due.is_some_and(|due| due < now);
    Trends {
        count: real.len(),
        by_month: by_month(&real, now, zone),
        by_cause: counted(
            real.iter().map(|one| one.cause().map_or(say!("not known"), Cause::name).to_owned()),
        ),
        by_component: counted(real.iter().map(|one| {
            one.cause()
                .map_or(say!("not known").to_owned(), |cause| format!("{:?}", cause.layer()).to_lowercase())
        })),
        recovery: recovery(&real),
        again,
        promises: promises(&real),
        availability: availability(&real, now, zone),
        follow_ups: (
            follow_ups.clone().count(),
            follow_ups.clone().filter(|one| !one.is_open()).count(),
            follow_ups.filter(|one| one.is_open() && overdue(one.said.due)).count(),
        ),
    }
}

fn promises(real: &[&Incident]) -> BTreeMap<AudienceName, Promises> {
    let mut kept: BTreeMap<AudienceName, Promises> = BTreeMap::new();
    for issued in real.iter().flat_map(|incident| &incident.telling.updates) {
        let one = kept.entry(issued.audience.clone()).or_default();
        let late = issued.at.since(issued.planned);
        one.due += 1;
        one.on_time += u32::from(late < LATE);
        one.missed += issued.missed;
        one.worst = one.worst.max(late);
    }
    kept
}

fn counted(names: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

fn day(at: UtcMs, zone: Tz) -> NaiveDate {
    at.to_utc().with_timezone(&zone).date_naive()
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn next_month(first: NaiveDate) -> NaiveDate {
    first.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX)
}

fn begins(first: NaiveDate, zone: Tz) -> UtcMs {
    let midnight = first.and_time(chrono::NaiveTime::MIN);
    zone.from_local_datetime(&midnight).earliest().map_or(UtcMs(0), |at| UtcMs::from(at.to_utc()))
}

/// The last twelve months, those without any too.
fn by_month(real: &[&Incident], now: UtcMs, zone: Tz) -> Vec<(String, usize)> {
    let last = first_of(day(now, zone));
    let mut month = last.checked_sub_months(chrono::Months::new(11)).unwrap_or(last);
    let mut months = Vec::new();
    while month <= last {
        let count = real.iter().filter(|one| first_of(day(one.began(), zone)) == month).count();
        months.push((month.format("%Y-%m").to_string(), count));
        month = next_month(month);
    }
    months
}

fn recovery(real: &[&Incident]) -> Option<Recovery> {
    let length = |incident: &&Incident| {
        let milestones = &incident.milestones;
        let (from, to) = (milestones.at(Milestone::ImpactStart)?, milestones.at(Milestone::Verified)?);
        Some((incident.id, to.since(from)))
    };
    let mut each: Vec<(IncidentId, Duration)> = real.iter().filter_map(length).collect();
    if each.len() < FEWEST {
        return (!each.is_empty()).then_some(Recovery::Each(each));
    }
    each.sort_by_key(|(_, length)| *length);
    let worst = *each.last()?;
    // Of an even number the lower of the two in the middle: a time that one of them took.
    Some(Recovery::Median { median: each[(each.len() - 1) / 2].1, worst, count: each.len() })
}

/// From the first incident of each service on, for at most twelve months.
fn availability(real: &[&Incident], now: UtcMs, zone: Tz) -> Vec<Availability> {
    let mut services: Vec<&ServiceName> = real.iter().filter_map(|one| one.service.as_ref()).collect();
    services.sort();
    services.dedup();
    let mut all = Vec::new();
    for service in services {
        let own: Vec<&&Incident> = real.iter().filter(|one| one.service.as_ref() == Some(service)).collect();
        let last = first_of(day(now, zone));
        let earliest = last.checked_sub_months(chrono::Months::new(11)).unwrap_or(last);
        let first =
            own.iter().map(|one| first_of(day(one.began(), zone))).min().unwrap_or(last).max(earliest);
        let mut month = first;
        while month <= last {
            let (from, to) = (begins(month, zone), begins(next_month(month), zone).min(now));
            let hurt = own.iter().filter(|one| matches!(one.severity, Severity::Sev1 | Severity::Sev2));
            let spans = hurt.map(|one| {
                let until = one.milestones.at(Milestone::Mitigated).unwrap_or(now);
                (one.began().max(from), until.min(to))
            });
            let disturbed = union(spans.filter(|(begin, end)| begin < end).collect());
            let month_name = month.format("%Y-%m").to_string();
            all.push(Availability {
                service: service.clone(),
                month: month_name,
                disturbed,
                of: to.since(from),
            });
            month = next_month(month);
        }
    }
    all
}

/// The length of all spans, each moment counted once.
fn union(mut spans: Vec<(UtcMs, UtcMs)>) -> Duration {
    spans.sort();
    let (mut length, mut reached) = (Duration::ZERO, UtcMs(i64::MIN));
    for (from, to) in spans {
        let from = from.max(reached);
        length += to.since(from);
        reached = reached.max(to);
    }
    length
}

impl Availability {
    /// In hundredths of a percent, rounded down, so that 100 % means: never disturbed.
    pub fn hundredths(&self) -> u64 {
        let of = self.of.as_secs().max(1);
        of.saturating_sub(self.disturbed.as_secs()) * 10_000 / of
    }
}

impl Trends {
    /// In sentences.
    pub fn lines(&self) -> Vec<String> {
        let list = |counts: &[(String, usize)]| {
            counts.iter().take(8).map(|(name, count)| say!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        let mut lines = vec![say!("{} incidents, drills left out.", self.count)];
        if self.count == 0 {
            return lines;
        }
        lines.push(say!("By cause: {}.", list(&self.by_cause)));
        lines.push(say!("By component: {}.", list(&self.by_component)));
        lines.extend(self.recovery.as_ref().map(|recovery| match recovery {
            Recovery::Each(each) => {
                let each: Vec<String> = each.iter().map(|(id, length)| format!("{id} {}", spoken(*length))).collect();
                say!("Time to recovery (impact start to verified), too few to sum up: {}.", each.join(", "))
            }
            Recovery::Median { median, worst: (id, worst), count } => say!(
                "Time to recovery (impact start to verified) of {count}: half of them at most {}; the worst {} ({id}).",
                spoken(*median),
                spoken(*worst)
            ),
        }));
        let again: Vec<String> =
            self.again.iter().map(|(cause, count)| say!("{} {count} times", cause.name())).collect();
        lines.push(match again.as_slice() {
            [] => say!("No cause came twice.").to_owned(),
            again => say!("Came again: {}.", again.join(", ")),
        });
        for (audience, kept) in &self.promises {
            let missed = if kept.missed > 0 { say!(", {} never said", kept.missed) } else { String::new() };
            lines.push(say!(
                "Promises to {audience}: {} of {} texts in time{missed}; the latest was {} late.",
                kept.on_time,
                kept.due,
                spoken(kept.worst)
            ));
        }
        for one in &self.availability {
            let (whole, part) = (one.hundredths() / 100, one.hundredths() % 100);
            let disturbed = spoken(one.disturbed);
            lines.push(say!(
                "{} {}: {whole}.{part:02} % (disturbed for {disturbed}).",
                one.service,
                one.month
            ));
        }
        let (noted, done, overdue) = self.follow_ups;
        lines.push(say!("Follow-ups: {noted} noted, {done} closed, {overdue} overdue."));
        lines
    }

    /// The months and the causes as a picture.
    pub fn picture(&self) -> Scene {
        let bar = |(name, count): &(String, usize)| Bar {
            name: name.clone(),
            value: u32::try_from(*count).map_or(f64::from(u32::MAX), f64::from),
            says: count.to_string(),
        };
        draw(&Bars {
            title: say!("Incidents by month").to_owned(),
            bars: self.by_month.iter().map(bar).collect(),
        })
    }
}
