//! The reference of every key as Markdown, printed by `watchpost config reference`.

use std::fmt::Write as _;

use super::key::{Change, Described, Effect, Need, Section};
use super::{
    alternative, audience, cadence, call, contact, destination, discord, guild, heartbeat, hook, log,
    monitor, organisation, procedure, proof, responder, retention, review, service, store, telephone, update,
    web,
};

/// Every section in the order of the reference.
pub fn sections() -> Vec<Section> {
    let mut sections = vec![organisation::SECTION, discord::SECTION];
    sections.extend(guild::SECTIONS);
    sections.extend(service::SECTIONS);
    sections.push(audience::SECTION);
    sections.extend(cadence::SECTIONS);
    sections.extend(destination::SECTIONS);
    sections.extend([
        responder::SECTION,
        call::SECTION,
        alternative::SECTION,
        contact::SECTION,
        telephone::SECTION,
        procedure::SECTION,
        monitor::SECTION,
        heartbeat::SECTION,
        hook::SECTION,
    ]);
    sections.extend([
        proof::SECTION,
        update::SECTION,
        review::SECTION,
        store::SECTION,
        retention::SECTION,
        web::SECTION,
        log::SECTION,
    ]);
    sections
}

const INTRODUCTION: &str = "\
# Configuration

Watchpost reads one file, `watchpost.toml` (`--config FILE` or the variable `WATCHPOST_CONFIG` name another), and the
environment. `watchpost config check` reads it and lists every problem with its line; `watchpost config show` prints
what is in force. A key that is not in this list is refused.

- A secret never stands in the file. A key that ends in `_env` names an environment variable, one that ends in `_file`
  a file with the secret as its only line.
- A path is taken from the folder of the file, and may hold `${NAME}` or `${NAME:-otherwise}`.
- A duration is written as `90s`, `30m`, `4h`, `1h 30m` or `2d`.
- SIGHUP reads the file again: all of it is taken or nothing. A key marked \"new start\" refuses the reload.
- A key marked \"not used yet\" is read and judged, and has no effect in this version; `watchpost config check` says so.

This page is printed by `watchpost config reference`.
";

/// The whole reference.
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for section in sections() {
        write_section(&mut page, &section).expect("writing to a String cannot fail");
    }
    page
}

fn write_section(page: &mut String, section: &Section) -> std::fmt::Result {
    let heading = match section.heading.split_once(" with ") {
        Some((table, kind)) => format!("`[{table}]` with `{kind}`"),
        None => format!("`[{}]`", section.heading),
    };
    writeln!(page, "\n## {heading}\n\n{}\n", section.meaning)?;
    writeln!(page, "| key | value | without it | meaning |\n|---|---|---|---|")?;
    for key in section.keys {
        write_key(page, &key.described())?;
    }
    Ok(())
}

fn write_key(page: &mut String, key: &Described) -> std::fmt::Result {
    let absent = match (key.default, key.need) {
        (Some(text), _) => format!("`{text}`"),
        (None, Need::Needed) => "needed".to_owned(),
        (None, Need::Optional) => "–".to_owned(),
    };
    let kind = match key.entry {
        Some(entry) => format!("a list, each {}", shorter(entry)),
        None => shorter(key.kind).to_owned(),
    };
    let example = key.example.map_or_else(String::new, |example| format!(" Example: `{example}`."));
    let restart = if key.change == Change::OnRestart { " (new start)" } else { "" };
    let effect = if key.effect == Effect::NotYet { " (not used yet)" } else { "" };
    writeln!(page, "| `{}` | {kind} | {absent} | {}{example}{restart}{effect} |", key.name, key.meaning)
}

/// The kind without its example: the row has one of its own.
fn shorter(kind: &'static str) -> &'static str {
    kind.split(" such as ").next().unwrap_or(kind)
}
