//! The texts of one language: what is shipped, and over it what an organisation has written itself.
//!
//! 1. A language is a file: a table for each sort of reader with a template for each kind of update, its table `short`
//!    with the same for 160 characters, and `words`, of which sentences are made.
//! 2. English is shipped. A file `en.toml` of the organisation lies over it, so that it need hold only what differs; a
//!    table with the name of an audience holds for that audience alone.
//! 3. Another language stands alone: what it lacks is a problem at the start, not a gap at night.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::cause::Cause;
use crate::config::Texts;
use crate::incident::event::UpdateKind;

const ENGLISH: &str = include_str!("en.toml");
/// The language that is shipped.
pub const SHIPPED: &str = "en";
/// The table of words.
const WORDS: &str = "words";
/// The table of what causes mean to readers.
const CAUSES: &str = "causes";
/// The table of short texts within that of a sort of reader.
const SHORT: &str = "short";

/// The texts of one language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Language {
    tag: String,
    /// By reader, length and kind.
    templates: BTreeMap<(String, Length, &'static str), String>,
    words: BTreeMap<String, String>,
    /// What readers notice, and what they should do, by the name of the cause.
    causes: BTreeMap<String, (String, String)>,
}

/// How long a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Length {
    /// As long as it needs.
    Full,
    /// At most 160 characters.
    Short,
}

/// What is wrong with a file of texts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadTexts(pub String);

impl Language {
    /// The language that is shipped.
    pub fn english() -> Self {
        static SHIPPED_TEXTS: LazyLock<Language> = LazyLock::new(|| {
            let mut language = Language { tag: SHIPPED.to_owned(), ..Language::default() };
            let read = language.lay(ENGLISH, &[], None);
            debug_assert!(read.is_ok(), "the test the_shipped_texts_are_whole holds this: {read:?}");
            language
        });
        SHIPPED_TEXTS.clone()
    }

    /// A language of which nothing is there yet.
    pub fn empty(tag: &str) -> Self {
        Language { tag: tag.to_owned(), ..Language::default() }
    }

    /// Its tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Lays a file over what is there. `audiences`: names that may have a table of their own.
    ///
    /// # Errors
    /// [`BadTexts`] names the first thing that is wrong.
    pub fn lay_over(&mut self, file: &str, audiences: &[&str]) -> Result<(), BadTexts> {
        self.lay(file, audiences, Some(&Language::english().words))
    }

    /// `known`: the words that there are; none where the file says which.
    fn lay(
        &mut self,
        file: &str,
        audiences: &[&str],
        known: Option<&BTreeMap<String, String>>,
    ) -> Result<(), BadTexts> {
        let file: toml::Table = toml::from_str(file).map_err(|error| BadTexts(error.message().to_owned()))?;
        for (name, table) in &file {
            let table = table.as_table().ok_or_else(|| BadTexts(format!("{name} is no table")))?;
            match name.as_str() {
                WORDS => self.lay_words(table, known)?,
                CAUSES => self.lay_causes(table)?,
                reader if READERS.contains(&reader) || audiences.contains(&reader) => {
                    self.lay_templates(reader, table)?;
                }
                other => {
                    let known = READERS.join(", ");
                    return Err(BadTexts(format!(
                        "there is no audience {other}; tables are words, causes, {known}, or the name of an audience"
                    )));
                }
            }
        }
        Ok(())
    }

    fn lay_words(
        &mut self,
        table: &toml::Table,
        known: Option<&BTreeMap<String, String>>,
    ) -> Result<(), BadTexts> {
        for (name, value) in table {
            if known.is_some_and(|known| !known.contains_key(name)) {
                return Err(BadTexts(format!("words.{name} is not used by any text")));
            }
            self.words.insert(name.clone(), text(&format!("words.{name}"), value)?);
        }
        Ok(())
    }

    fn lay_causes(&mut self, table: &toml::Table) -> Result<(), BadTexts> {
        for (name, value) in table {
            let cause: Cause = name.parse().map_err(|unknown| BadTexts(format!("causes: {unknown}")))?;
            let part = |key: &str| {
                let found = value.get(key).map(|value| text(&format!("causes.{name}.{key}"), value));
                found.unwrap_or_else(|| Ok(String::new()))
            };
            self.causes.insert(cause.name().to_owned(), (part("users")?, part("advice")?));
        }
        Ok(())
    }

    fn lay_templates(&mut self, reader: &str, table: &toml::Table) -> Result<(), BadTexts> {
        for (name, value) in table {
            match value.as_table() {
                Some(short) if name == SHORT => {
                    for (name, value) in short {
                        self.lay_one(reader, Length::Short, name, value)?;
                    }
                }
                _ => self.lay_one(reader, Length::Full, name, value)?,
            }
        }
        Ok(())
    }

