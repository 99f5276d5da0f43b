//! Draws a scene with plotters: the same code for both backends.

use std::sync::LazyLock;

use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, Circle, DrawingArea, DrawingBackend, IntoDrawingArea, PathElement, Polygon, RGBColor,
    Rectangle, SVGBackend, ShapeStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, TextStyle, register_font};

use super::scene::{Ink, Scene, Shape, Side, Sign};

/// Latin, Greek, Cyrillic and common signs. Other letters are drawn as empty boxes; the words beside the picture have them.
static FONT: &[u8] = include_bytes!("font/DejaVuSans-part.ttf");
/// Its name for plotters; in an SVG it asks the reader's machine for a like font.
const FAMILY: &str = "sans-serif";
/// The font is given to plotters once; whether it took it.
static READY: LazyLock<bool> = LazyLock::new(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok());
/// Plotters counts the height of a line, people that of the letters.
const LINE: f64 = 1.24;

/// Why nothing could be drawn. The backends write to memory, so it is a fault of this program and costs the picture only.
type Fault = Box<dyn std::error::Error>;

/// The scene as a PNG; empty where it could not be drawn, which is logged.
pub fn png(scene: &Scene) -> Vec<u8> {
    try_png(scene).unwrap_or_else(|error| {
        tracing::error!(%error, "a picture was not drawn");
        Vec::new()
    })
}

/// The scene as an SVG element of its own; empty where it could not be drawn, which is logged.
pub fn svg(scene: &Scene) -> String {
    try_svg(scene).unwrap_or_else(|error| {
        tracing::error!(%error, "a picture was not drawn");
        String::new()
    })
}

/// How wide a text is in this font.
pub fn width(text: &str, size: i32) -> i32 {
    let guess = || i32::try_from(text.chars().count()).unwrap_or(i32::MAX).saturating_mul(size) * 6 / 10;
    if !*READY {
        return guess();
    }
    font(size).box_size(text).map_or_else(|_| guess(), |(wide, _)| i32::try_from(wide).unwrap_or(i32::MAX))
}

fn font(size: i32) -> FontDesc<'static> {
    FontDesc::new(FontFamily::Name(FAMILY), f64::from(size) * LINE, FontStyle::Normal)
}

fn try_svg(scene: &Scene) -> Result<String, Fault> {
    let mut drawn = String::new();
    {
        let area = SVGBackend::with_string(&mut drawn, (scene.width, scene.height)).into_drawing_area();
        draw(&area, scene).map_err(|error| error.to_string())?;
    }
    Ok(drawn)
}

fn try_png(scene: &Scene) -> Result<Vec<u8>, Fault> {
    let (width, height) = (scene.width, scene.height);
    let mut pixels = vec![0; usize::try_from(width)? * usize::try_from(height)? * 3];
    draw(&BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area(), scene)
        .map_err(|error| error.to_string())?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

type Went<B> = Result<(), plotters::drawing::DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

fn draw<B: DrawingBackend>(area: &DrawingArea<B, Shift>, scene: &Scene) -> Went<B> {
    area.fill(&color(Ink::White))?;
    for shape in &scene.shapes {
        match shape {
            Shape::Box { edges: [left, top, right, bottom], ink } => {
                area.draw(&Rectangle::new([(*left, *top), (*right, *bottom)], color(*ink).filled()))?;
            }
            Shape::Hatch { edges, ink } => hatch(area, *edges, *ink)?,
            Shape::Line { points, ink, width, dashed: false } => {
                area.draw(&PathElement::new(points.clone(), stroke(*ink, *width)))?;
            }
            Shape::Line { points, ink, width, dashed: true } => dashes(area, points, stroke(*ink, *width))?,
            Shape::Mark { at, sign, ink, size } => mark(area, *at, *sign, *ink, *size)?,
            Shape::Text { at, text, size, ink, side } => letters(area, *at, text, *size, *ink, *side)?,
        }
    }
    area.present()
}

fn color(ink: Ink) -> RGBColor {
    let (red, green, blue) = ink.rgb();
    RGBColor(red, green, blue)
}

fn stroke(ink: Ink, width: u32) -> ShapeStyle {
    color(ink).stroke_width(width)
}

/// Without its font a picture has no letters; the words beside it have all of them.
fn letters<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    at: (i32, i32),
    text: &str,
    size: i32,
    ink: Ink,
    side: Side,
) -> Went<B> {
    if !*READY {
        return Ok(());
    }
    let across = match side {
        Side::Right => HPos::Left,
        Side::Middle => HPos::Center,
        Side::Left => HPos::Right,
    };
    // A control sign is no letter, and an SVG with one is no XML.
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let ink = color(ink);
    let style = TextStyle::from(font(size)).color(&ink).pos(Pos::new(across, VPos::Center));
    area.draw_text(&text, &style, at)
}

