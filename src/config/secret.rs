//! A secret: the configuration says where it lies, never what it is.

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::environment::{Environment, VariableName};
use super::error::Wrong;

/// No token, password, key or list of private certificate authorities is longer.
const MOST_BYTES: u64 = 256 * 1024;

/// Where a secret lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// In the environment variable of this name.
    Variable(VariableName),
    /// In this file.
    File(PathBuf),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(out, "the environment variable {name}"),
            Self::File(path) => write!(out, "the file {}", path.display()),
        }
    }
}

/// A secret that was found. `Debug` shows where it lies and nothing else.
#[derive(Clone)]
pub struct Secret {
    source: SecretSource,
    value: SecretString,
}

impl Secret {
    pub(super) fn find(source: SecretSource, environment: &Environment) -> Result<Self, Wrong> {
        let value = match &source {
            SecretSource::Variable(name) => {
                environment.get(name.as_str()).map(str::to_owned).ok_or_else(|| {
                    Wrong::new(
                        format!("the environment variable {name} is not set"),
                        "Set it, or name a file with the key that ends in _file.",
                    )
                })?
            }
            SecretSource::File(path) => in_file(path)?,
        };
        Ok(Self { source, value: SecretString::from(value) })
    }

    /// Where it lies.
    pub fn source(&self) -> &SecretSource {
        &self.source
    }

    /// The secret, still wrapped.
    pub fn value(&self) -> &SecretString {
        &self.value
    }

    /// One that lies nowhere, for the tests of what uses it.
    #[cfg(test)]
    pub(crate) fn for_tests(value: &str) -> Self {
        Self { source: SecretSource::File(PathBuf::from("a-test")), value: SecretString::from(value) }
    }

    pub(crate) fn expose(&self) -> &str {
        self.value.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Secret(from {})", self.source)
    }
}

/// The text of the file without the line end that editors put there.
fn in_file(path: &Path) -> Result<String, Wrong> {
    let unusable = |reason: &str| {
        Wrong::new(
            format!("the secret file {} cannot be used: {reason}", path.display()),
            "Create it with the secret as its only line, readable by the account that runs Watchpost.",
        )
    };
    let text = bounded_file(path).map_err(|reason| unusable(&reason))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(unusable("it is empty")),
        secret if secret.contains(['\r', '\n']) => Err(unusable("it has more than one line")),
        secret => Ok(secret.to_owned()),
    }
}

/// The text of a small file.
pub(super) fn bounded_file(path: &Path) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut text = String::new();
    file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > MOST_BYTES {
        return Err(format!("it is larger than {MOST_BYTES} bytes"));
    }
    Ok(text)
}
