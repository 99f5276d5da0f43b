//! The picture of `/watch history`: three courses under each other, from what was kept. Set `PICTURES` to look at it.

use super::view::{Span, view};
use super::*;
use crate::picture::{course, render};
use crate::store::history::Sample;

const MINUTE: Duration = Duration::from_secs(60);

/// A day in which it was down from the sixth to the eighth hour, and delivery slow in the twentieth.
fn a_day(history: &History, from: UtcMs) {
    let name = "lab".into();
    for minute in 0..24 * 60_u32 {
        let (at, hour) = (from + MINUTE * minute, minute / 60);
        let down = (6..8).contains(&hour);
        let verdict = if down { Verdict::Down } else { Verdict::Ok };
        let took = Duration::from_millis(u64::from(60 + minute % 50));
        history.record(&samples::whole(&name), Sample::new(at, verdict, (!down).then_some(took)));
        if minute % 5 == 0 {
            let seconds = if hour == 20 { 25 } else { 1 + u64::from(minute % 3) };
            let took = (!down).then(|| Duration::from_secs(seconds));
            history.record(&samples::delivery(&name), Sample::new(at, verdict, took));
        }
    }
}

#[test]
fn the_picture_shows_availability_answers_and_delivery() {
    let (history, from) = (History::in_memory(), UtcMs(1_795_478_400_000));
    a_day(&history, from);
    let seen = view(&history, &"lab".into(), Span::Day, from + MINUTE * (24 * 60));
    let courses = seen.courses(&"lab".into(), Span::Day, chrono_tz::Tz::Europe__Berlin);
    let scene = course::stack(&courses);
    if let Some(folder) = std::env::var_os("PICTURES") {
        let file = std::path::PathBuf::from(folder).join("history.png");
        std::fs::write(file, render::png(&scene)).expect("written");
    }
    insta::assert_snapshot!(scene.about, @r"
    lab: availability, 24 hours: 24 values; at least 0 %, usually 100 %.
    lab: answers, 24 hours: 1440 measurements, 120 failed; half of them up to 85 ms, the worst 109 ms.
    lab: delivery, 24 hours: 288 measurements, 24 failed; half of them up to 2 s, the worst 25 s.
    ");
    let down = courses[0].points.iter().filter(|(_, share)| *share == Some(0.0)).count();
    assert_eq!((courses[0].points.len(), down), (24, 2), "two hours of it");
    assert!(scene.height < 1_100, "it is read on a phone: {} points high", scene.height);
}

#[test]
fn what_was_never_measured_says_so() {
    let (history, from) = (History::in_memory(), UtcMs(1_795_478_400_000));
    history.record("lab", Sample::new(from, Verdict::Ok, Some(MINUTE / 600)));
    let seen = view(&history, &"lab".into(), Span::Day, from + MINUTE);
    let scene = course::stack(&seen.courses(&"lab".into(), Span::Day, chrono_tz::Tz::UTC));
    assert!(scene.about.contains("lab: delivery, 24 hours: nothing was measured."), "{}", scene.about);
}