fn hatch<B: DrawingBackend>(area: &DrawingArea<B, Shift>, edges: [i32; 4], ink: Ink) -> Went<B> {
    let [left, top, right, bottom] = edges;
    let high = bottom - top;
    let mut foot = left - high;
    while foot < right {
        // The line goes up to the right; what is outside of the box is cut off.
        let (from, to) = (foot.max(left), (foot + high).min(right));
        if from < to {
            let points = vec![(from, bottom - (from - foot)), (to, bottom - (to - foot))];
            area.draw(&PathElement::new(points, stroke(ink, 1)))?;
        }
        foot += 12;
    }
    Ok(())
}

/// Level or upright lines only.
fn dashes<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    points: &[(i32, i32)],
    style: ShapeStyle,
) -> Went<B> {
    let (Some(&(x0, y0)), Some(&(x1, y1))) = (points.first(), points.last()) else { return Ok(()) };
    let length = (x1 - x0).abs().max((y1 - y0).abs()).max(1);
    let on = |step: i32| (x0 + (x1 - x0) * step / length, y0 + (y1 - y0) * step / length);
    let mut step = 0;
    while step < length {
        area.draw(&PathElement::new(vec![on(step), on((step + 6).min(length))], style))?;
        step += 12;
    }
    Ok(())
}

fn mark<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    (x, y): (i32, i32),
    sign: Sign,
    ink: Ink,
    size: i32,
) -> Went<B> {
    let filled = color(ink).filled();
    let edge = stroke(Ink::Black, 2);
    let outlined = |points: Vec<(i32, i32)>, style: ShapeStyle| -> Went<B> {
        area.draw(&Polygon::new(points.clone(), style))?;
        let closed: Vec<(i32, i32)> = points.iter().chain(points.first()).copied().collect();
        area.draw(&PathElement::new(closed, edge))
    };
    let white = color(Ink::White).filled();
    let diamond = vec![(x, y - size), (x + size, y), (x, y + size), (x - size, y)];
    match sign {
        Sign::Disc => {
            area.draw(&Circle::new((x, y), size - 1, filled))?;
            area.draw(&Circle::new((x, y), size - 1, edge))
        }
        Sign::Ring => {
            area.draw(&Circle::new((x, y), size - 1, white))?;
            area.draw(&Circle::new((x, y), size - 1, edge))
        }
        Sign::Cross => {
            let thick = stroke(ink, 5);
            let d = size - 2;
            area.draw(&PathElement::new(vec![(x - d, y - d), (x + d, y + d)], thick))?;
            area.draw(&PathElement::new(vec![(x - d, y + d), (x + d, y - d)], thick))
        }
        Sign::Triangle => {
            outlined(vec![(x, y - size), (x + size, y + size - 2), (x - size, y + size - 2)], filled)
        }
        Sign::Call => {
            outlined(vec![(x, y + size), (x + size, y - size + 2), (x - size, y - size + 2)], filled)
        }
        Sign::Diamond => outlined(diamond, filled),
        Sign::Hollow => outlined(diamond, white),
        Sign::Square => {
            let d = size - 2;
            outlined(vec![(x - d, y - d), (x + d, y - d), (x + d, y + d), (x - d, y + d)], filled)
        }
    }
}
