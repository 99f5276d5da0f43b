//! Pictures are bounded, readable and say the same in words. Set `PICTURES` to a folder to look at them.

use chrono_tz::Tz;

use super::bars::{Bar, Bars};
use super::course::Course;
use super::glance::{Band, Dot, Glance, Look, Row};
use super::scene::{Scene, Shape};
use super::{bars, course, glance, render};
use crate::clock::UtcMs;
use crate::incident::Phase;

const MINUTE: i64 = 60_000;

/// 2026-11-24 01:00 UTC, 02:00 in Berlin.
fn at(minute: i64) -> UtcMs {
    UtcMs(1_795_482_000_000 + minute * MINUTE)
}

fn keep(name: &str, scene: &Scene) {
    if let Some(folder) = std::env::var_os("PICTURES") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::write(folder.join(format!("{name}.png")), render::png(scene)).expect("written");
        std::fs::write(folder.join(format!("{name}.svg")), render::svg(scene)).expect("written");
    }
}

fn dots(look: Look, minutes: &[i64]) -> Vec<Dot> {
    minutes.iter().map(|minute| Dot { at: at(*minute), look, count: 1 }).collect()
}

fn night() -> Glance {
    use Phase::{Fixing, Identified, Investigating, Verifying};
    let band = |phase, from, to| Band { phase, from: at(from), to: at(to) };
    let row = |name, dots, spans: &[(i64, i64)]| Row {
        name,
        dots,
        spans: spans.iter().map(|(from, to)| (at(*from), at(*to))).collect(),
    };
    let mixed =
        |groups: &[(Look, &[i64])]| groups.iter().flat_map(|(look, when)| dots(*look, when)).collect();
    Glance {
        title: "INC-42 · SEV2 · Phones and mail programs cannot send".to_owned(),
        from: at(5),
        to: at(200),
        zone: Tz::Europe__Berlin,
        bands: vec![
            band(Investigating, 12, 50),
            band(Identified, 50, 65),
            band(Verifying, 72, 74),
            band(Investigating, 74, 140),
            band(Fixing, 140, 180),
            band(Verifying, 180, 192),
        ],
        stamps: vec![
            (at(10), "began"),
            (at(12), "noticed"),
            (at(24), "taken"),
            (at(50), "cause known"),
            (at(180), "works"),
            (at(192), "closed"),
        ],
        rows: vec![
            row("checks", mixed(&[(Look::Bad, &[12, 13, 73]), (Look::Good, &[180, 186, 192])]), &[]),
            row("reports", mixed(&[(Look::Told, &[20, 31, 34, 40, 41, 42, 60])]), &[]),
            row(
                "updates",
                mixed(&[(Look::Due, &[27, 74]), (Look::Sent, &[27, 44, 80, 135, 180, 192])]),
                &[(74, 80)],
            ),
            row("calls", mixed(&[(Look::Called, &[12, 22, 142])]), &[]),
            row("repairs", mixed(&[(Look::Bad, &[72]), (Look::Good, &[180])]), &[(65, 72), (140, 180)]),
            row("log", mixed(&[(Look::Told, &[50])]), &[]),
        ],
        holes: vec![(at(80), at(129))],
    }
}

#[test]
fn the_glance_says_the_same_in_words() {
    let scene = glance::draw(&night());
    keep("glance", &scene);
    insta::assert_snapshot!(scene.about);
    let png = render::png(&scene);
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert!(png.len() < 200_000, "{} bytes", png.len());
}

#[test]
fn no_text_runs_over_the_edge_or_into_another_milestone() {
    let scene = glance::draw(&night());
    let mut boxes: Vec<[i32; 4]> = Vec::new();
    for shape in &scene.shapes {
        let Shape::Text { at, text, size, side, .. } = shape else { continue };
        let wide = render::width(text, *size);
        let left = match side {
            super::scene::Side::Right => at.0,
            super::scene::Side::Middle => at.0 - wide / 2,
            super::scene::Side::Left => at.0 - wide,
        };
        let edges = [left, at.1 - size / 2, left + wide, at.1 + size / 2];
        assert!(left >= 0 && left + wide <= 1_100, "{text} stands from {left} to {}", left + wide);
        let over =
            boxes.iter().any(|[l, t, r, b]| edges[0] < *r && *l < edges[2] && edges[1] < *b && *t < edges[3]);
        assert!(!over, "{text} stands on another text");
        boxes.push(edges);
    }
}

#[test]
fn a_hundred_thousand_signs_cost_no_more_than_a_picture_has_room_for() {
    let mut crowd = night();
    crowd.rows[0].dots = (0..100_000).map(|n| Dot { at: at(n % 200), look: Look::Bad, count: 1 }).collect();
    let scene = glance::draw(&crowd);
    assert!(scene.shapes.len() < 600, "{} shapes", scene.shapes.len());
}

#[test]
fn odd_lengths_and_texts_are_drawn_too() {
    for to in [at(5), at(6), at(3_000), at(3_000_000)] {
        let title = "عطل \u{202e} <script> 📧 ".repeat(20);
        let scene = glance::draw(&Glance { to, title, ..night() });
        assert!(!render::png(&scene).is_empty());
        let svg = render::svg(&scene);
        assert!(!svg.contains("<script") && svg.ends_with("</svg>\n"), "{}", &svg[svg.len() - 40..]);
    }
}

#[test]
fn a_course_keeps_its_peak_and_names_what_failed() {
    let value = |n: i64| match n {
        300..=330 => None,
        1_777 => Some(95.0),
        n => Some(4.0 + (n % 17) as f64 / 4.0),
    };
    let points = (0..2_000).map(|n| (at(n / 3), value(n))).collect();
    let (title, limit) = ("Delivery".to_owned(), Some(60.0));
    let course = Course { title, unit: "s", zone: Tz::UTC, points, limit, top: None };
    let scene = course::draw(&course);
    keep("course", &scene);
    insta::assert_snapshot!(scene.about, @"Delivery: 2000 measurements, 31 failed; half of them up to 6 s, the worst 95 s.");
    assert!(scene.shapes.len() < 600);
    let nothing = course::draw(&Course { points: Vec::new(), ..course });
    assert_eq!(nothing.about, "Delivery: nothing was measured.");
}

#[test]
fn bars_name_what_finds_no_room() {
    let bar = |n: i32| Bar { name: format!("cause-{n}"), value: f64::from(n), says: format!("{n}") };
    let scene = bars::draw(&Bars { title: "By cause".to_owned(), bars: (1..=20).rev().map(bar).collect() });
    keep("bars", &scene);
    assert!(scene.about.ends_with("cause-5 5, and 4 more."), "{}", scene.about);
}
