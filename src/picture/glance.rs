//! An incident at a glance: everything on one time axis, so that a meeting sees in ten seconds what took so long.
//!
//! 1. [`Glance`] holds what is to be seen: phases as bands, milestones, rows of signs, holes in the record.
//! 2. [`draw`] says what stands where. Signs that would stand on each other become one with a number, so that an
//!    incident of ten thousand events costs no more than one of a hundred.
//! 3. [`words`] says the same in sentences.

mod words;

use std::collections::BTreeMap;

use chrono_tz::Tz;
use watchpost_texts::say;

use super::axis::Axis;
use super::render;
use super::scene::{Ink, Scene, Shape, Side, Sign};
use crate::clock::UtcMs;
use crate::incident::Phase;

/// How wide, in points: twice what Discord shows.
const WIDTH: i32 = 1_100;
const LEFT: i32 = 126;
const RIGHT: i32 = WIDTH - 24;
const LETTERS: i32 = 22;
const SMALL: i32 = 19;
const ROW: i32 = 50;
/// Signs nearer to each other than this are drawn as one.
const NEAR: i32 = 16;

/// What is to be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Glance {
    /// One line above it.
    pub title: String,
    /// Where it begins.
    pub from: UtcMs,
    /// Where it ends.
    pub to: UtcMs,
    /// Where the readers are.
    pub zone: Tz,
    /// The phases, in order.
    pub bands: Vec<Band>,
    /// The milestones.
    pub stamps: Vec<(UtcMs, &'static str)>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Where nothing is recorded.
    pub holes: Vec<(UtcMs, UtcMs)>,
}

/// A stretch of time in one phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// Which.
    pub phase: Phase,
    /// Since when.
    pub from: UtcMs,
    /// Until when.
    pub to: UtcMs,
}

/// Things of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What they are.
    pub name: &'static str,
    /// Moments.
    pub dots: Vec<Dot>,
    /// Stretches: a repair under way, an update that was late.
    pub spans: Vec<(UtcMs, UtcMs)>,
}

/// A moment in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dot {
    /// When.
    pub at: UtcMs,
    /// What it is.
    pub look: Look,
    /// For how many it stands: people who report.
    pub count: u32,
}

/// What can stand in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Look {
    /// Found good, done, said yes.
    Good,
    /// Found partly good, rolled back.
    Partly,
    /// Found bad, failed, not delivered.
    Bad,
    /// Not known, withdrawn.
    Unknown,
    /// A report, an entry of the log.
    Told,
    /// An update was due.
    Due,
    /// An update was sent.
    Sent,
    /// Somebody was called.
    Called,
}

impl Look {
    fn drawn(self) -> (Sign, Ink) {
        match self {
            Look::Good => (Sign::Disc, Ink::Green),
            Look::Partly => (Sign::Triangle, Ink::Orange),
            Look::Bad => (Sign::Cross, Ink::Vermillion),
            Look::Unknown => (Sign::Ring, Ink::White),
            Look::Told => (Sign::Square, Ink::Sky),
            Look::Due => (Sign::Hollow, Ink::White),
            Look::Sent => (Sign::Diamond, Ink::Blue),
            Look::Called => (Sign::Call, Ink::Purple),
        }
    }

    /// What the key under the picture says.
    fn meaning(self) -> &'static str {
        match self {
            Look::Good => say!("good, done"),
            Look::Partly => say!("partly, undone"),
            Look::Bad => say!("bad, failed"),
            Look::Unknown => say!("not known"),
            Look::Told => say!("told by people"),
            Look::Due => "due",
            Look::Sent => say!("update sent"),
            Look::Called => "called",
        }
    }
}

