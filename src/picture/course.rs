//! A course over time: how long mail takes, how full a queue is. Where nothing was measured, nothing is drawn.

use chrono_tz::Tz;
use watchpost_texts::say;

use super::axis::Axis;
use super::scene::{Ink, Scene, Shape, Side, Sign};
use crate::clock::UtcMs;

const WIDTH: i32 = 1_100;
const LEFT: i32 = 110;
const RIGHT: i32 = WIDTH - 24;
const TOP: i32 = 70;
/// How high the drawn part of a picture with one course is, and of each where there are several.
const ALONE: i32 = 310;
const AMONG: i32 = 190;
const LETTERS: i32 = 19;
/// More points are drawn as the worst of each stretch: a picture has no more columns.
const POINTS: usize = 500;

/// What is to be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// One line above it.
    pub title: String,
    /// What is measured: `s`, `messages`.
    pub unit: &'static str,
    /// Where the readers are.
    pub zone: Tz,
    /// When it was measured, and what came of it; none where it failed.
    pub points: Vec<(UtcMs, Option<f64>)>,
    /// More than this is too much.
    pub limit: Option<f64>,
    /// The highest value that there can be, such as 100 %.
    pub top: Option<f64>,
}

/// What stands where; a sentence where there is nothing to draw.
pub fn draw(course: &Course) -> Scene {
    draw_high(course, ALONE, None)
}

/// Several courses of the same time, one below the other, under one axis each.
pub fn stack(courses: &[Course]) -> Scene {
    let moments = || courses.iter().flat_map(|course| &course.points).map(|(at, _)| *at);
    let span = moments().min().zip(moments().max());
    let panels = courses.iter().map(|course| draw_high(course, AMONG, span));
    panels.reduce(Scene::above).unwrap_or_else(|| Scene::new(WIDTH.unsigned_abs(), 1))
}

/// `span`: from when to when the axis goes; without it, as far as there are points.
fn draw_high(course: &Course, high: i32, span: Option<(UtcMs, UtcMs)>) -> Scene {
    let points = thinned(&course.points);
    let own = points.first().zip(points.last()).map(|(first, last)| (first.0, last.0));
    let Some((from, to)) = own.map(|own| span.unwrap_or(own)) else {
        let mut scene = Scene::new(WIDTH.unsigned_abs(), 120);
        scene.text((24, 30), course.title.clone(), 26, Ink::Black, Side::Right);
        scene.text((24, 80), say!("Nothing was measured."), 22, Ink::Black, Side::Right);
        scene.about = say!("{}: nothing was measured.", course.title);
        return scene;
    };
    let bottom = TOP + high;
    let mut scene = Scene::new(WIDTH.unsigned_abs(), (bottom + 70).unsigned_abs());
    let to = if to > from { to } else { UtcMs(from.0 + 60_000) };
    let axis = Axis { from, to, left: LEFT, right: RIGHT, zone: course.zone };
    let top = top_value(course);
    let y = |value: f64| bottom - part(value / top, high);
    scene.text((24, 30), course.title.clone(), 26, Ink::Black, Side::Right);
    for tick in axis.ticks() {
        scene.line((tick.x, TOP), (tick.x, bottom), Ink::Pale);
        scene.text((tick.x, bottom + 16), tick.time, LETTERS, Ink::Grey, Side::Middle);
        if let Some(day) = tick.day {
            scene.text((tick.x, bottom + 38), day, LETTERS, Ink::Grey, Side::Middle);
        }
    }
    for quarter in 0..=4 {
        let value = top * f64::from(quarter) / 4.0;
        scene.line((LEFT, y(value)), (RIGHT, y(value)), Ink::Pale);
        scene.text((LEFT - 10, y(value)), number(value, course.unit), LETTERS, Ink::Grey, Side::Left);
    }
    if let Some(limit) = course.limit {
        scene.dashes((LEFT, y(limit)), (RIGHT, y(limit)), Ink::Vermillion);
        scene.text(
            (RIGHT, y(limit) - 14),
            say!("too much above this line"),
            LETTERS,
            Ink::Vermillion,
            Side::Left,
        );
    }
    draw_points(&mut scene, &points, &axis, bottom, y);
    scene.about = say(course);
    scene
}

