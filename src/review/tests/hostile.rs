//! Texts that would like to be more than texts: markup, formulas, other directions, letters of four bytes.

use std::collections::BTreeSet;

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{NodeData, RcDom};
use proptest::prelude::*;

use super::*;
use crate::incident::event::EntryKind;
use crate::person::Personal;
use crate::report::{Client, Report, Symptom};
use crate::review::markdown::is_hidden;
use crate::review::{Format, csv, html, json, markdown};

/// Own-worded attempts at running something in a page, a table or a document.
const ATTEMPTS: &str = include_str!("../../../tests/fixtures/hostile-texts.txt");

fn tape(texts: &[String]) -> Tape {
    let mut tape = Tape::default();
    let text = |number: usize| texts[number % texts.len()].clone();
    let ana = person(1, &text(0));
    tape.by(10, &ana, declared(&text(1), None));
    for (number, one) in texts.iter().enumerate() {
        tape.by(
            11,
            &person(number as u64 + 2, &text(number + 1)),
            Event::Logged { kind: EntryKind::Cause, text: one.clone() },
        );
    }
    let report = Report {
        by: person(77, &text(2)),
        at: minute(12),
        symptom: Symptom::Else,
        client: Some(Client::Phone),
        site: Some(text(3)),
        domain: None,
        service: None,
        text: Some(Personal { of: PersonId(77), text: text(4) }),
        people: 1,
    };
    tape.by(12, &ana, Event::Reported(report));
    tape.by(
        13,
        &ana,
        Event::FactsChanged {
            facts: crate::incident::Facts {
                impact: text(0),
                instead: text(1),
                sentence: text(2),
                ..crate::incident::Facts::default()
            },
        },
    );
    tape.by(14, &ana, Event::Resolved { why: text(3) });
    tape
}

/// Every element and attribute that we write ourselves.
fn is_dead(page: &str) -> Result<(), String> {
    let elements: BTreeSet<&str> = [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "section",
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "svg",
        "rect",
        "line",
        "polyline",
        "polygon",
        "circle",
        "text",
        "path",
    ]
    .into();
    let attributes: BTreeSet<&str> = [
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "dir",
        "scope",
        "role",
        "aria-label",
        "width",
        "height",
        "viewBox",
        "xmlns",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "d",
        "points",
        "fill",
        "stroke",
        "opacity",
        "stroke-width",
        "text-anchor",
        "font-family",
        "font-size",
        "dy",
        "style",
        "font-weight",
    ]
    .into();
    let document = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    let mut waiting = vec![document.document];
    while let Some(node) = waiting.pop() {
        waiting.extend(node.children.borrow().iter().cloned());
        let (name, attrs) = match &node.data {
            NodeData::Comment { .. } | NodeData::ProcessingInstruction { .. } => {
                return Err("a comment or an instruction".to_owned());
            }
            NodeData::Element { name, attrs, .. } => (name.local.to_string(), attrs.borrow()),
            _ => continue,
        };
        if !elements.contains(name.as_str()) {
            return Err(format!("an element <{name}>"));
        }
        for attribute in attrs.iter() {
            let attribute = attribute.name.local.to_string();
            if !attributes.contains(attribute.as_str()) || attribute == "style" {
                return Err(format!("an attribute {attribute} of <{name}>"));
            }
        }
    }
    Ok(())
}

/// Reads RFC 4180.
fn cells(table: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = table.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quoted, letter) {
            (true, '"') if letters.peek() == Some(&'"') => cell.push(letters.next().expect("peeked")),
            (_, '"') => quoted = !quoted,
            (false, ',') => row.push(std::mem::take(&mut cell)),
            (false, '\r') if letters.peek() == Some(&'\n') => {
                letters.next();
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (_, letter) => cell.push(letter),
        }
    }
    rows
}

/// Signs that mean something in Markdown and are not escaped.
fn is_plain(text: &str) -> bool {
    let mut escaped = false;
    text.chars().all(|letter| {
        let bad = !escaped
            && matches!(letter, '<' | '>' | '[' | ']' | '`' | '*' | '_' | '|' | '~' | '$' | '#' | '!')
            || is_hidden(letter);
        escaped = letter == '\\' && !escaped;
        !bad
    })
}

fn check(texts: &[String]) -> Result<(), String> {
    let (tape, around) = (tape(texts), Around::default());
    let incident = tape.incident();
    for readers in [Readers::Inside, Readers::Outside] {
        let story = story(&incident, &tape, &around, readers);
        is_dead(&Format::Html.write(&story))?;
        let rows = cells(&Format::Csv.write(&story));
        if rows.len() != tape.events.len() + 1 || rows.iter().any(|row| row.len() != 11) {
            return Err(format!("{} rows", rows.len()));
        }
        let formula = rows.iter().flatten().find(|cell| cell.trim_start().starts_with(['=', '+', '-', '@']));
        if let Some(formula) = formula {
            return Err(format!("a formula: {formula}"));
        }
    }
    let story = story(&incident, &tape, &around, Readers::Inside);
    let written = json::write(&story);
    let back = json::read(&written).map_err(|error| error.to_string())?;
    let again = Story { incident: &back.incident, events: &back.events, ..story };
    if json::write(&again) == written { Ok(()) } else { Err("read back, it differs".to_owned()) }
}

#[test]
fn no_attempt_gets_through() {
    let texts: Vec<String> = ATTEMPTS.lines().filter(|line| !line.is_empty()).map(unescaped).collect();
    assert!(texts.len() >= 40, "{} attempts", texts.len());
    check(&texts).unwrap_or_else(|why| panic!("{why}"));
    for text in &texts {
        assert!(is_plain(&markdown::plain(text)), "{text}");
    }
}

/// `\u{202e}` stands in the file as text, so that it can be read there.
fn unescaped(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("\\u{") {
        out.push_str(&rest[..start]);
        let end = rest[start..].find('}').map_or(rest.len(), |end| start + end);
        let letter = u32::from_str_radix(&rest[start + 3..end], 16).ok().and_then(char::from_u32);
        out.extend(letter);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    out + rest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_typed_stays_text(texts in proptest::collection::vec("(?s).{1,60}", 1..4)) {
        prop_assert_eq!(check(&texts), Ok(()));
    }
}

proptest! {
    #[test]
    fn one_text_in_each_form(text in "(?s)[<>&\"'=+@|`*_\\[\\]()!#\\\\\u{202e}\u{200b}📧a-c \t\r\n-]{0,40}") {
        prop_assert!(is_plain(&markdown::plain(&text)));
        let page = format!("<html><head></head><body><p dir=\"{0}\">{0}</p></body></html>", html::text(&text));
        prop_assert_eq!(is_dead(&page), Ok(()));
        let rows = cells(&format!("{}\r\n", csv::cell(&text)));
        prop_assert_eq!((rows.len(), rows[0].len()), (1, 1));
        prop_assert!(!rows[0][0].trim_start().starts_with(['=', '+', '-', '@']), "{:?}", rows[0][0]);
    }
}