/// What stands where.
pub fn draw(glance: &Glance) -> Scene {
    let rows: Vec<&Row> = glance.rows.iter().filter(|row| !row.dots.is_empty()).collect();
    let top = 150;
    let bands = 46;
    let bottom = top + bands + ROW * i32::try_from(rows.len()).unwrap_or(0) + 8;
    let height = bottom + 60 + 2 * 34 + 14;
    let mut scene = Scene::new(WIDTH.unsigned_abs(), height.unsigned_abs());
    let axis = Axis { from: glance.from, to: glance.to, left: LEFT, right: RIGHT, zone: glance.zone };
    scene.text((24, 30), fitting(&glance.title, WIDTH - 48, 26), 26, Ink::Black, Side::Right);
    draw_axis(&mut scene, &axis, top, bottom);
    draw_holes(&mut scene, glance, &axis, top + bands, bottom);
    draw_stamps(&mut scene, glance, &axis, top, bottom);
    draw_bands(&mut scene, glance, &axis, top, bands - 8);
    for (row, y) in rows.iter().zip((top + bands + ROW / 2..).step_by(50)) {
        draw_row(&mut scene, row, &axis, y);
    }
    draw_key(&mut scene, glance, &rows, bottom + 66);
    scene.about = words::say(glance);
    scene
}

fn draw_axis(scene: &mut Scene, axis: &Axis, top: i32, bottom: i32) {
    for tick in axis.ticks() {
        scene.line((tick.x, top), (tick.x, bottom), Ink::Pale);
        scene.text((tick.x, bottom + 16), tick.time, SMALL, Ink::Grey, Side::Middle);
        if let Some(day) = tick.day {
            scene.text((tick.x, bottom + 38), day, SMALL, Ink::Grey, Side::Middle);
        }
    }
    scene.line((axis.left, bottom), (axis.right, bottom), Ink::Grey);
}

fn draw_holes(scene: &mut Scene, glance: &Glance, axis: &Axis, top: i32, bottom: i32) {
    for (from, to) in &glance.holes {
        let (left, right) = (axis.x(*from), axis.x(*to));
        if right - left > 4 {
            scene.shapes.push(Shape::Hatch { edges: [left, top, right, bottom], ink: Ink::Grey });
        }
    }
}

/// Milestones, each with its name above the bands, on three levels so that neighbours do not run into each other.
fn draw_stamps(scene: &mut Scene, glance: &Glance, axis: &Axis, top: i32, bottom: i32) {
    let mut ends = [i32::MIN; 3];
    let mut names: Vec<((i32, i32), i32, String)> = Vec::new();
    for (at, name) in &glance.stamps {
        let x = axis.x(*at);
        let time = at.to_utc().with_timezone(&glance.zone).format("%H:%M");
        let text = say!("{name} {time}");
        let wide = render::width(&text, SMALL);
        let left = (x - wide / 2).clamp(8, WIDTH - 8 - wide);
        scene.dashes((x, top - 8), (x, bottom), Ink::Black);
        // Where all three are taken, the line is drawn and the words beside the picture name it.
        if let Some(level) = (0..3).find(|level| left > ends[*level] + 12) {
            ends[level] = left + wide;
            let y = top - 22 - 26 * i32::try_from(level).unwrap_or(0);
            scene.dashes((x, y + 12), (x, top - 8), Ink::Grey);
            names.push(((left, y), wide, text));
        }
    }
    // Last, on white, so that no line runs through a name.
    for ((left, y), wide, text) in names {
        scene.area([left - 2, y - 12, left + wide + 2, y + 12], Ink::White);
        scene.text((left, y), text, SMALL, Ink::Black, Side::Right);
    }
}

fn draw_bands(scene: &mut Scene, glance: &Glance, axis: &Axis, top: i32, high: i32) {
    scene.text((LEFT - 12, top + high / 2), "phase", LETTERS, Ink::Black, Side::Left);
    for band in &glance.bands {
        let (left, right) = (axis.x(band.from), axis.x(band.to));
        let (ink, letters) = band_ink(band.phase);
        scene.area([left, top, right.max(left + 3), top + high], ink);
        scene.line((left, top), (left, top + high), Ink::White);
        let short = short(band.phase);
        let word =
            [band.phase.name(), short].into_iter().find(|word| render::width(word, SMALL) + 8 < right - left);
        if let Some(word) = word {
            scene.text(((left + right) / 2, top + high / 2), word, SMALL, letters, Side::Middle);
        }
    }
}