/// A line through what was measured one after the other; a cross at the foot where it failed.
fn draw_points(
    scene: &mut Scene,
    points: &[(UtcMs, Option<f64>)],
    axis: &Axis,
    bottom: i32,
    y: impl Fn(f64) -> i32,
) {
    for stretch in points.split(|(_, value)| value.is_none()) {
        let line: Vec<(i32, i32)> =
            stretch.iter().filter_map(|(at, value)| Some((axis.x(*at), y((*value)?)))).collect();
        match line.as_slice() {
            [] => {}
            [only] => scene.mark(*only, Sign::Disc, Ink::Blue),
            _ => scene.shapes.push(Shape::Line { points: line, ink: Ink::Blue, width: 3, dashed: false }),
        }
    }
    for (at, _) in points.iter().filter(|(_, value)| value.is_none()) {
        scene.mark((axis.x(*at), bottom - 10), Sign::Cross, Ink::Vermillion);
    }
}

fn top_value(course: &Course) -> f64 {
    if let Some(top) = course.top.filter(|top| *top > 0.0) {
        return top;
    }
    let highest =
        course.points.iter().filter_map(|(_, value)| *value).chain(course.limit).fold(0.0, f64::max);
    let highest = if highest.is_finite() && highest > 0.0 { highest * 1.1 } else { 1.0 };
    let power = 10f64.powf(highest.log10().floor());
    [1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|top| *top >= highest)
        .unwrap_or(highest)
}

fn part(share: f64, high: i32) -> i32 {
    // Clamped, so that the cast is exact enough and cannot wrap.
    (share.clamp(0.0, 1.0) * f64::from(high)).round() as i32
}

fn number(value: f64, unit: &str) -> String {
    if unit == "s" && value > 0.0 && value < 1.0 {
        return say!("{:.0} ms", value * 1_000.0);
    }
    if value >= 10.0 || value.fract() == 0.0 { say!("{value:.0} {unit}") } else { say!("{value:.1} {unit}") }
}

/// The worst of each stretch, so that no peak is lost.
fn thinned(points: &[(UtcMs, Option<f64>)]) -> Vec<(UtcMs, Option<f64>)> {
    let each = points.len().div_ceil(POINTS).max(1);
    let worst = |stretch: &[(UtcMs, Option<f64>)]| {
        stretch.iter().copied().max_by(|(_, a), (_, b)| match (a, b) {
            (None, None) => std::cmp::Ordering::Equal,
            (None, _) => std::cmp::Ordering::Greater,
            (_, None) => std::cmp::Ordering::Less,
            (Some(a), Some(b)) => a.total_cmp(b),
        })
    };
    points.chunks(each).filter_map(worst).collect()
}

fn say(course: &Course) -> String {
    let mut values: Vec<f64> = course.points.iter().filter_map(|(_, value)| *value).collect();
    values.sort_by(f64::total_cmp);
    let failed = course.points.len() - values.len();
    let Some(worst) = values.last() else {
        return say!("{}: {failed} measurements, all failed.", course.title);
    };
    let median = values[values.len() / 2];
    let unit = course.unit;
    let failed = if failed == 0 { String::new() } else { say!(", {failed} failed") };
    if let Some(least) = values.first().filter(|_| course.top.is_some()) {
        let (least, usual) = (number(*least, unit), number(median, unit));
        return say!(
            "{}: {} values{failed}; at least {least}, usually {usual}.",
            course.title,
            course.points.len()
        );
    }
    say!(
        "{}: {} measurements{failed}; half of them up to {}, the worst {}.",
        course.title,
        course.points.len(),
        number(median, unit),
        number(*worst, unit)
    )
}
