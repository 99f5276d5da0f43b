//! The picture as one page: no script, readable on a telephone, in the dark, and by a screen reader.

use chrono_tz::Tz;
use minijinja::{AutoEscape, Environment, context};

use super::public::{Outage, Picture, state_word};
use crate::clock::UtcMs;
use crate::incident::Verdict;
use crate::review::spell_out;

const TEMPLATE: &str = include_str!("page.html");

/// The page.
pub fn write(picture: &Picture, zone: Tz) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let capabilities: Vec<_> = picture
        .capabilities
        .iter()
        .map(|capability| {
            context! {
                name => capability.name,
                word => state_word(capability.state),
                sign => sign(capability.state),
                class => class(capability.state),
            }
        })
        .collect();
    let page = context! {
        organisation => picture.organisation,
        headline => headline(picture),
        good => picture.open.is_empty(),
        capabilities => capabilities,
        open => picture.open.iter().map(|outage| shown(outage, zone)).collect::<Vec<_>>(),
        past => picture.past.iter().map(|outage| shown(outage, zone)).collect::<Vec<_>>(),
        zone => zone.name(),
    };
    environment.render_str(TEMPLATE, page).expect("the template is part of the program; a test renders it")
}

fn shown(outage: &Outage, zone: Tz) -> minijinja::Value {
    let words: Vec<_> = outage
        .words
        .iter()
        .map(|word| {
            context! {
                at => local(word.at, zone),
                iso => word.at.to_string(),
                kind => word.kind,
                text => spell_out(&word.text, zone),
            }
        })
        .collect();
    context! {
        id => outage.id.to_string(),
        since => local(outage.since, zone),
        since_iso => outage.since.to_string(),
        until => outage.until.map(|at| local(at, zone)),
        until_iso => outage.until.map(|at| at.to_string()),
        words => words,
    }
}

fn headline(picture: &Picture) -> &'static str {
    let down = picture.capabilities.iter().any(|capability| capability.state == Verdict::Down);
    match (picture.open.is_empty(), down) {
        (true, _) => "E-mail works",
        (false, false) => "E-mail is disturbed",
        (false, true) => "Parts of e-mail do not work",
    }
}

fn sign(state: Verdict) -> &'static str {
    match state {
        Verdict::Ok => "✓",
        Verdict::Degraded => "!",
        Verdict::Down => "✗",
        Verdict::Unknown => "?",
    }
}

fn class(state: Verdict) -> &'static str {
    match state {
        Verdict::Ok => "good",
        Verdict::Degraded => "partly",
        Verdict::Down => "bad",
        Verdict::Unknown => "unknown",
    }
}

fn local(at: UtcMs, zone: Tz) -> String {
    at.to_utc().with_timezone(&zone).format("%-d %B %Y, %H:%M").to_string()
}

/// Text for XML and HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IncidentId;
    use crate::web::public::{Capability, Word};

    fn picture(text: &str) -> Picture {
        Picture {
            organisation: "Ex <ample>".into(),
            updated: Some(UtcMs(0)),
            capabilities: vec![Capability { name: "Sending mail", state: Verdict::Down }],
            open: vec![Outage {
                id: IncidentId(42),
                since: UtcMs(0),
                until: None,
                words: vec![Word {
                    at: UtcMs(0),
                    kind: "first",
                    text: text.into(),
                    next: Some(UtcMs(3_600_000)),
                }],
            }],
            past: Vec::new(),
        }
    }

    #[test]
    fn the_page_says_what_does_not_work_and_when_the_next_word_comes() {
        let page = write(&picture("Phones cannot send. Next <t:3600:t>."), chrono_tz::Europe::Berlin);
        for expected in ["Parts of e-mail do not work", "does not work", "Next 02:00 CET", "Ex &lt;ample&gt;"]
        {
            assert!(page.contains(expected), "{expected} is missing in\n{page}");
        }
    }

    #[test]
    fn no_text_becomes_markup() {
        let hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&";
        let page = write(&picture(hostile), chrono_tz::UTC);
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        let feed = crate::web::atom::write(&picture(hostile), "https://status.example.org", chrono_tz::UTC);
        assert!(!feed.contains("<script") && !feed.contains("<img"), "{feed}");
    }
}
