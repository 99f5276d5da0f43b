//! The words of an update: the same facts, for each sort of reader, in full and at 160 characters.
//!
//! 1. `facts` says what is known at this moment, and of that only what is proved.
//! 2. `view` is what this audience may see: users and partners have no field for a host, a name or a cause.
//! 3. `language` holds the template for kind and reader, the organisation's own before the shipped one.
//! 4. `template` fills it in, strictly, and makes the short text fit.
//!
//! A text says what the reader notices and since when, what works, what to use instead, what to do and not to do, what
//! happens to mail, when it will be over, and when the next word comes. A sentence is left out where nothing is known for
//! it; nothing is ever guessed.

mod aftermath;
mod face;
mod facts;
pub mod fate;
pub mod guard;
pub mod language;
mod samples;
mod template;
#[cfg(test)]
pub(crate) mod tests;
mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::UtcMs;
use crate::incident::event::UpdateKind;
use crate::incident::{Eta, Incident};
use crate::policy::{Audience, Policy};
use face::Face;
use facts::Known;
use language::{Language, Length};
pub use template::{BadTemplate, SHORT};
use view::View;

/// What a text needs to know of time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moment {
    /// Now.
    pub now: UtcMs,
    /// When the next word comes; none after the last.
    pub next: Option<UtcMs>,
    /// Since when it works, where that is known better than from what was told.
    pub works_since: Option<UtcMs>,
}

/// What goes with the text of an update.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wording {
    /// The same at 160 characters, for phones and hotlines.
    #[serde(default)]
    pub short: String,
    /// What it rests on: what was believed when it was written.
    #[serde(default)]
    pub said: Said,
    /// Posted silently, in the audience's quiet hours, which end then: a digest follows.
    #[serde(default)]
    pub quiet_until: Option<UtcMs>,
    /// Since when it works, where the text says so.
    #[serde(default)]
    pub works_since: Option<UtcMs>,
}

/// What readers were told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Said {
    /// What they notice.
    #[serde(default)]
    pub impact: String,
    /// What happens to mail.
    #[serde(default)]
    pub mail: String,
    /// When it will be over.
    #[serde(default)]
    pub eta: Eta,
    /// The one free sentence that was written last.
    #[serde(default)]
    pub news: String,
}

/// The words of one update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// In full; moments stand as `<t:SECONDS:t>`.
    pub text: String,
    /// At 160 characters; moments are written out.
    pub short: String,
    /// What they rest on.
    pub said: Said,
}

/// The words of one update; none where this kind is not sent to this sort of reader.
pub fn compose(
    incident: &Incident,
    audience: &Audience,
    kind: UpdateKind,
    moment: &Moment,
    policy: &Policy,
) -> Option<Words> {
    let english = Language::english();
    let language = policy.languages.of(&audience.language).unwrap_or(&english);
    let known = |face| Known { incident, audience, kind, moment, policy, language, face };
    let (chat, plain) = (known(Face::Chat), known(Face::Plain));
    let text = fill(&chat, Length::Full, &english)?;
    let short = fill(&plain, Length::Short, &english).unwrap_or_default();
    let text = match audience.tone {
        crate::config::Tone::Brief if !short.is_empty() => {
            fill(&chat, Length::Short, &english).unwrap_or(text)
        }
        _ => text,
    };
    let drill = |text: String| match incident.drill {
        true => format!("{} {text}", chat.word("drill")),
        false => text,
    };
    Some(Words { text: drill(text), short: drill(short), said: chat.said() })
}

/// The organisation's template where there is one and it can be filled in, else the shipped one.
fn fill(known: &Known<'_>, length: Length, english: &Language) -> Option<String> {
    let (audience, view) = (known.audience, View::of(known));
    let name = audience.name.as_str();
    let own = known.language.template(name, audience.texts, length, known.kind)?;
    match template::render(own, &view, length) {
        Ok(text) => Some(text).filter(|text| !text.is_empty()),
        Err(error) => {
            tracing::error!(audience = name, kind = known.kind.word(), %error, "a template fails; the shipped one is used");
            let shipped = english.template(name, audience.texts, length, known.kind)?;
            template::render(shipped, &view, length).ok()
        }
    }
}

/// What users can use meanwhile: what a person wrote, or the first alternative that holds now, by the word of its owner and
/// by the probes. Empty where there is none.
pub fn instead(incident: &Incident, policy: &Policy, now: UtcMs) -> String {
    let users = policy.audiences.iter().find(|audience| audience.texts == crate::config::Texts::Users);
    let nobody = Audience::new("users".into(), crate::config::Texts::Users, Vec::new());
    let (audience, language) = (users.unwrap_or(&nobody), Language::english());
    let (kind, moment) = (UpdateKind::Holding, Moment { now, ..Moment::default() });
    Known { incident, audience, kind, moment: &moment, policy, language: &language, face: Face::Chat }
        .instead()
}

/// A word of the audience's language, for what is said around a text.
pub fn word(audience: &Audience, name: &str, policy: &Policy) -> String {
    let english = Language::english();
    let own = policy.languages.of(&audience.language).unwrap_or(&english).word(name, &[]);
    // A language of the organisation's own may lack it.
    if own.is_empty() { english.word(name, &[]) } else { own }
}

/// The languages that there are; English is always among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages(BTreeMap<String, Language>);

impl Default for Languages {
    fn default() -> Self {
        Languages(BTreeMap::from([(language::SHIPPED.to_owned(), Language::english())]))
    }
}

impl Languages {
    /// With one more, or another in its place.
    pub fn add(&mut self, language: Language) {
        self.0.insert(language.tag().to_owned(), language);
    }

    /// The language of this tag.
    pub fn of(&self, tag: &str) -> Option<&Language> {
        self.0.get(tag)
    }
}

/// Holds every template of a language against the views of its readers.
///
/// `texts`: whose words an audience reads, for tables with its name.
///
/// # Errors
/// The name of each template that can not be used, and why.
pub fn judge(
    language: &Language,
    texts: impl Fn(&str) -> crate::config::Texts,
) -> Result<(), Vec<(String, BadTemplate)>> {
    let wrong: Vec<_> = language
        .templates()
        .filter_map(|(reader, length, kind, source)| {
            let error = template::judge(source, &samples::views(texts(reader))).err()?;
            let short = if length == Length::Short { "short." } else { "" };
            Some((format!("{reader}.{short}{kind}"), error))
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The variables that a template for this sort of reader may use.
pub fn variables(texts: crate::config::Texts) -> Vec<String> {
    samples::views(texts).first().map(template::variables).unwrap_or_default()
}

/// A moment as the chat shows it in the reader's own zone.
pub fn time(at: UtcMs) -> String {
    format!("<t:{}:t>", at.seconds())
}
