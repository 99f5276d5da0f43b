//! A document as one HTML file: no script, nothing is fetched, printable, dark and light, pictures in it.

use std::fmt::Write;

use super::document::{Block, Document};
use super::markdown::is_hidden;
use crate::picture::render;

/// Nothing may run or be fetched, even where a text should ever get through as markup.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1a1a1a;--ground:#fff;--line:#bbb;--soft:#f3f3f3}\
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--ground:#161616;--line:#555;--soft:#222}}\
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);max-width:62rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem}h3{font-size:1.05rem}\
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.9rem}\
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:start;vertical-align:top;overflow-wrap:break-word;max-width:24rem}td:last-child{overflow-wrap:anywhere}\
th{background:var(--soft);overflow-wrap:normal}tbody th{font-weight:600;width:30%}figure{margin:1rem 0}figure svg{max-width:100%;height:auto;background:#fff}\
@media (max-width:40rem){th,td{overflow-wrap:anywhere;padding:.2rem .3rem}tbody th{width:auto}}\
figcaption{font-size:.85rem;opacity:.8}section+section{border-top:1px solid var(--line);margin-top:3rem}\
@media print{:root{--ink:#000;--ground:#fff;--line:#888;--soft:#eee}body{max-width:none;margin:0;padding:0;font:9pt/1.35 system-ui,sans-serif}\
h1{font-size:15pt;margin:0}h2{font-size:11pt;margin:.6rem 0 .2rem}h3{font-size:10pt;margin:.5rem 0 .2rem}p,ul{margin:.2rem 0}\
table{margin:.2rem 0;font-size:8pt}th,td{padding:.1rem .35rem}figure{margin:.3rem 0}figure svg{max-height:6cm}figcaption{font-size:7pt}\
h2,h3{break-after:avoid}@page{size:A4;margin:12mm 14mm}section+section{break-before:page;border:0}tr,figure{break-inside:avoid}thead{display:table-header-group}}";

/// The document as HTML.
pub fn write(document: &Document) -> String {
    let mut out = String::new();
    let title = text(&document.title);
    line(&mut out, "<!DOCTYPE html>");
    line(&mut out, "<html lang=\"en\"><head><meta charset=\"utf-8\">");
    line(&mut out, &format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">"));
    line(&mut out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    line(
        &mut out,
        "<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"robots\" content=\"noindex\">",
    );
    line(&mut out, &format!("<title>{title}</title><style>{STYLE}</style></head>"));
    line(&mut out, &format!("<body><section><h1 dir=\"auto\">{title}</h1>"));
    document.blocks.iter().for_each(|block| write_block(&mut out, block));
    line(&mut out, "</section></body></html>");
    out
}

fn write_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(rank, said) => {
            let rank = rank.clamp(&2, &6);
            line(out, &format!("<h{rank} dir=\"auto\">{}</h{rank}>", text(said)));
        }
        Block::Text(said) => line(out, &format!("<p dir=\"auto\">{}</p>", text(said))),
        Block::List(list) => {
            line(out, "<ul>");
            list.iter().for_each(|said| line(out, &format!("<li dir=\"auto\">{}</li>", text(said))));
            line(out, "</ul>");
        }
        Block::Table { head, rows } => {
            write_table(out, head, rows);
        }
        Block::Picture(scene) => {
            let about = text(&scene.about);
            line(out, &format!("<figure role=\"img\" aria-label=\"{about}\">{}", render::svg(scene)));
            line(out, &format!("<figcaption dir=\"auto\">{about}</figcaption></figure>"));
        }
        Block::NewPage => line(out, "</section><section>"),
    }
}

/// A table without names over its columns has the name of each row in front.
fn write_table(out: &mut String, head: &[&str], rows: &[Vec<String>]) {
    let named = head.iter().any(|name| !name.is_empty());
    line(out, "<table>");
    if named {
        let head: String = head.iter().map(|name| format!("<th scope=\"col\">{}</th>", text(name))).collect();
        line(out, &format!("<thead><tr>{head}</tr></thead>"));
    }
    line(out, "<tbody>");
    for row in rows {
        let mut cells = String::new();
        for (place, cell) in row.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = match (named, place) {
                (false, 0) => write!(cells, "<th scope=\"row\" dir=\"auto\">{}</th>", text(cell)),
                _ => write!(cells, "<td dir=\"auto\">{}</td>", text(cell)),
            };
        }
        line(out, &format!("<tr>{cells}</tr>"));
    }
    line(out, "</tbody></table>");
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

/// User text, so that it stays text, in an element as well as in an attribute.
pub fn text(said: &str) -> String {
    let mut out = String::with_capacity(said.len());
    for letter in said.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            letter if is_hidden(letter) => {}
            letter => out.push(letter),
        }
    }
    out
}
