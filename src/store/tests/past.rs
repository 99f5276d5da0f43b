//! The check history: packed, bounded, and gone without harm.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use super::samples::{START, scratch};
use crate::check::Verdict;
use crate::clock::UtcMs;
use crate::store::history::{CHECKS_MOST, History, HistoryFound, Sample};

const MINUTE: Duration = Duration::from_secs(60);

fn minute(number: u32) -> UtcMs {
    START + MINUTE * number
}

fn sample(number: u32) -> Sample {
    let verdict = if number % 10 == 9 { Verdict::Down } else { Verdict::Ok };
    Sample::new(minute(number), verdict, Some(Duration::from_millis(u64::from(20 + number % 7))))
}

fn ready(folder: &std::path::Path) -> History {
    let (history, found) = History::open(folder);
    assert_eq!(found, HistoryFound::Ready);
    history
}

#[test]
fn samples_hours_and_days_read_back_after_a_restart() {
    let folder = scratch();
    let history = ready(folder.path());
    for number in 0..150 {
        history.record("mail/smtp", sample(number));
        history.record("mail", sample(number));
    }
    history.save(minute(150)).expect("saved");
    drop(history);
    let history = ready(folder.path());
    for number in 150..180 {
        history.record("mail/smtp", sample(number));
    }
    let samples = history.samples("mail/smtp", minute(5), minute(170));
    let expected: Vec<Sample> = (5..170).map(sample).collect();
    assert_eq!(samples, expected);
    history.save(minute(180)).expect("saved");
    let hours = history.hours("mail/smtp", START, minute(180));
    let counts: Vec<[u32; 4]> = hours.iter().map(|(_, summary)| summary.counts).collect();
    assert_eq!(counts, [[54, 0, 6, 0]; 3]);
    let days = history.days("mail/smtp", START, minute(1440));
    assert_eq!(days.len(), 1);
    assert_eq!(days[0].1.counts, [162, 0, 18, 0]);
    assert_eq!(history.hours("mail", START, minute(180)).len(), 3, "a name that begins another is its own");
    assert_eq!(history.samples("other", START, minute(999)), Vec::new());
}

#[test]
fn what_is_old_goes() {
    let folder = scratch();
    let history = ready(folder.path());
    history.record("mail", sample(0));
    history.save(minute(1)).expect("saved");
    let days = |days: u64| START + Duration::from_secs(days * 86_400);
    let left = |history: &History| {
        (
            history.samples("mail", START, minute(60)).len(),
            history.hours("mail", START, minute(60)).len(),
            history.days("mail", START, minute(60)).len(),
        )
    };
    drop(history);
    let history = ready(folder.path());
    for (after, expected) in [(14, (1, 1, 1)), (15, (0, 1, 1)), (401, (0, 0, 1)), (4000, (0, 0, 0))] {
        history.thin_out(days(after)).expect("thinned out");
        assert_eq!(left(&history), expected, "after {after} days");
    }
}

#[test]
fn a_flood_is_bounded() {
    let folder = scratch();
    let history = ready(folder.path());
    for number in 0..5_000 {
        history.record("mail", Sample::new(START, Verdict::Ok, None));
        history.record(&format!("check {number}"), Sample::new(START, Verdict::Ok, None));
    }
    assert_eq!(history.samples("mail", START, minute(1)).len(), 720);
    let kept =
        (0..5_000).filter(|number| !history.samples(&format!("check {number}"), START, minute(1)).is_empty());
    assert_eq!(kept.count(), CHECKS_MOST - 1);
}

#[test]
fn damage_and_a_disk_that_takes_nothing_do_no_harm() {
    let folder = scratch();
    let history = ready(folder.path());
    history.record("mail", sample(0));
    history.save(minute(1)).expect("saved");
    drop(history);
    for harm in [&[7; 9000][..], b"", b"sled?"] {
        fs::write(folder.path().join("history/db"), harm).expect("written");
        // sled takes some of these for an empty one: that is no harm either.
        let (history, found) = History::open(folder.path());
        assert!(!matches!(found, HistoryFound::Without { .. }), "{found:?}");
        history.record("mail", sample(1));
        history.save(minute(2)).expect("saved");
        drop(history);
        assert_eq!(ready(folder.path()).samples("mail", START, minute(60)).last(), Some(&sample(1)));
    }
    // A file where the folder should be: nothing can be opened there, and nothing removed.
    let nowhere = folder.path().join("a file");
    fs::write(&nowhere, "x").expect("written");
    let (history, found) = History::open(&nowhere);
    assert!(matches!(found, HistoryFound::Without { .. }), "{found:?}");
    history.record("mail", sample(2));
    history.save(minute(3)).expect("nothing to do");
    assert_eq!(history.samples("mail", START, minute(60)).len(), 1);
}

/// The figures: `cargo test --release -p watchpost --lib -- --ignored a_year --nocapture`.
#[test]
#[ignore = "writes a simulated year"]
fn a_year_of_20_checks_stays_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = ready(folder.path());
    let year = 365 * 1440;
    for number in 0..year {
        for check in 0..20 {
            history.record(&format!("service/check {check}"), sample(number));
        }
        // Each minute in life; each hour here, which writes the same rows.
        if number % 60 == 59 {
            history.save(minute(number)).expect("saved");
        }
        if number % 1440 == 1439 {
            history.thin_out(minute(number)).expect("thinned out");
        }
    }
    drop(history);
    let bytes: u64 = walk(&folder.path().join("history"));
    let started = Instant::now();
    let history = ready(folder.path());
    let opened = started.elapsed();
    let started = Instant::now();
    let days = history.hours("service/check 3", minute(year - 90 * 1440), minute(year));
    let _ = writeln!(
        std::io::stdout(),
        "a year of 20 checks a minute: {} MiB, opens in {opened:?}, 90 days ({} hours) in {:?}",
        bytes >> 20,
        days.len(),
        started.elapsed()
    );
    assert_eq!(days.len(), 90 * 24);
    assert!(bytes < 200 << 20, "{bytes} bytes");
}

fn walk(folder: &std::path::Path) -> u64 {
    let entries = fs::read_dir(folder).expect("a folder");
    let sizes = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() { walk(&path) } else { fs::metadata(&path).expect("its size").len() }
    });
    sizes.sum()
}
