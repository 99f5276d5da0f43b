//! What a month of check history costs: `cargo bench -p watchpost --bench history`, or with `SERVICES=20 DAYS=60`.
//!
//! Every minute of each day one answer of each service goes in under the five names that the monitor uses, and is written
//! once a minute as the program does; once a day what is too old is dropped. Printed: the size on disk as the days go by,
//! the memory, and how long reading takes for the pictures of `/watch history`.

#![allow(clippy::print_stdout, reason = "a measurement prints its figures")]
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on may say so by a panic")]

use std::path::Path;
use std::time::{Duration, Instant};

use watchpost::check::Verdict;
use watchpost::clock::UtcMs;
use watchpost::ids::ServiceName;
use watchpost::monitor::samples;
use watchpost::monitor::view::{Span, view};
use watchpost::store::history::{History, Sample};

/// 2026-11-24T00:00:00Z.
const START: UtcMs = UtcMs(1_795_478_400_000);
const MINUTES_OF_A_DAY: i64 = 1_440;

fn number(name: &str, otherwise: i64) -> i64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn main() {
    let (services, days) = (number("SERVICES", 5), number("DAYS", 30));
    let folder = tempfile::tempdir().unwrap();
    let (history, _) = History::open(folder.path());
    let names: Vec<ServiceName> = (0..services).map(|at| ServiceName(format!("service-{at}"))).collect();
    let begun = Instant::now();
    for day in 0..days {
        for minute in 0..MINUTES_OF_A_DAY {
            let at = UtcMs(START.0 + (day * MINUTES_OF_A_DAY + minute) * 60_000);
            names.iter().for_each(|name| record(&history, name, minute, at));
            history.save(at).unwrap();
        }
        let midnight = UtcMs(START.0 + (day + 1) * MINUTES_OF_A_DAY * 60_000);
        let dropped = history.thin_out(midnight).unwrap();
        if (day + 1) % 5 == 0 {
            println!(
                "day {:>3}: {:>7} KiB on disk, {dropped} rows dropped",
                day + 1,
                size(folder.path()) / 1_024
            );
        }
    }
    println!("{services} services, {days} days: {:.1} s of work", begun.elapsed().as_secs_f64());
    let now = UtcMs(START.0 + days * MINUTES_OF_A_DAY * 60_000);
    for span in [Span::Day, Span::Week, Span::Quarter] {
        let begun = Instant::now();
        let seen = view(&history, &names[0], span, now);
        println!("{}: {} points read in {} ms", span.words(), seen.all.len(), begun.elapsed().as_millis());
    }
    println!("at most {} MiB of memory", most_memory() / 1_024);
}

/// One answer, as [`samples::record`] keeps it: a mail to oneself every fifth minute.
fn record(history: &History, name: &ServiceName, minute: i64, at: UtcMs) {
    let took = Some(Duration::from_millis(80 + (minute % 37).unsigned_abs()));
    history.record(&samples::whole(name), Sample::new(at, Verdict::Ok, took));
    for capability in ["receive", "send", "read"] {
        history.record(&samples::capability(name, capability), Sample::new(at, Verdict::Ok, None));
    }
    if minute % 5 == 0 {
        history
            .record(&samples::delivery(name), Sample::new(at, Verdict::Ok, Some(Duration::from_millis(900))));
    }
}

/// Bytes of all files below.
fn size(folder: &Path) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        .map(|entry| match entry.metadata().unwrap() {
            of if of.is_dir() => size(&entry.path()),
            of => of.len(),
        })
        .sum()
}

/// The largest resident memory, in KiB.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
