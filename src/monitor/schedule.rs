//! Which service is due for which set of checks. Pure: a table of due times.
//!
//! 1. Each set has its interval; the moments of different services are spread, so that nothing comes in bursts.
//! 2. A whole run asks the quick questions too, and takes their place.
//! 3. A service that is being asked is not due, whatever the clock says.
//! 4. The one that waits longest comes first.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::check::Set;
use crate::clock::UtcMs;
use crate::config::{Config, Schedule};
use crate::ids::ServiceName;

/// The sets that come by themselves, the one that asks most first.
const SETS: [Set; 3] = [Set::Functional, Set::Hygiene, Set::Fast];
/// Services that are asked at the same time: silent hosts wait in real time, and cost nothing but a few sockets.
const AT_ONCE: usize = 64;
/// Where there are many services, a fifth of them: a quarter that is silent would take every place otherwise.
const SHARE_AT_ONCE: usize = 5;
/// Never more than this: a process has a thousand sockets or so.
const MOST_AT_ONCE: usize = 256;
/// Each interval is shorter by up to this share, so that services drift apart.
const JITTER: f64 = 0.1;

/// The services and their intervals.
pub fn rows(config: &Config) -> Vec<(ServiceName, Schedule)> {
    config.services.iter().map(|watched| (watched.name.clone(), watched.schedule)).collect()
}

/// When what is due.
#[derive(Debug, Default)]
pub struct Timetable {
    rows: BTreeMap<ServiceName, Row>,
    runs: u64,
}

#[derive(Debug)]
struct Row {
    schedule: Schedule,
    due: [UtcMs; 3],
    /// When it was begun, while it is being asked.
    running: Option<UtcMs>,
    /// When the last run that ended was begun.
    asked: Option<UtcMs>,
    since: UtcMs,
}

impl Timetable {
    /// Of these services. The first runs come soon, and not all at once.
    pub fn new(services: &[(ServiceName, Schedule)], now: UtcMs) -> Self {
        let mut table = Timetable::default();
        table.replace(services, now);
        table
    }

    /// Of these services from now on; those that stay keep their times.
    pub fn replace(&mut self, services: &[(ServiceName, Schedule)], now: UtcMs) {
        self.rows.retain(|name, _| services.iter().any(|(one, _)| one == name));
        for (name, schedule) in services {
            let first = |set: Set, most: u64| {
                let within = interval(schedule, set).min(Duration::from_secs(most));
                now + within.mul_f64(share(name, set, 0))
            };
            let new = || Row {
                schedule: *schedule,
                due: [first(Set::Functional, 30), first(Set::Hygiene, 300), first(Set::Fast, 10)],
                running: None,
                asked: None,
                since: now,
            };
            self.rows.entry(name.clone()).or_insert_with(new).schedule = *schedule;
        }
    }

    /// How many services are asked at the same time.
    pub fn at_once(&self) -> usize {
        (self.rows.len() / SHARE_AT_ONCE).clamp(AT_ONCE, MOST_AT_ONCE)
    }

    /// How many more may be asked now.
    fn room(&self) -> usize {
        let asked = self.rows.values().filter(|row| row.running.is_some()).count();
        self.at_once().saturating_sub(asked)
    }

    /// The services with the set that is due, as many as there is room for, marked as being asked.
    pub fn take_due(&mut self, now: UtcMs) -> Vec<(ServiceName, Set)> {
        let room = self.room();
        let mut due: Vec<(UtcMs, ServiceName, Set)> = self
            .rows
            .iter()
            .filter(|(_, row)| row.running.is_none())
            .filter_map(|(name, row)| {
                let at = SETS.iter().position(|set| row.due[place(*set)] <= now)?;
                let since = row.due.iter().copied().min().unwrap_or(now);
                Some((since, name.clone(), SETS[at]))
            })
            .collect();
        due.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        due.truncate(room);
        self.runs += due.len() as u64;
        let runs = self.runs;
        for (_, name, set) in &due {
            if let Some(row) = self.rows.get_mut(name) {
                row.begin(name, *set, now, runs);
            }
        }
        due.into_iter().map(|(_, name, set)| (name, set)).collect()
    }

    /// A run is over.
    pub fn done(&mut self, name: &ServiceName, _set: Set) {
        if let Some(row) = self.rows.get_mut(name) {
            row.asked = row.running.take();
        }
    }

    /// Asks this set of a service at this moment at the latest.
    pub fn hurry(&mut self, name: &ServiceName, set: Set, at: UtcMs) {
        if let Some(row) = self.rows.get_mut(name) {
            let due = &mut row.due[place(set)];
            *due = (*due).min(at);
        }
    }

    /// From one quick run of a service to the next.
    pub fn fast(&self, name: &ServiceName) -> Duration {
        self.rows.get(name).map_or(Duration::from_secs(60), |row| row.schedule.fast.length())
    }

    /// When the next service is due that is not being asked; none while there is no room.
    pub fn next_due(&self) -> Option<UtcMs> {
        if self.room() == 0 {
            return None;
        }
        let waiting = self.rows.values().filter(|row| row.running.is_none());
        waiting.flat_map(|row| row.due).min()
    }

