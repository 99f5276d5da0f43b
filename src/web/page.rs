//! The picture as one page: no script, readable on a telephone, in the dark, and by a screen reader.

use chrono_tz::Tz;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Value, context};
use watchpost_texts::say;

use super::public::{Outage, Picture, state_word};
use crate::clock::UtcMs;
use crate::incident::Verdict;
use crate::report::{Client, Symptom};
use crate::review::spell_out;

const TEMPLATE: &str = include_str!("page.html");
const ANSWER: &str = include_str!("answer.html");
const STYLE: &str = include_str!("page.css");
/// The page itself, from wherever it is served.
const HERE: &str = "./";

/// What stands in the forms of the page, where somebody takes what is sent by them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forms {
    /// Shows that a form was made here, and not long ago.
    pub token: String,
}

/// The page.
pub fn write(picture: &Picture, zone: Tz, now: UtcMs, forms: Option<&Forms>) -> String {
    let state = |name: &str, state: Verdict| {
        context! { name => name, word => state_word(state), sign => sign(state), class => class(state) }
    };
    let capabilities: Vec<_> = picture.capabilities.iter().map(|one| state(one.name, one.state)).collect();
    let components: Vec<_> = picture.components.iter().map(|one| state(&one.name, one.state)).collect();
    let days = picture.disturbed_days(now, zone);
    let page = context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        here => HERE,
        now => local(now, zone),
        // To the minute, as it is shown: within one the page stays the same.
        now_iso => UtcMs(now.0 - now.0.rem_euclid(60_000)).to_string(),
        components => components,
        quiet_days => days.iter().filter(|disturbed| !**disturbed).count(),
        days => days,
        token => forms.map(|forms| forms.token.as_str()),
        symptoms => Symptom::ALL.iter().map(|one| choice(one.key(), one.label())).collect::<Vec<_>>(),
        clients => Client::ALL.iter().map(|one| choice(one.key(), one.label())).collect::<Vec<_>>(),
        organisation => picture.organisation,
        headline => headline(picture),
        good => picture.open.is_empty(),
        capabilities => capabilities,
        open => picture.open.iter().map(|outage| shown(outage, zone)).collect::<Vec<_>>(),
        past => picture.past.iter().map(|outage| shown(outage, zone)).collect::<Vec<_>>(),
        zone => zone.name(),
    };
    rendered(TEMPLATE, page)
}

/// What somebody reads who sent a form.
pub fn answer(organisation: &str, title: &str, lines: &[String]) -> String {
    let style = Value::from_safe_string(STYLE.to_owned());
    rendered(ANSWER, context! { organisation, title, lines, style, here => HERE })
}

fn rendered(template: &str, values: Value) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_function("say", say);
    environment.render_str(template, values).expect("the template is part of the program; a test renders it")
}

/// A text of the catalogue, with its values by name.
fn say(text: &str, values: Kwargs) -> Result<String, minijinja::Error> {
    let given = values
        .args()
        .map(|name| Ok((name, values.get::<Value>(name)?)))
        .collect::<Result<Vec<_>, minijinja::Error>>()?;
    let given: Vec<(&str, &dyn std::fmt::Display)> =
        given.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    Ok(watchpost_texts::filled(watchpost_texts::translation(text).unwrap_or(text), &given))
}

fn choice(key: &'static str, label: &'static str) -> Value {
    context! { key, label }
}

fn shown(outage: &Outage, zone: Tz) -> Value {
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
        (true, _) => say!("E-mail works"),
        (false, false) => say!("E-mail is disturbed"),
        (false, true) => say!("Parts of e-mail do not work"),
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
pub(crate) fn escaped(text: &str) -> String {
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
    use crate::web::public::{Capability, Component, Word};

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
            components: vec![Component { name: "Mail <b>".into(), state: Verdict::Ok }],
        }
    }

    #[test]
    fn the_page_says_what_does_not_work_and_when_the_next_word_comes() {
        let page = write(
            &picture("Phones cannot send. Next <t:3600:t>."),
            chrono_tz::Europe::Berlin,
            UtcMs(7_200_000),
            None,
        );
        for expected in [
            "Parts of e-mail do not work",
            "does not work",
            "Next 02:00 CET",
            "Ex &lt;ample&gt;",
            "Mail &lt;b&gt;",
            "As of",
            "89 of the last 90 days",
        ] {
            assert!(page.contains(expected), "{expected} is missing in\n{page}");
        }
    }

    #[test]
    fn a_page_without_somebody_behind_it_has_no_form_and_none_reloads_by_itself() {
        let page = |forms| write(&picture("x"), chrono_tz::UTC, UtcMs(0), forms);
        assert!(!page(None).contains("<form"));
        let served = page(Some(&Forms { token: "1.abc".into() }));
        assert!(served.contains("Same here") && served.contains("value=\"cannot_send\""), "{served}");
        assert!(!served.contains("http-equiv"), "whoever reads slowly must not be sent to the top again");
    }

    #[test]
    fn no_text_becomes_markup() {
        let hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&";
        let page =
            write(&picture(hostile), chrono_tz::UTC, UtcMs(0), Some(&Forms { token: "\"><script".into() }));
        assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
        let feed = crate::web::atom::write(&picture(hostile), "https://status.example.org", chrono_tz::UTC);
        assert!(!feed.contains("<script") && !feed.contains("<img"), "{feed}");
    }
}
