//! Counts side by side: incidents by month, by cause, by component.

use watchpost_texts::say;

use super::scene::{Ink, Scene, Side};
use super::{render, scene::Shape};

const WIDTH: i32 = 1_100;
const HIGH: i32 = 44;
const LETTERS: i32 = 22;
/// More bars than this are summed up in one.
const MOST: usize = 16;

/// What is to be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// One line above it.
    pub title: String,
    /// Names and counts, in the order in which they stand.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What.
    pub name: String,
    /// How long.
    pub value: f64,
    /// What is written beside it.
    pub says: String,
}

/// What stands where.
pub fn draw(bars: &Bars) -> Scene {
    let shown = &bars.bars[..bars.bars.len().min(MOST)];
    let rows = i32::try_from(shown.len()).unwrap_or(0).max(1);
    let rest = bars.bars.len() - shown.len();
    let extra = i32::from(rest > 0);
    let mut scene = Scene::new(WIDTH.unsigned_abs(), (80 + HIGH * (rows + extra)).unsigned_abs());
    scene.text((24, 30), bars.title.clone(), 26, Ink::Black, Side::Right);
    let left = shown.iter().map(|bar| render::width(&bar.name, LETTERS)).max().unwrap_or(0).min(400) + 36;
    let says = shown.iter().map(|bar| render::width(&bar.says, LETTERS)).max().unwrap_or(0);
    let room = f64::from((WIDTH - left - says - 40).max(50));
    let longest = shown.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let mut y = 60;
    for bar in shown {
        let share = if longest > 0.0 { (bar.value / longest).clamp(0.0, 1.0) } else { 0.0 };
        let right = left + (share * room).round() as i32;
        scene.text((left - 12, y + HIGH / 2), bar.name.clone(), LETTERS, Ink::Black, Side::Left);
        scene
            .shapes
            .push(Shape::Box { edges: [left, y + 6, right.max(left + 2), y + HIGH - 6], ink: Ink::Blue });
        scene.text((right + 10, y + HIGH / 2), bar.says.clone(), LETTERS, Ink::Black, Side::Right);
        y += HIGH;
    }
    if shown.is_empty() {
        scene.text((24, y + HIGH / 2), say!("Nothing to show yet."), LETTERS, Ink::Black, Side::Right);
    }
    if rest > 0 {
        scene.text((24, y + HIGH / 2), say!("and {rest} more"), LETTERS, Ink::Grey, Side::Right);
    }
    let each: Vec<String> = shown.iter().map(|bar| format!("{} {}", bar.name, bar.says)).collect();
    let more = if rest > 0 { say!(", and {rest} more") } else { String::new() };
    let each = if each.is_empty() { say!("nothing yet").to_owned() } else { each.join(", ") };
    scene.about = format!("{}: {each}{more}.", bars.title);
    scene
}