    /// How long ago the service that waits longest was asked last, and how many were never asked.
    pub fn oldest(&self, now: UtcMs) -> (Duration, usize) {
        let age = |row: &Row| now.since(row.asked.unwrap_or(row.since));
        let never = self.rows.values().filter(|row| row.asked.is_none()).count();
        (self.rows.values().map(age).max().unwrap_or_default(), never)
    }
}

impl Row {
    fn begin(&mut self, name: &ServiceName, set: Set, now: UtcMs, run: u64) {
        self.running = Some(now);
        for covered in SETS.into_iter().filter(|one| set.includes(*one)) {
            let every = interval(&self.schedule, covered);
            let shorter = every.mul_f64(1.0 - JITTER * share(name, covered, run));
            self.due[place(covered)] = now + shorter;
        }
    }
}

fn place(set: Set) -> usize {
    match set {
        Set::Functional | Set::Full | Set::Proof => 0,
        Set::Hygiene => 1,
        Set::Fast => 2,
    }
}

fn interval(schedule: &Schedule, set: Set) -> Duration {
    match set {
        Set::Fast => schedule.fast.length(),
        Set::Functional | Set::Full | Set::Proof => schedule.functional.length(),
        Set::Hygiene => schedule.hygiene.length(),
    }
}

/// From 0 to 1, the same for the same run: chance would make stories differ.
fn share(name: &ServiceName, set: Set, run: u64) -> f64 {
    let mut hasher = DefaultHasher::new();
    (name, set, run).hash(&mut hasher);
    f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(count: usize) -> Timetable {
        let every = |text: &str| text.parse().expect("an interval");
        let schedule = Schedule { fast: every("1m"), functional: every("5m"), hygiene: every("6h") };
        let names = (0..count).map(|n| (ServiceName(format!("s{n}")), schedule));
        Timetable::new(&names.collect::<Vec<_>>(), UtcMs(0))
    }

    #[test]
    fn each_set_comes_as_often_as_agreed_and_a_whole_run_takes_the_place_of_a_quick_one() {
        let mut table = table(1);
        let mut counts = BTreeMap::new();
        for second in 0..24 * 3_600 {
            for (name, set) in table.take_due(UtcMs(second * 1_000)) {
                *counts.entry(format!("{set:?}")).or_insert(0) += 1;
                table.done(&name, set);
            }
        }
        // A day has 1,440 minutes; each interval is shorter by up to a tenth.
        assert!((4..=5).contains(&counts["Hygiene"]), "{counts:?}");
        assert!((288..=322).contains(&counts["Functional"]), "{counts:?}");
        let all = counts.values().sum::<i32>();
        assert!((1_440..=1_680).contains(&all), "{counts:?}");
    }

    #[test]
    fn no_service_is_asked_twice_at_once_and_who_waits_longest_comes_first() {
        let mut table = table(66);
        let now = UtcMs(40_000);
        let first = table.take_due(now);
        assert_eq!(first.len(), 64, "bounded");
        assert!(table.take_due(now + Duration::from_secs(3_600)).is_empty(), "no room");
        assert_eq!(table.next_due(), None);
        table.done(&first[1].0, first[1].1);
        table.done(&first[2].0, first[2].1);
        let second = table.take_due(now + Duration::from_secs(61));
        assert_eq!(second.len(), 2, "the other two, which wait longest");
        assert!(second.iter().all(|(name, _)| !first.iter().any(|(one, _)| one == name)));
    }

    #[test]
    fn the_first_runs_are_spread() {
        let mut table = table(200);
        let mut asked = Vec::new();
        for second in 1..=10 {
            let due = table.take_due(UtcMs(second * 1_000));
            assert!(due.len() < 60, "{} of 200 in second {second}", due.len());
            due.iter().for_each(|(name, set)| table.done(name, *set));
            asked.extend(due.into_iter().map(|(name, _)| name));
        }
        asked.sort();
        asked.dedup();
        assert_eq!(asked.len(), 200, "all within ten seconds");
    }

    /// The oldest check after ten minutes of so many services, of which every fourth is silent for 25 s and the others
    /// answer within one.
    fn oldest_of(services: usize) -> Duration {
        let mut table = table(services);
        let mut under_way: Vec<(i64, ServiceName, Set)> = Vec::new();
        let mut oldest = Duration::ZERO;
        for second in 0..600 {
            let now = UtcMs(second * 1_000);
            let over = |(until, ..): &(i64, ServiceName, Set)| *until <= second;
            for (_, name, set) in under_way.extract_if(.., |one| over(one)) {
                table.done(&name, set);
            }
            for (name, set) in table.take_due(now) {
                let number: i64 = name.0[1..].parse().expect("a number");
                let lasts = if number % 4 == 0 { 25 } else { 1 };
                under_way.push((second + lasts, name, set));
            }
            oldest = oldest.max(table.oldest(now).0);
        }
        oldest
    }

    #[test]
    fn with_a_thousand_services_and_a_quarter_of_them_silent_no_check_is_older_than_twice_its_interval() {
        for services in [200, 1_000] {
            let oldest = oldest_of(services);
            assert!(oldest <= Duration::from_secs(120), "{services}: {} s", oldest.as_secs());
        }
    }
}
