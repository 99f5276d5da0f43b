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
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:start;vertical-align:top;overflow-wrap:anywhere}\
th{background:var(--soft)}figure{margin:1rem 0}figure svg{max-width:100%;height:auto;background:#fff}\
figcaption{font-size:.85rem}section+section{border-top:1px solid var(--line);margin-top:3rem}\
@media print{:root{--ink:#000;--ground:#fff;--line:#888;--soft:#eee}body{max-width:none;margin:0;font-size:10pt}\
section+section{break-before:page;border:0}tr,figure{break-inside:avoid}thead{display:table-header-group}}";

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
            let head: String =
                head.iter().map(|name| format!("<th scope=\"col\">{}</th>", text(name))).collect();
            line(out, &format!("<table><thead><tr>{head}</tr></thead><tbody>"));
            for row in rows {
                let cells: String =
                    row.iter().map(|cell| format!("<td dir=\"auto\">{}</td>", text(cell))).collect();
                line(out, &format!("<tr>{cells}</tr>"));
            }
            line(out, "</tbody></table>");
        }
        Block::Picture(scene) => {
            let about = text(&scene.about);
            line(out, &format!("<figure role=\"img\" aria-label=\"{about}\">{}", render::svg(scene)));
            line(out, &format!("<figcaption dir=\"auto\">{about}</figcaption></figure>"));
        }
        Block::NewPage => line(out, "</section><section>"),
    }
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
