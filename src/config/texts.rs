//! The texts of updates: what is shipped, and over it the files of the organisation, tried before anything starts.
//!
//! 1. Every language that the organisation or an audience names is looked for.
//! 2. English lies under the organisation's `en.toml`; another language must be whole.
//! 3. Every template is held against what its reader may see: an unknown variable is a problem here, never a gap at night.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::Wrong;
use super::read::Table;
use super::{Config, Texts};
use crate::update::language::{Language, SHIPPED};
use crate::update::{Languages, judge};

/// Most problems that are named of one file.
const MOST: usize = 10;
/// A file of texts is written by people; a larger one is not.
const LARGEST: u64 = 256 * 1024;

pub(super) fn read(config: &Config, root: &Table<'_>) -> Languages {
    let mut languages = Languages::default();
    let update = root.open("update");
    let used = config.audiences.iter().filter_map(|audience| audience.language.as_deref());
    let tags: BTreeSet<&str> = used.chain([config.organisation.language.as_str(), SHIPPED]).collect();
    for tag in tags {
        match one(config, tag) {
            Ok(Some(language)) => languages.add(language),
            Ok(None) => {}
            Err(problems) => {
                for wrong in problems {
                    update.problem("texts", wrong);
                }
            }
        }
    }
    languages
}

/// The language of this tag; none where the shipped one needs nothing else.
fn one(config: &Config, tag: &str) -> Result<Option<Language>, Vec<Wrong>> {
    let is_tag = tag.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if !is_tag || tag.is_empty() || tag.len() > 16 {
        return Err(vec![Wrong::new(
            format!("“{tag}” is not a language"),
            "Write a tag such as \"en\" or \"de\".",
        )]);
    }
    let file = config.update.texts.as_ref().map(|folder| folder.join(format!("{tag}.toml")));
    let text = file.as_deref().map(text_of).transpose().map_err(|wrong| vec![wrong])?.flatten();
    let Some(text) = text else {
        let reason = format!("there are no texts in the language \"{tag}\"");
        let mend = format!("Put a file {tag}.toml into the folder of update.texts, or use \"{SHIPPED}\".");
        return if tag == SHIPPED { Ok(None) } else { Err(vec![Wrong::new(reason, mend)]) };
    };
    let name = file.map(|file| file.display().to_string()).unwrap_or_default();
    read_over(config, tag, &text).map(Some).map_err(|reasons| {
        let wrong = |reason: String| {
            Wrong::new(format!("{name}: {reason}"), "docs/updates.md lists every kind, table and variable.")
        };
        reasons.into_iter().take(MOST).map(wrong).collect()
    })
}

fn read_over(config: &Config, tag: &str, text: &str) -> Result<Language, Vec<String>> {
    let mut language = if tag == SHIPPED { Language::english() } else { Language::empty(tag) };
    let names: Vec<&str> = config.audiences.iter().map(|audience| audience.name.as_str()).collect();
    language.lay_over(text, &names).map_err(|bad| vec![bad.0])?;
    let lacks = language.lacks();
    if !lacks.is_empty() {
        return Err(vec![format!("it lacks {}", lacks.join(", "))]);
    }
    let texts = |name: &str| {
        let audience = config.audiences.iter().find(|audience| audience.name.as_str() == name);
        audience.map_or(Texts::Users, |audience| audience.texts)
    };
    let said = |(name, error): (String, crate::update::BadTemplate)| format!("{name}: {error}");
    match judge(&language, texts) {
        Ok(()) => Ok(language),
        Err(wrong) => Err(wrong.into_iter().map(said).collect()),
    }
}

fn text_of(file: &Path) -> Result<Option<String>, Wrong> {
    let unreadable = |reason: String| {
        Wrong::new(format!("{} cannot be read: {reason}", file.display()), "Mend the file, or take it away.")
    };
    match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error.to_string())),
        Ok(found) if found.len() > LARGEST => Err(unreadable(format!("it is larger than {LARGEST} bytes"))),
        Ok(_) => std::fs::read_to_string(file).map(Some).map_err(|error| unreadable(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::problems_with;

    #[track_caller]
    fn wrong(language: &str, file: &str, expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(format!("{language}.toml")), file).expect("written");
        let more = format!(
            "[update]\ntexts = \"{}\"\n\n[audience.board]\ntexts = \"management\"\nlanguage = \"{language}\"\n",
            folder.path().display()
        );
        let problems = problems_with(&more);
        assert!(problems.contains(expected), "{problems}");
    }

    #[test]
    fn a_text_that_cannot_be_filled_in_is_refused_at_the_start() {
        wrong(
            "en",
            "[users]\nfirst = \"{{ impakt }}\"",
            "users.first: there is no variable impakt; there are",
        );
        wrong("en", "[users]\nfirst = \"Down: {{ lead }}\"", "users.first: there is no variable lead");
        wrong("en", "[users]\nfirst = \"{{ impact \"", "users.first: line 1");
        wrong("en", "[users]\nfirst = \"{{ impact.host }}\"", "users.first: line 1");
        wrong("en", "[users]\nfirst = \"{{ impact|shout }}\"", "users.first: line 1");
        wrong("en", "[nobody]\nfirst = \"x\"", "there is no audience nobody");
        wrong("de", "[users]\nfirst = \"x\"", "it lacks management.correction");
        wrong("en", "[board]\nfirst = \"{{ hosts }}\"", "board.first: there is no variable hosts");
    }

    #[test]
    fn own_texts_that_can_be_filled_in_are_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("en.toml"), "[board]\nfirst = \"{{ lead }} {{ severity }}\"")
            .expect("written");
        let board = "[audience.board]\ntexts = \"management\"\n";
        let more = format!("[update]\ntexts = \"{}\"\n\n{board}", folder.path().display());
        assert_eq!(problems_with(&more), "");
        assert!(
            problems_with(&format!("{board}language = \"fr\"\n")).contains("no texts in the language \"fr\"")
        );
    }
}
