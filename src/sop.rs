//! The procedure as data: what is looked at, in which order, and what helps at once.
//!
//! 1. [`Procedure::parse`] reads a file of the form of `sop/procedure.toml`, and says everything that is wrong with it.
//! 2. The shipped one is [`Procedure::default`]; `[procedure] file` names an own one, judged at the start.
//! 3. The checklist ([`crate::incident::checklist`]) follows its lines; the card shows its first aid.
//! 4. A file may also hold cadences and texts of updates ([`promise`]); what stands in it counts more than the
//!    configuration, because two people agreed on it.
//! 5. A review changes it piece by piece ([`Procedure::changed`]); who accepts it is asked in [`crate::book::procedure`].
//!    [`difference`] shows what differs between two versions.

pub mod difference;
pub mod promise;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use watchpost_texts::say;

use crate::cause::Cause;
use crate::incident::action::{Kind, Risk};
use promise::{Promise, Wording};

/// What Watchpost brings.
const SHIPPED: &str = include_str!("../sop/procedure.toml");

static DEFAULT: LazyLock<Procedure> =
    LazyLock::new(|| Procedure::parse(SHIPPED).expect("the test the_shipped_procedure_is_sound holds this"));

/// Lines that a checklist can have: what one list of Discord offers.
pub const MOST_LINES: usize = 25;
/// Longest name of a line, in characters.
const LONGEST_NAME: usize = 40;
/// Longest text of a line, in characters: what one field of a message holds.
const LONGEST_TEXT: usize = 900;

/// The procedure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Its name and version, as people write it.
    pub version: String,
    /// The checklist.
    #[serde(default, rename = "line")]
    pub lines: Vec<Line>,
    /// What helps at once; the first that fits counts.
    #[serde(default)]
    pub first_aid: Vec<FirstAid>,
    /// Kinds of repair whose risk is otherwise than the shipped table says.
    #[serde(default, rename = "risk")]
    pub risks: Vec<RiskOf>,
    /// How soon and how often audiences hear from us, by severity; what is missing is as configured.
    #[serde(default)]
    pub cadence: BTreeMap<String, Promise>,
    /// Templates of updates, over those of the organisation.
    #[serde(default)]
    pub texts: Wording,
    /// All of it, as it was read.
    #[serde(skip)]
    pub text: String,
    /// Names the text that accepted changes began with; empty where there was none.
    #[serde(skip)]
    pub base: String,
    /// Names the content: the first half of its SHA-256, in hex.
    #[serde(skip)]
    pub hash: String,
}

/// A line of the checklist: one component.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Names it for ever.
    pub key: String,
    /// What people read.
    pub name: String,
    /// Lines that must work for this one.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Checks that look at it.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Causes that lie in it.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// Words in a log entry that are about it.
    #[serde(default)]
    pub words: Vec<String>,
    /// What a person types and looks for.
    pub look: String,
}

/// What helps at once and loses nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstAid {
    /// For which causes; none: for any.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// What it is for.
    pub goal: String,
    /// Commands, ready to be copied.
    #[serde(default)]
    pub copy: Vec<String>,
    /// What makes it worse.
    #[serde(default)]
    pub never: Vec<String>,
}

/// How risky a kind of repair is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskOf {
    /// Which kind.
    pub kind: Kind,
    /// Whether a second person must agree.
    pub risk: Risk,
}

/// What is wrong with a procedure: a sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct Unsound(pub Vec<String>);

impl Default for Procedure {
    fn default() -> Self {
        DEFAULT.clone()
    }
}

impl Procedure {
    /// Reads a procedure.
    ///
    /// # Errors
    /// [`Unsound`] with everything that is wrong.
    pub fn parse(text: &str) -> Result<Self, Unsound> {
        let mut procedure: Procedure = toml::from_str(text)
            .map_err(|error| Unsound(vec![error.to_string().trim().replace('\n', " ")]))?;
        let faults = procedure.faults();
        if !faults.is_empty() {
            return Err(Unsound(faults));
        }
        let hash = Sha256::digest(text.as_bytes());
        procedure.hash = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        text.clone_into(&mut procedure.text);
        Ok(procedure)
    }

