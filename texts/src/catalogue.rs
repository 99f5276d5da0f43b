//! A language: a PO file, read and judged.

use std::collections::HashMap;

use crate::fill::places;

/// All texts in English, with nothing translated: where a translation begins.
pub const TEMPLATE: &str = include_str!("../watchpost.pot");

/// The texts of a language.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    texts: HashMap<String, String>,
}

/// Why a file is not a language of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It cannot be read as PO.
    #[error("it is not a PO file: {0}")]
    NotReadable(String),
    /// A value would be lost, or one that does not exist is awaited.
    #[error("“{english}” has the values {expected:?}, its translation has {found:?}")]
    Values {
        /// The text.
        english: String,
        /// The names of its values.
        expected: Vec<String>,
        /// The names in the translation.
        found: Vec<String>,
    },
}

impl Catalogue {
    /// Reads a PO file. Texts that are marked as fuzzy or that have no translation are left to English.
    ///
    /// # Errors
    /// Every flaw, so that a translator mends them at once.
    pub fn read(file: &str) -> Result<Self, Vec<Flaw>> {
        let broken = file.lines().position(|line| !is_whole(line.trim()));
        if let Some(number) = broken {
            return Err(vec![Flaw::NotReadable(format!("line {} has no end of its quotes", number + 1))]);
        }
        let mut options = polib::po_file::POParseOptions::new();
        options.translated_only = true;
        // The library panics at files that no tool for gettext writes, such as one that begins within a text.
        let read = std::panic::catch_unwind(|| {
            polib::po_file::parse_from_reader_with_option(file.as_bytes(), &options)
        });
        let read = read
            .map_err(|_| vec![Flaw::NotReadable("it is damaged".to_owned())])?
            .map_err(|error| vec![Flaw::NotReadable(error.to_string())])?;
        let (mut texts, mut flaws) = (HashMap::new(), Vec::new());
        for message in read.messages().filter(|one| one.is_translated() && !one.is_fuzzy()) {
            let (english, said) = (message.msgid(), message.msgstr().unwrap_or_default());
            let (expected, found) = (places(english), places(said));
            if expected != found {
                flaws.push(Flaw::Values { english: english.to_owned(), expected, found });
            }
            texts.insert(english.to_owned(), said.to_owned());
        }
        if flaws.is_empty() { Ok(Self { texts }) } else { Err(flaws) }
    }

    /// The text in this language.
    pub fn translation(&self, english: &str) -> Option<&str> {
        self.texts.get(english).map(String::as_str)
    }

    /// What this language does not have, in the order of the template.
    pub fn lacks(&self) -> Vec<String> {
        english().into_iter().filter(|text| !self.texts.contains_key(text)).collect()
    }
}

/// Whether the quotes of a line are closed; the library would panic where they are not.
fn is_whole(line: &str) -> bool {
    match line.find('"') {
        Some(_) if line.starts_with('#') => true,
        Some(at) => line.len() > at + 1 && line.ends_with('"') && !line.ends_with("\\\""),
        None => line.is_empty() || line.starts_with('#'),
    }
}

/// All texts of the template.
fn english() -> Vec<String> {
    let read = polib::po_file::parse_from_reader(TEMPLATE.as_bytes());
    // A test reads the same file.
    read.map(|template| template.messages().map(|one| one.msgid().to_owned()).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn po(english: &str, said: &str) -> String {
        format!("msgid \"\"\nmsgstr \"\"\n\"Language: de\\n\"\n\nmsgid \"{english}\"\nmsgstr \"{said}\"\n")
    }

    #[test]
    fn a_language_says_what_it_has_and_names_what_it_lacks() {
        let german = Catalogue::read(&po("{count} wait", "{count} warten")).expect("a language");
        assert_eq!(german.translation("{count} wait"), Some("{count} warten"));
        assert_eq!(german.translation("nothing"), None);
        assert_eq!(german.lacks().len(), english().len());
    }

    #[test]
    fn a_translation_that_lost_a_value_is_refused_with_both() {
        let flaws = Catalogue::read(&po("{count} wait", "sie warten")).expect_err("a flaw");
        assert_eq!(flaws[0].to_string(), "“{count} wait” has the values [\"count\"], its translation has []");
        assert!(Catalogue::read("msgid \"").is_err());
    }

    #[test]
    fn what_is_fuzzy_or_empty_is_left_to_english() {
        let file = po("a text", "ein Text").replace("msgid \"a text\"", "#, fuzzy\nmsgid \"a text\"");
        assert_eq!(Catalogue::read(&file).expect("a language").translation("a text"), None);
        assert_eq!(Catalogue::read(&po("a text", "")).expect("a language").translation("a text"), None);
    }

    #[test]
    fn the_template_is_read_whole() {
        assert!(!english().is_empty());
    }

    proptest::proptest! {
        /// Whatever a person saved: it is a language or it is refused, and nothing panics.
        #[test]
        fn any_file_is_read_or_refused(text in "(msgid|msgstr|msgctxt|msgid_plural|#,|#| |\"|\\\\|n|x|\n|\\{|\\}|fuzzy|\\[0\\]){0,60}") {
            let _ = Catalogue::read(&text);
        }
    }
}