    fn lay_one(
        &mut self,
        reader: &str,
        length: Length,
        name: &str,
        value: &toml::Value,
    ) -> Result<(), BadTexts> {
        let kind =
            UpdateKind::ALL.iter().map(|kind| kind.word()).find(|word| *word == name).ok_or_else(|| {
                let kinds: Vec<&str> = UpdateKind::ALL.iter().map(|kind| kind.word()).collect();
                BadTexts(format!("{reader}.{name} is not a kind of update; there are {}", kinds.join(", ")))
            })?;
        self.templates.insert((reader.to_owned(), length, kind), text(&format!("{reader}.{name}"), value)?);
        Ok(())
    }

    /// The template for an audience: its own, or that of its sort of reader.
    pub fn template(&self, audience: &str, texts: Texts, length: Length, kind: UpdateKind) -> Option<&str> {
        let of = |reader: &str| self.templates.get(&(reader.to_owned(), length, kind.word()));
        of(audience).or_else(|| of(texts.word())).map(String::as_str).filter(|text| !text.trim().is_empty())
    }

    /// Every template with the reader whose it is.
    pub fn templates(&self) -> impl Iterator<Item = (&str, Length, &'static str, &str)> {
        self.templates
            .iter()
            .map(|((reader, length, kind), text)| (reader.as_str(), *length, *kind, text.as_str()))
    }

    /// What another language must still say.
    pub fn lacks(&self) -> Vec<String> {
        let english = Language::english();
        let templates = english.templates.keys().filter(|key| !self.templates.contains_key(*key)).map(
            |(reader, length, kind)| match length {
                Length::Full => format!("{reader}.{kind}"),
                Length::Short => format!("{reader}.short.{kind}"),
            },
        );
        let words = english.words.keys().filter(|word| !self.words.contains_key(*word));
        templates.chain(words.map(|word| format!("words.{word}"))).collect()
    }

    /// A word, with `{name}` filled in.
    pub(super) fn word(&self, name: &str, fill: &[(&str, &str)]) -> String {
        let word = self.words.get(name).cloned().unwrap_or_default();
        fill.iter().fold(word, |word, (name, value)| word.replace(&format!("{{{name}}}"), value))
    }

    /// What readers notice of a cause; empty where this language has no words for it.
    pub(super) fn notices(&self, cause: Cause) -> String {
        match self.causes.get(cause.name()) {
            Some((users, _)) => users.clone(),
            None if self.tag == SHIPPED => cause.users().to_owned(),
            None => String::new(),
        }
    }

    /// What readers should do and not do.
    pub(super) fn advice(&self, cause: Cause) -> String {
        match self.causes.get(cause.name()) {
            Some((_, advice)) => advice.clone(),
            None if self.tag == SHIPPED => cause.advice().to_owned(),
            None => String::new(),
        }
    }
}

/// The sorts of readers.
const READERS: [&str; 3] = ["users", "management", "partners"];

fn text(name: &str, value: &toml::Value) -> Result<String, BadTexts> {
    value.as_str().map(str::to_owned).ok_or_else(|| BadTexts(format!("{name} is no text in quotes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_texts_are_whole() {
        let english = Language::english();
        assert!(english.lacks().is_empty());
        for texts in [Texts::Users, Texts::Management, Texts::Partners] {
            for &kind in UpdateKind::ALL {
                let untold = texts == Texts::Partners
                    && matches!(kind, UpdateKind::HoldingUnacknowledged | UpdateKind::Works);
                for length in [Length::Full, Length::Short] {
                    let found = english.template("x", texts, length, kind).is_some();
                    assert_ne!(found, untold, "{texts:?} {kind:?} {length:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_file_is_named() {
        let wrong = |file: &str| Language::english().lay_over(file, &["board"]).expect_err("wrong").0;
        assert_eq!(
            wrong("[users]\nfrist = \"x\""),
            "users.frist is not a kind of update; there are first, holding, holding_unacknowledged, progress, works, setback, correction, resolution, digest"
        );
        assert_eq!(
            wrong("[bord]\nfirst = \"x\""),
            "there is no audience bord; tables are words, causes, users, management, partners, or the name of an audience"
        );
        assert_eq!(wrong("[users]\nfirst = 3"), "users.first is no text in quotes");
        assert!(wrong("[causes.gremlins]").starts_with("causes: there is no cause named"));
        assert!(Language::english().lay_over("[board]\nfirst = \"x\"", &["board"]).is_ok());
    }

    #[test]
    fn another_language_must_be_whole() {
        let mut german = Language::empty("de");
        german.lay_over("[users]\nfirst = \"{{ impact }} seit {{ since }}.\"", &[]).expect("read");
        let lacks = german.lacks();
        assert!(lacks.contains(&"users.holding".to_owned()) && lacks.contains(&"words.and".to_owned()));
        assert!(!lacks.contains(&"users.first".to_owned()));
    }
}