    /// The one that Watchpost brings, as text.
    pub fn shipped() -> &'static str {
        SHIPPED
    }

    /// Its version with what names its content, as incidents keep it.
    pub fn named(&self) -> String {
        format!("{} ({})", self.version, self.hash)
    }

    /// The procedure with one piece of its text exchanged, as version `number`. No old piece: the new one goes to the end.
    ///
    /// # Errors
    /// A sentence: the piece does not stand there, or more than once, or the whole would not be sound.
    pub fn changed(&self, old: &str, new: &str, number: u64) -> Result<Self, String> {
        let text = match (old.is_empty(), self.text.matches(old).count()) {
            (true, _) => format!("{}\n{new}\n", self.text.trim_end()),
            (_, 1) => self.text.replacen(old, new, 1),
            (_, 0) => return Err(say!("what shall be replaced does not stand in the procedure").to_owned()),
            (_, times) => {
                return Err(say!("what shall be replaced stands there {times} times; give more of its line"));
            }
        };
        let text = renumbered(&text, &self.version, number);
        Procedure::parse(&text).map_err(|unsound| say!("the procedure would not be sound: {unsound}"))
    }

    /// The line of this key.
    pub fn line(&self, key: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.key == key)
    }

    /// The line of this number, as it stands in a button.
    pub fn line_numbered(&self, number: u64) -> Option<&Line> {
        self.lines.iter().find(|line| line.number() == number)
    }

    /// The line in which a cause lies.
    pub fn line_of(&self, cause: Cause) -> Option<&Line> {
        self.lines.iter().find(|line| line.causes.contains(&cause))
    }

    /// The line that a text is about: the one with the longest of its words in it.
    pub fn line_about(&self, text: &str) -> Option<&Line> {
        let text = text.to_lowercase();
        let found = |line: &Line| {
            let fitting = line.words.iter().filter(|word| has_word(&text, &word.to_lowercase()));
            fitting.map(|word| word.len()).max()
        };
        let found = self.lines.iter().filter_map(|line| Some((found(line)?, line)));
        // Of two equally long words the earlier line counts.
        found.rev().max_by_key(|(length, _)| *length).map(|(_, line)| line)
    }

    /// Whether `key` needs `other`, directly or by way of others.
    pub fn needs(&self, key: &str, other: &str) -> bool {
        self.line(key)
            .is_some_and(|line| line.needs.iter().any(|needed| needed == other || self.needs(needed, other)))
    }

    /// How risky a kind of repair is.
    pub fn risk(&self, kind: Kind) -> Risk {
        self.risks.iter().find(|row| row.kind == kind).map_or(kind.risk(), |row| row.risk)
    }

    /// What helps at once.
    pub fn first_aid(&self, cause: Option<Cause>) -> Option<&FirstAid> {
        let fits = |aid: &&FirstAid| cause.is_some_and(|cause| aid.causes.contains(&cause));
        self.first_aid.iter().find(fits).or_else(|| self.first_aid.iter().find(|aid| aid.causes.is_empty()))
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let keys: BTreeSet<&str> = self.lines.iter().map(|line| line.key.as_str()).collect();
        if self.lines.is_empty() || self.lines.len() > MOST_LINES {
            faults.push(say!("it has {} lines; 1 to {MOST_LINES} are possible", self.lines.len()));
        }
        if keys.len() < self.lines.len() {
            faults.push(say!("two lines have the same key; give each its own").to_owned());
        }
        if self.version.trim().is_empty() || self.version.chars().count() > LONGEST_NAME {
            faults.push(say!("version must be a text of at most {LONGEST_NAME} characters"));
        }
        let known: BTreeSet<&str> = crate::check::all().iter().map(|check| check.name).collect();
        for line in &self.lines {
            faults.extend(line.faults(&keys, &known));
        }
        // Only where the keys are sound: a circle would never end.
        if faults.is_empty() {
            faults.extend(self.circle());
        }
        faults.extend(
            self.first_aid
                .iter()
                .filter(|aid| aid.goal.trim().is_empty())
                .map(|_| say!("a [[first_aid]] has no goal; say in one sentence what it is for").to_owned()),
        );
        faults.extend(promise::faults(&self.cadence));
        faults.extend(self.texts.faults());
        faults
    }

    /// A line that needs itself by way of others.
    fn circle(&self) -> Option<String> {
        let mut sound: BTreeSet<&str> = BTreeSet::new();
        loop {
            let before = sound.len();
            let next = self.lines.iter().filter(|line| line.needs.iter().all(|n| sound.contains(n.as_str())));
            let next: Vec<&str> = next.map(|line| line.key.as_str()).collect();
            sound.extend(next);
            if sound.len() == before {
                break;
            }
        }
        let left = self.lines.iter().find(|line| !sound.contains(line.key.as_str()))?;
        Some(say!("“{}” needs itself by way of others; take one of its needs out", left.key))
    }
}

impl Line {
    /// Stands for the key in a button: FNV-1a over its bytes, so that it stays the same in any other procedure.
    pub fn number(&self) -> u64 {
        self.key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// The commands in what a person types and looks for, ready to be copied.
    pub fn commands(&self) -> Vec<String> {
        self.look.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    fn faults(&self, keys: &BTreeSet<&str>, checks: &BTreeSet<&str>) -> Vec<String> {
        let mut faults = Vec::new();
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if self.key.is_empty() || self.key.len() > LONGEST_NAME || !self.key.chars().all(plain) {
            faults.push(say!("“{}” is no key: lower-case letters, digits and hyphens", self.key));
        }
        for (what, text, most) in [("name", &self.name, LONGEST_NAME), ("look", &self.look, LONGEST_TEXT)] {
            let length = text.trim().chars().count();
            if length == 0 || length > most {
                faults.push(say!("{what} of “{}” must have 1 to {most} characters", self.key));
            }
        }
        for needed in self.needs.iter().filter(|needed| !keys.contains(needed.as_str())) {
            faults.push(say!("“{}” needs “{needed}”, and there is no such line", self.key));
        }
        for check in self.checks.iter().filter(|check| !checks.contains(check.as_str())) {
            let known: Vec<&str> = checks.iter().copied().collect();
            faults.push(say!("there is no check “{check}”; there are {}", known.join(", ")));
        }
        faults
    }
}

/// Whether a word or phrase stands in a text, not in the middle of another word.
fn has_word(text: &str, word: &str) -> bool {
    let letter = |found: Option<char>| found.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        !letter(text[..at].chars().next_back()) && !letter(text[at + word.len()..].chars().next())
    })
}

/// Stands in a version between its name and the number of the change.
const MARK: &str = " ~";

/// The text with the number of the change in its version.
fn renumbered(text: &str, version: &str, number: u64) -> String {
    let name = version.split(MARK).next().unwrap_or(version);
    let mut done = false;
    let mut line = |line: &str| match line.trim_start().strip_prefix("version") {
        Some(rest) if !done && rest.trim_start().starts_with('=') => {
            done = true;
            format!("version = {:?}", format!("{name}{MARK}{number}"))
        }
        _ => line.to_owned(),
    };
    let mut lines: Vec<String> = text.lines().map(&mut line).collect();
    lines.push(String::new());
    lines.join("\n")
}
