//! Windows over the days on which the clocks change, and what may be planned.

use super::*;

const BERLIN: Tz = chrono_tz::Europe::Berlin;

fn at(text: &str) -> UtcMs {
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time");
    UtcMs::from(BERLIN.from_local_datetime(&local).earliest().expect("it exists").to_utc())
}

#[track_caller]
fn next(from: &str, until: &str, repeat: Repeat, now: &str, expected: (&str, &str)) {
    let window = Window {
        number: 1,
        kind: WindowKind::Maintenance,
        service: None,
        cause: None,
        from: at(from),
        until: at(until),
        repeat: Some(repeat),
        why: String::new(),
        by: Actor::Watchpost,
        announced: false,
        begun: true,
    };
    assert_eq!(after(&window, repeat, at(now), BERLIN), (at(expected.0), at(expected.1)), "{from}");
}

#[test]
fn what_repeats_keeps_its_time_of_day() {
    use Repeat::{Daily, Weekly};
    next(
        "2026-11-24 22:00",
        "2026-11-24 23:00",
        Daily,
        "2026-11-24 23:00",
        ("2026-11-25 22:00", "2026-11-25 23:00"),
    );
    // Over the end of summer time: 25 hours later, the same time on the wall.
    next(
        "2026-10-24 22:00",
        "2026-10-24 23:00",
        Daily,
        "2026-10-24 23:00",
        ("2026-10-25 22:00", "2026-10-25 23:00"),
    );
    next(
        "2026-03-22 22:00",
        "2026-03-23 04:00",
        Weekly,
        "2026-03-23 04:00",
        ("2026-03-29 22:00", "2026-03-30 04:00"),
    );
    // What the clocks jump over is an hour later.
    next(
        "2026-03-28 02:30",
        "2026-03-28 05:00",
        Daily,
        "2026-03-28 05:00",
        ("2026-03-29 03:30", "2026-03-29 05:00"),
    );
    // A program that did not run for a month does not catch up thirty windows.
    next(
        "2026-11-01 22:00",
        "2026-11-01 23:00",
        Daily,
        "2026-12-01 12:00",
        ("2026-12-01 22:00", "2026-12-01 23:00"),
    );
}

#[test]
fn a_silence_of_one_cause_holds_no_other() {
    let window = Window {
        number: 7,
        kind: WindowKind::Silence,
        service: Some("main".into()),
        cause: Some(Cause::CertificateExpired),
        from: UtcMs(10),
        until: UtcMs(20),
        repeat: None,
        why: "the host goes on Friday".to_owned(),
        by: Actor::Watchpost,
        announced: false,
        begun: true,
    };
    let windows = Windows(vec![window], Vec::new());
    let holds = |service: &str, cause, now| windows.holding(&service.into(), cause, UtcMs(now));
    assert_eq!(holds("main", Some(Cause::CertificateExpired), 10), Some(7));
    assert_eq!(holds("main", Some(Cause::HostDown), 10), None);
    assert_eq!(holds("main", None, 10), None);
    assert_eq!(holds("other", Some(Cause::CertificateExpired), 10), None);
    assert_eq!(holds("main", Some(Cause::CertificateExpired), 9), None);
    assert_eq!(holds("main", Some(Cause::CertificateExpired), 20), None);
}
