//! The templates: rendered strictly, so that a variable that does not exist is an error and never a gap.
//!
//! 1. At the start every template is compiled, its variables are held against the view of its reader, and it is rendered
//!    with a full and with an empty sample. What fails is a problem of the configuration.
//! 2. A text is rendered line by line: empty lines are left out, the others become one paragraph.
//! 3. Should a template fail all the same, the shipped one takes its place: nobody is left without word.

use std::collections::BTreeSet;

use minijinja::{Environment, UndefinedBehavior, Value};
use watchpost_texts::say;

use super::facts::{big, first_sentence, small};
use super::language::Length;
use super::view::View;

/// Characters of a short text.
pub const SHORT: usize = 160;
/// Characters of a template.
const LONGEST_TEMPLATE: usize = 8_000;
/// What a text may have, so that it always finds room in a message with its heading.
const LONGEST_TEXT: usize = 4_000;

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// It cannot be read, or fails when it is filled in.
    #[error("{0}")]
    Fails(String),
    /// It asks for what its reader may not see, or what there is not.
    #[error("{}", say!("there is no variable {name}; there are {known}"))]
    Unknown {
        /// What it asks for.
        name: String,
        /// What there is.
        known: String,
    },
    /// It is too long.
    #[error("{}", say!("it has {0} characters; {LONGEST_TEMPLATE} are read", _0))]
    TooLong(usize),
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("upper", |text: String| text.to_uppercase());
    environment.add_filter("lower", |text: String| text.to_lowercase());
    environment.add_filter("small", |text: String| small(&text));
    environment.add_filter("big", |text: String| big(&text));
    environment.add_filter("first_sentence", |text: String| first_sentence(&text).to_owned());
    environment
}

/// The text of a template, as one paragraph.
pub(super) fn render(template: &str, view: &View, length: Length) -> Result<String, BadTemplate> {
    let filled = fill(template, view)?;
    let lines: Vec<&str> = filled
        .lines()
        .map(str::trim)
        .filter(|line| !line.trim_start_matches('~').trim().is_empty())
        .collect();
    Ok(match length {
        Length::Full => {
            let whole = lines.iter().map(|line| line.trim_start_matches('~')).collect::<Vec<_>>().join(" ");
            cut(&whole, LONGEST_TEXT)
        }
        Length::Short => short(&lines),
    })
}

/// At most [`SHORT`] characters: what is marked goes first, the last before the others; what is left is cut before its
/// last sentence, which says when the next word comes.
fn short(lines: &[&str]) -> String {
    let mut kept: Vec<&str> = lines.to_vec();
    loop {
        let text = kept.iter().map(|line| line.trim_start_matches('~').trim()).collect::<Vec<_>>().join(" ");
        if text.chars().count() <= SHORT {
            return text;
        }
        match kept.iter().rposition(|line| line.starts_with('~')) {
            Some(place) => drop(kept.remove(place)),
            None => return cut_before_the_end(&kept),
        }
    }
}

fn cut_before_the_end(lines: &[&str]) -> String {
    let Some((last, rest)) = lines.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return cut(&lines.join(" "), SHORT);
    };
    let room = SHORT.saturating_sub(last.chars().count() + 1);
    cut(&format!("{} {last}", cut(&rest.join(" "), room)), SHORT)
}

fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn fill(template: &str, view: &View) -> Result<String, BadTemplate> {
    environment()
        .render_str(template, Value::from_serialize(view))
        .map_err(|error| BadTemplate::Fails(said(&error)))
}

/// Holds a template against the views that it must be able to fill in.
pub(super) fn judge(template: &str, samples: &[View]) -> Result<(), BadTemplate> {
    let length = template.chars().count();
    if length > LONGEST_TEMPLATE {
        return Err(BadTemplate::TooLong(length));
    }
    let environment = environment();
    let compiled =
        environment.template_from_str(template).map_err(|error| BadTemplate::Fails(said(&error)))?;
    let known: BTreeSet<String> = samples.iter().flat_map(variables).collect();
    let mut asked: Vec<String> = compiled.undeclared_variables(false).into_iter().collect();
    asked.sort();
    if let Some(name) = asked.into_iter().find(|name| !known.contains(name)) {
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(BadTemplate::Unknown { name, known });
    }
    samples.iter().try_for_each(|view| fill(template, view).map(drop))
}

/// The names in a view.
pub(super) fn variables(view: &View) -> Vec<String> {
    match serde_json::to_value(view) {
        Ok(serde_json::Value::Object(fields)) => fields.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

fn said(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| say!("line {line}: ")).unwrap_or_default();
    match error.detail() {
        Some(detail) => say!("{line}{}: {detail}", error.kind()),
        None => format!("{line}{}", error.kind()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_loses_what_matters_least_and_keeps_when_the_next_word_comes() {
        let long = "x".repeat(90);
        let lines = [
            format!("Mail: {long}."),
            format!("~{long}."),
            "~Use webmail.".to_owned(),
            "Next 03:25.".to_owned(),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let text = short(&lines);
        assert_eq!(text, format!("Mail: {long}. Next 03:25."));
        let endless = "y".repeat(400);
        let text = short(&[&endless, "Next 03:25."]);
        assert_eq!(text.chars().count(), SHORT);
        assert!(text.ends_with("… Next 03:25."), "{text}");
    }
}
