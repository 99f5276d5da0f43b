//! Clocks that are set: summer time, a clock that is wrong and put right, a machine that slept.

use super::*;

fn night_of(year: i32, month: u32, day: u32) -> Play {
    let evening =
        NaiveDate::from_ymd_opt(year, month, day).expect("a day").and_hms_opt(23, 0, 0).expect("a time");
    let evening = UtcMs::from(Berlin.from_local_datetime(&evening).single().expect("one moment").to_utc());
    let seen = (Some(Cause::CertificateExpired), (OK, DOWN, OK));
    Play::declared(evening, evening, policy(Berlin), Severity::Sev2, seen)
}

fn users(play: &Play) -> Vec<UtcMs> {
    play.arrived.iter().filter(|(_, name, _)| name.as_str() == "users").map(|(at, _, _)| *at).collect()
}

#[test]
fn the_hour_that_is_shown_twice_and_the_one_that_is_skipped_change_no_distance() {
    for (year, month, day, hours) in [(2026, 10, 24, 10), (2026, 3, 28, 8)] {
        let mut play = night_of(year, month, day);
        let start = play.now;
        play.until(start + minutes(hours * 60));
        let times = users(&play);
        for pair in times.windows(2) {
            let apart = pair[1].since(pair[0]);
            assert!(apart >= minutes(10) && apart <= minutes(63), "{apart:?}\n{}", play.page);
        }
        let digests: Vec<String> = play
            .incident
            .telling
            .updates
            .iter()
            .filter(|issued| issued.kind == crate::incident::event::UpdateKind::Digest)
            .map(|issued| issued.at.to_utc().with_timezone(&Berlin).format("%H:%M").to_string())
            .collect();
        assert!(!digests.is_empty() && digests.iter().all(|at| at == "06:30"), "{digests:?}\n{}", play.page);
    }
}

#[test]
fn a_clock_that_jumps_ahead_is_caught_up_once_with_the_number_missed() {
    let mut play = certificate_night();
    play.seen = None;
    play.until(at(2, 30));
    play.now = at(6, 40);
    play.carry_out_due();
    let last: Vec<_> = play.incident.telling.updates.iter().filter(|issued| issued.at == at(6, 40)).collect();
    for audience in ["users", "management"] {
        let texts: Vec<_> = last.iter().filter(|issued| issued.audience.as_str() == audience).collect();
        assert_eq!(texts.len(), 1, "{audience}: {}", play.page);
        assert_eq!(texts[0].missed, 3, "{audience}");
    }
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
    for first in [false, true] {
        let mut play = certificate_night();
        play.seen = None;
        play.until(at(if first { 3 } else { 2 }, if first { 0 } else { 20 }));
        let (told, before) = (users(&play).len(), play.now);
        // Noticed within a minute, as the desk does.
        play.now = UtcMs(before.0 - 3_600_000);
        let back = play.now;
        play.by_itself(Request::Telling(TellingRequest::ClockSetBack { by: minutes(60) }));
        play.until(back + minutes(90));
        let next = users(&play).get(told).copied().expect("told again");
        let waited = next.since(back);
        let longest = if first { minutes(27) } else { minutes(7) };
        assert!(waited <= longest, "{waited:?}\n{}", play.page);
    }
}

#[test]
fn a_thousand_jumps_say_nothing_twice_and_keep_nobody_waiting() {
    use proptest::prelude::*;
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 32, ..ProptestConfig::default() });
    let jumps = proptest::collection::vec((1_u64..180, 0_u64..120), 1..6);
    let ran = runner.run(&jumps, |jumps| {
        let mut play = certificate_night();
        play.seen = None;
        for (pass, jump) in jumps {
            let pass = play.now + minutes(pass);
            play.until(pass);
            play.now = play.now + minutes(jump);
            // `arrives` panics where a key is said twice.
            play.carry_out_due();
            let overdue =
                crate::due::updates(&play.incident, &play.policy).into_values().filter(|at| *at <= play.now);
            prop_assert_eq!(overdue.count(), 0, "{}", play.page);
        }
        Ok(())
    });
    ran.expect("no jump harms");
}