/// From dark to light as it gets better; the word in it says it too.
fn band_ink(phase: Phase) -> (Ink, Ink) {
    match phase {
        Phase::Investigating => (Ink::Vermillion, Ink::White),
        Phase::Identified => (Ink::Orange, Ink::Black),
        Phase::Fixing => (Ink::Sky, Ink::Black),
        Phase::Verifying => (Ink::Yellow, Ink::Black),
        Phase::Resolved | Phase::Reviewed => (Ink::Green, Ink::White),
    }
}

fn short(phase: Phase) -> &'static str {
    match phase {
        Phase::Investigating => "inv",
        Phase::Identified => "id",
        Phase::Fixing => "fix",
        Phase::Verifying => "ver",
        Phase::Resolved | Phase::Reviewed => "ok",
    }
}

fn draw_row(scene: &mut Scene, row: &Row, axis: &Axis, y: i32) {
    scene.text((LEFT - 12, y), row.name, LETTERS, Ink::Black, Side::Left);
    scene.line((axis.left, y), (axis.right, y), Ink::Pale);
    for (from, to) in &row.spans {
        let (left, right) = (axis.x(*from), axis.x(*to));
        scene.shapes.push(Shape::Line {
            points: vec![(left, y), (right, y)],
            ink: Ink::Grey,
            width: 5,
            dashed: false,
        });
    }
    for ((x, look), count) in together(row, axis) {
        let (sign, ink) = look.drawn();
        scene.mark((x, y), sign, ink);
        if count > 1 {
            scene.text((x, y - 19), format!("{count}"), 16, Ink::Black, Side::Middle);
        }
    }
}

/// Signs of one look that would stand on each other, as one with their number.
fn together(row: &Row, axis: &Axis) -> Vec<((i32, Look), u32)> {
    let mut places: BTreeMap<(Look, i32), (i32, u32)> = BTreeMap::new();
    for dot in row.dots.iter().filter(|dot| axis.holds(dot.at)) {
        let x = axis.x(dot.at);
        let place = places.entry((dot.look, x / NEAR)).or_insert((x, 0));
        place.1 = place.1.saturating_add(dot.count);
    }
    let mut drawn: Vec<((i32, Look), u32)> =
        places.into_iter().map(|((look, _), (x, count))| ((x, look), count)).collect();
    drawn.sort();
    drawn
}

/// Only what is there is explained.
fn draw_key(scene: &mut Scene, glance: &Glance, rows: &[&Row], y: i32) {
    let mut looks: Vec<Look> = rows.iter().flat_map(|row| row.dots.iter().map(|dot| dot.look)).collect();
    looks.sort();
    looks.dedup();
    let (mut x, mut line) = (34, y);
    let mut room = |wide: i32| {
        if x + wide > WIDTH - 16 {
            (x, line) = (34, line + 34);
        }
        let at = (x, line);
        x += wide;
        at
    };
    for look in looks {
        let at = room(render::width(look.meaning(), SMALL) + 50);
        let (sign, ink) = look.drawn();
        scene.mark(at, sign, ink);
        scene.text((at.0 + 16, at.1), look.meaning(), SMALL, Ink::Black, Side::Right);
    }
    if !glance.holes.is_empty() {
        let text = say!("nothing recorded");
        let (x, y) = room(render::width(text, SMALL) + 60);
        scene.shapes.push(Shape::Hatch { edges: [x - 10, y - 11, x + 14, y + 11], ink: Ink::Grey });
        scene.text((x + 22, y), text, SMALL, Ink::Black, Side::Right);
    }
}

/// As much of a text as finds room.
fn fitting(text: &str, room: i32, size: i32) -> String {
    if render::width(text, size) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        short.push(letter);
        if render::width(&short, size) + size > room {
            break;
        }
    }
    short + "…"
}
