//! The timeline as a table (RFC 4180). A text that a spreadsheet would take for a formula begins with an apostrophe.

use super::line::{Line, lines};
use super::markdown::is_hidden;
use super::outside::Mask;
use super::{Readers, Story};

/// Over its columns.
const HEAD: &str = "number,occurred,recorded,time_is,who,kind,component,short_timeline,struck,text,was\r\n";

/// The table.
pub fn write(story: &Story<'_>) -> String {
    let mask = (story.readers == Readers::Outside).then(|| Mask::of(story));
    let hidden = |text: &str| mask.as_ref().map_or_else(|| text.to_owned(), |mask| mask.text(text));
    let mut out = HEAD.to_owned();
    for line in lines(story) {
        out.push_str(&row(&line, &hidden));
    }
    if let Some(chain) = &story.around.chain {
        // A table has no head of its own: the last line names the end of the hash chain.
        out.push_str(&format!(",,,,,chain,,,,{chain},\r\n"));
    }
    out
}

fn row(line: &Line, hidden: &impl Fn(&str) -> String) -> String {
    let who = match line.who.as_str() {
        "Watchpost" => line.who.clone(),
        who => hidden(who),
    };
    let cells = [
        line.number.to_string(),
        line.occurred.to_string(),
        line.recorded.to_string(),
        line.basis.name().to_owned(),
        who,
        line.kind.name().to_owned(),
        line.component.unwrap_or_default().to_owned(),
        if line.curated { "yes" } else { "no" }.to_owned(),
        hidden(line.struck.as_deref().unwrap_or_default()),
        hidden(&line.text),
        hidden(line.was.as_deref().unwrap_or_default()),
    ];
    cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell: quoted where it must be, and never a formula. Spreadsheets also take a formula behind spaces.
pub fn cell(text: &str) -> String {
    let visible: String =
        text.chars().filter(|letter| matches!(letter, '\n' | '\r' | '\t') || !is_hidden(*letter)).collect();
    let first = visible.trim_start().chars().next();
    let formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
        || visible.starts_with(['\t', '\r', '\n', '\'']);
    let safe = if formula { format!("'{visible}") } else { visible };
    if safe.contains([',', '"', '\r', '\n', '\'']) || safe != safe.trim() {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}
