//! Reads the tables of the file: every key by its [`Key`], every problem collected, none thrown.
//!
//! 1. A [`Table`] is opened with the keys of its section; a key that is not among them is a problem at once.
//! 2. Each key is read as its type; a missing, unfit or unresolvable value is a problem and yields `None`.
//! 3. What holds in the end, given or default, is noted as a [`Setting`]: `config show`, the hash and the comparison
//!    at a reload all come from these notes.

use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::{Environment, VariableName};
use super::error::{Problem, Wrong};
use super::key::{AnyKey, Key, Need};
use super::secret::{Secret, SecretSource};
use super::setting::{Origin, Setting};
use super::value::{FromValue, Item};
use crate::service::authorities_from_pem;

/// One file under reading.
pub(super) struct Reader<'a> {
    file: &'a Path,
    text: &'a str,
    environment: &'a Environment,
    problems: RefCell<Vec<Problem>>,
    settings: RefCell<Vec<Setting>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a Path, text: &'a str, environment: &'a Environment) -> Self {
        Self { file, text, environment, problems: RefCell::default(), settings: RefCell::default() }
    }

    /// A path of the file: references replaced, relative ones taken from the folder of the file.
    pub(super) fn path(&self, text: &str) -> Result<PathBuf, Wrong> {
        let path = PathBuf::from(self.environment.expand(text)?);
        Ok(self.file.parent().map_or_else(|| path.clone(), |folder| folder.join(&path)))
    }

    pub(super) fn line(&self, at: &Range<usize>) -> usize {
        let before = self.text.as_bytes().get(..at.start).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    pub(super) fn problem(&self, line: Option<usize>, key: impl Into<String>, wrong: Wrong) {
        let Wrong { reason, mend } = wrong;
        self.problems.borrow_mut().push(Problem { line, key: key.into(), reason, mend });
    }

    fn note(&self, setting: Setting) {
        self.settings.borrow_mut().push(setting);
    }

    pub(super) fn finish(self) -> (Vec<Problem>, Vec<Setting>) {
        (self.problems.into_inner(), self.settings.into_inner())
    }
}

/// One table of the file, or its absence: an absent table has only defaults.
pub(super) struct Table<'r> {
    reader: &'r Reader<'r>,
    path: String,
    line: Option<usize>,
    values: Option<&'r DeTable<'r>>,
}

impl<'r> Table<'r> {
    /// The whole file, before its sections are known.
    pub(super) fn root(reader: &'r Reader<'r>, values: &'r DeTable<'r>) -> Self {
        Self { reader, path: String::new(), line: None, values: Some(values) }
    }

    /// The table `name` in this one; its keys must be among `keys` and its tables among `tables`.
    pub(super) fn section(&self, name: &str, keys: &[&dyn AnyKey], tables: &[&str]) -> Self {
        let section = self.open(name);
        section.refuse_unknown(keys.iter().map(|key| key.described().name).chain(tables.iter().copied()));
        section
    }

    /// The table `name` in this one with any keys.
    pub(super) fn open(&self, name: &str) -> Self {
        let path = self.name(name);
        let Some(found) = self.given(name) else {
            return Self { reader: self.reader, path, line: self.line, values: None };
        };
        let line = Some(self.reader.line(&found.span()));
        let values = found.get_ref().as_table();
        if values.is_none() {
            let wrong =
                Wrong::new("this is a section, not a value", format!("Write [{path}] on a line of its own."));
            self.reader.problem(line, &path, wrong);
        }
        Self { reader: self.reader, path, line, values }
    }

