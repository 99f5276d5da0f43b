//! A document as Markdown. Pictures are in it, at its end, so that its text stays readable.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::document::{Block, Document};
use crate::picture::render;

/// The document as Markdown.
pub fn write(document: &Document) -> String {
    let mut out = String::new();
    let mut pictures = Vec::new();
    line(&mut out, &format!("# {}", plain(&document.title)));
    for block in &document.blocks {
        match block {
            Block::Heading(rank, text) => {
                let marks = "#".repeat(usize::from(*rank));
                line(&mut out, &format!("\n{marks} {}", plain(text)));
            }
            Block::Text(text) => line(&mut out, &format!("\n{}", plain_start(text))),
            Block::List(list) => {
                line(&mut out, "");
                list.iter().for_each(|text| line(&mut out, &format!("- {}", plain_start(text))));
            }
            Block::Table { head, rows } => table(&mut out, head, rows),
            Block::Picture(scene) => {
                pictures.push(render::png(scene));
                line(&mut out, &format!("\n![{}][picture-{}]", plain(&scene.about), pictures.len()));
            }
            Block::NewPage => line(&mut out, "\n---"),
        }
    }
    for (number, png) in (1..).zip(pictures) {
        let data = BASE64_STANDARD.encode(png);
        line(&mut out, &format!("\n[picture-{number}]: data:image/png;base64,{data}"));
    }
    out
}

fn table(out: &mut String, head: &[&str], rows: &[Vec<String>]) {
    line(out, &format!("\n| {} |", head.join(" | ")));
    line(out, &format!("|{}", "---|".repeat(head.len())));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| plain(cell)).collect();
        line(out, &format!("| {} |", cells.join(" | ")));
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

/// What is invisible or turns the direction of writing: it could show another text than the one that is there.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// User text, so that it stays text: no markup, no link, no row of a table, no line of its own.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            letter if is_hidden(letter) => {}
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out
}

/// The same where a line begins: no list, no underline of a heading.
fn plain_start(text: &str) -> String {
    let text = plain(text);
    let text = text.trim_start();
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    match text[digits..].chars().next() {
        Some('-' | '+' | '=') if digits == 0 => format!("\\{text}"),
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &text[..digits], &text[digits..]),
        _ => text.to_owned(),
    }
}
