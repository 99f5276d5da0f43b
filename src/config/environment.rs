//! The environment variables that a configuration may refer to, passed in so that tests need no process-wide state.

use std::collections::BTreeMap;
use std::fmt;

use super::error::Wrong;
use super::value::{FromValue, Item};

/// A copy of the environment. Its values are never printed: some are secrets.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process. A variable that is not Unicode counts as absent.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { variables }
    }

    /// The value of a variable; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// `text` with `${NAME}` and `${NAME:-otherwise}` replaced.
    ///
    /// # Errors
    /// A variable that is not set and has no `:-`, or a `${` without its end.
    pub fn expand(&self, text: &str) -> Result<String, Wrong> {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            expanded.push_str(before);
            let Some((reference, after)) = after.split_once('}') else {
                return Err(Wrong::new("a `${` is never closed", "Write ${NAME} or ${NAME:-otherwise}."));
            };
            expanded.push_str(self.referred(reference)?);
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    fn referred<'a>(&'a self, reference: &'a str) -> Result<&'a str, Wrong> {
        let (name, otherwise) = match reference.split_once(":-") {
            Some((name, otherwise)) => (name, Some(otherwise)),
            None => (reference, None),
        };
        self.get(name).or(otherwise).ok_or_else(|| {
            Wrong::new(
                format!("the environment variable {name} is not set"),
                format!("Set it, or write ${{{name}:-otherwise}}."),
            )
        })
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self { variables: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Environment({} variables)", self.variables.len())
    }
}

/// The name of a variable in which a secret lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableName(String);

impl VariableName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VariableName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromValue for VariableName {
    const KIND: &'static str = "the name of an environment variable such as \"DISCORD_TOKEN\"";

    /// The refusal does not repeat the value: people paste the secret itself here.
    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        let allowed = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
        let name = item
            .value
            .as_str()
            .filter(|name| !name.is_empty() && name.len() <= 64 && name.chars().all(allowed));
        name.map(|name| Self(name.to_owned())).ok_or_else(|| {
            let mend = "Put the secret into a variable and write its name here, such as DISCORD_TOKEN. If this was the \
                        secret itself, it stood in a file: replace it.";
            Wrong::new("this is not the name of an environment variable", mend)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let environment = Environment::from_iter([("HOME", "/home/w"), ("EMPTY", "")]);
        let found = environment.expand(text).map_err(|wrong| wrong.reason);
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn a_reference_is_replaced_or_refused() {
        check("plain", Ok("plain"));
        check("${HOME}/x", Ok("/home/w/x"));
        check("${NONE:-/run}/a/${HOME}", Ok("/run/a//home/w"));
        check("${EMPTY:-x}", Ok("x"));
        check("${NONE}", Err("the environment variable NONE is not set"));
        check("${HOME", Err("a `${` is never closed"));
    }

    #[test]
    fn its_debug_shows_no_value() {
        let environment = Environment::from_iter([("DISCORD_TOKEN", "canary")]);
        assert!(!format!("{environment:?}").contains("canary"));
    }
}