    /// The tables of `[[name]]`.
    pub(super) fn list(&self, name: &str, keys: &'static [&'static dyn AnyKey]) -> Vec<Self> {
        let tables = self.tables(name);
        for table in &tables {
            table.refuse_unknown(keys.iter().map(|key| key.described().name));
        }
        tables
    }

    /// The same, whatever stands in them.
    pub(super) fn tables(&self, name: &str) -> Vec<Self> {
        let Some(found) = self.given(name) else {
            return Vec::new();
        };
        let path = self.name(name);
        let tables = found.get_ref().as_array().map(|array| array.iter().collect::<Vec<_>>());
        let Some(tables) = tables.filter(|tables| tables.iter().all(|item| item.get_ref().is_table())) else {
            let wrong =
                Wrong::new("this is a list of sections", format!("Write [[{path}]] on a line of its own."));
            self.reader.problem(Some(self.reader.line(&found.span())), path, wrong);
            return Vec::new();
        };
        let open = |(index, item): (usize, &'r Spanned<DeValue<'r>>)| Self {
            reader: self.reader,
            path: format!("{path}[{}]", index + 1),
            line: Some(self.reader.line(&item.span())),
            values: item.get_ref().as_table(),
        };
        tables.into_iter().enumerate().map(open).collect()
    }

    /// The names of the tables inside this one, in the order of the file.
    pub(super) fn names(&self) -> Vec<String> {
        let mut found: Vec<_> = self.values.into_iter().flat_map(|values| values.iter()).collect();
        found.sort_by_key(|(name, _)| name.span().start);
        found.into_iter().map(|(name, _)| name.get_ref().to_string()).collect()
    }

    pub(super) fn is_given(&self) -> bool {
        self.values.is_some()
    }

    /// The line of a key, or of the table where the key is absent.
    pub(super) fn line_of(&self, key: &str) -> Option<usize> {
        self.given(key).map(|found| self.reader.line(&found.span())).or(self.line)
    }

    /// Every name in this table must be one of `known`.
    pub(super) fn refuse_unknown<'k>(&self, known: impl Iterator<Item = &'k str> + Clone) {
        for (name, _) in self.values.into_iter().flat_map(|values| values.iter()) {
            if !known.clone().any(|known| known == name.get_ref()) {
                let line = Some(self.reader.line(&name.span()));
                let wrong =
                    Wrong::new("there is no such key", super::suggest::mend(name.get_ref(), known.clone()));
                self.reader.problem(line, self.name(name.get_ref()), wrong);
            }
        }
    }

    /// A value that is not needed. The outer `None`: it was given and is wrong.
    pub(super) fn optional<T: FromValue>(&self, key: &Key<T>) -> Option<Option<T>> {
        if let Some(found) = self.given(key.name) {
            let line = self.reader.line(&found.span());
            return self.take(key, found.get_ref(), Origin::Line(line)).map(Some);
        }
        let Some(text) = key.default else {
            return Some(None);
        };
        self.take(key, &default_value(text), Origin::Default).map(Some)
    }

    /// A value that must be there, given or by default. `None`: it is missing or wrong, and that was noted.
    pub(super) fn required<T: FromValue>(&self, key: &Key<T>) -> Option<T> {
        debug_assert!(key.default.is_some() || key.need == Need::Needed, "{} is called optional", key.name);
        let found = self.optional(key)?;
        if found.is_none() {
            self.missing(key);
        }
        found
    }

    /// A value whose name in the file is not the key's own: that of an audience in a cadence.
    pub(super) fn required_as<T: FromValue>(&self, name: &str, key: &Key<T>) -> Option<T> {
        match (self.given(name), key.default) {
            (Some(found), _) => {
                let line = self.reader.line(&found.span());
                self.take_as(name, key, found.get_ref(), Origin::Line(line))
            }
            (None, Some(text)) => self.take_as(name, key, &default_value(text), Origin::Default),
            (None, None) => None,
        }
    }

    /// Notes that a key must be added.
    pub(super) fn missing<T: FromValue>(&self, key: &Key<T>) {
        let example = key.example.map_or_else(|| T::KIND.to_owned(), |text| format!("{} = {text}", key.name));
        self.problem(key.name, Wrong::new("is missing", format!("Add it, such as {example}.")));
    }

    /// A value that an environment variable overrides, read as if it stood in the file in quotes.
    pub(super) fn overridden<T: FromValue>(&self, key: &Key<T>, variable: &'static str) -> Option<T> {
        match self.reader.environment.get(variable) {
            Some(text) => self.take(key, &DeValue::String(text.into()), Origin::Variable(variable)),
            None => self.required(key),
        }
    }

    /// A secret by the key that names a variable or the key that names a file. The outer `None` as above.
    pub(super) fn secret(&self, variable: &Key<VariableName>, file: &Key<PathBuf>) -> Option<Option<Secret>> {
        let given_file = self.optional(file)?;
        if given_file.is_some() && self.given(variable.name).is_some() {
            let reason = format!("both {} and {} are given", variable.name, file.name);
            self.problem(file.name, Wrong::new(reason, "Keep one of them."));
            return None;
        }
        let source = match given_file {
            Some(path) => SecretSource::File(path),
            None => match self.optional(variable)? {
                Some(name) => SecretSource::Variable(name),
                None => return Some(None),
            },
        };
        let key = if matches!(source, SecretSource::File(_)) { file.name } else { variable.name };
        match Secret::find(source, self.reader.environment) {
            Ok(secret) => Some(Some(secret)),
            Err(wrong) => {
                self.problem(key, wrong);
                None
            }
        }
    }

    /// A secret that must be there.
    pub(super) fn required_secret(
        &self,
        variable: &Key<VariableName>,
        file: &Key<PathBuf>,
    ) -> Option<Secret> {
        let found = self.secret(variable, file)?;
        if found.is_none() {
            self.missing(variable);
        }
        found
    }

    /// The secret in a variable that may be unset until it is needed.
    pub(super) fn secret_if_set(&self, variable: VariableName) -> Option<Secret> {
        Secret::find(SecretSource::Variable(variable), self.reader.environment).ok()
    }

    /// The certificate authorities in a PEM file; none where the key is absent.
    pub(super) fn authorities(&self, key: &Key<PathBuf>) -> Option<Vec<CertificateDer<'static>>> {
        let Some(path) = self.optional(key)? else {
            return Some(Vec::new());
        };
        let found = super::secret::bounded_file(&path)
            .and_then(|pem| authorities_from_pem(pem.as_bytes()).map_err(|error| error.to_string()));
        found
            .map_err(|reason| {
                let reason = format!("{} holds no certificate authorities: {reason}", path.display());
                self.problem(key.name, Wrong::new(reason, "Name a PEM file that this account may read."));
            })
            .ok()
    }

    /// The name of this table as its type.
    pub(super) fn parsed_name<N, E: std::fmt::Display>(&self, parsed: Result<N, E>) -> Option<N> {
        parsed
            .map_err(|error| {
                let wrong = Wrong::new(
                    error.to_string(),
                    "Rename the section, for instance to a short lower-case word.",
                );
                self.name_problem(wrong);
            })
            .ok()
    }

    /// Notes a problem with the value of `key`.
    pub(super) fn problem(&self, key: &str, wrong: Wrong) {
        self.reader.problem(self.line_of(key), self.name(key), wrong);
    }

    /// Notes a problem with the name of this table.
    pub(super) fn name_problem(&self, wrong: Wrong) {
        self.reader.problem(self.line, self.path.clone(), wrong);
    }

    fn take<T: FromValue>(&self, key: &Key<T>, value: &DeValue<'_>, origin: Origin) -> Option<T> {
        self.take_as(key.name, key, value, origin)
    }

    fn take_as<T: FromValue>(
        &self,
        name: &str,
        key: &Key<T>,
        value: &DeValue<'_>,
        origin: Origin,
    ) -> Option<T> {
        match T::from_value(&Item { value, reader: self.reader }) {
            Ok(taken) => {
                self.reader.note(Setting {
                    table: self.path.clone(),
                    key: name.to_owned(),
                    value: super::value::as_toml(value),
                    origin,
                    change: key.change,
                    effect: key.effect,
                });
                Some(taken)
            }
            Err(wrong) => {
                let line = if let Origin::Line(line) = origin { Some(line) } else { self.line };
                let name = match origin {
                    Origin::Variable(variable) => format!("{} (from {variable})", self.name(name)),
                    _ => self.name(name),
                };
                self.reader.problem(line, name, wrong);
                None
            }
        }
    }

    fn given(&self, key: &str) -> Option<&'r Spanned<DeValue<'r>>> {
        self.values?.get(key)
    }

    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

fn default_value(text: &'static str) -> DeValue<'static> {
    DeValue::parse(text).expect("a default is TOML; a test reads each one").into_inner()
}
