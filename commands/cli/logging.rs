//! The log: one line an event, and never a secret in it.
//!
//! serenity and reqwest put addresses into their errors, and addresses of webhooks and interactions hold tokens. So
//! whatever is written goes through [`scrub`], however it was logged.

use std::io::{self, Write};
use std::panic::PanicHookInfo;

use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use watchpost::config::{Format, Log};

/// What stands where a secret stood.
const HIDDEN: &str = "(hidden)";
/// Shorter words are not tokens: Discord's have 59 characters and more, those of webhooks 68.
const SHORTEST_TOKEN: usize = 50;

/// Starts the log, and lets panics write into it.
///
/// # Errors
/// The sentence of the filter where it cannot be read.
pub fn start(log: &Log, secrets: Vec<SecretString>) -> Result<(), String> {
    let filter =
        EnvFilter::try_new(&log.filter).map_err(|error| format!("the filter of the log: {error}"))?;
    let writer = Scrubbing { secrets: secrets.into() };
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // Already started is as good: tests start several bots in one process.
    let _ = match log.format {
        Format::Json => subscriber.json().flatten_event(true).try_init(),
        Format::Pretty => subscriber.with_ansi(false).with_target(false).try_init(),
    };
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let said = panic.payload_as_str().unwrap_or("no words");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(%place, "panic: {said}");
}

#[derive(Clone)]
struct Scrubbing {
    secrets: std::sync::Arc<[SecretString]>,
}

impl<'w> MakeWriter<'w> for Scrubbing {
    type Writer = Line;

    fn make_writer(&'w self) -> Line {
        Line { secrets: self.secrets.clone(), text: Vec::new() }
    }
}

/// One line of the log: written whole when it is complete.
struct Line {
    secrets: std::sync::Arc<[SecretString]>,
    text: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = String::from_utf8_lossy(&std::mem::take(&mut self.text)).into_owned();
        io::stderr().lock().write_all(scrub(&text, &self.secrets).as_bytes())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // A log that cannot be written has nobody to tell.
        let _ = self.flush();
    }
}

/// The text without the known secrets, and without what looks like a token.
pub fn scrub(text: &str, secrets: &[SecretString]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| secret.len() >= 4) {
        text = text.replace(secret, HIDDEN);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_of_a_token) {
        let word_and_rest = &rest[start..];
        let end = word_and_rest.find(|c| !is_of_a_token(c)).unwrap_or(word_and_rest.len());
        clean.push_str(&rest[..start]);
        let word = &word_and_rest[..end];
        clean.push_str(if looks_like_a_token(word) { HIDDEN } else { word });
        rest = &word_and_rest[end..];
    }
    clean.push_str(rest);
    clean
}

fn is_of_a_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '+' | '=')
}

/// Long, with capitals and small letters and digits. Hashes in hex have no capitals and are kept.
fn looks_like_a_token(word: &str) -> bool {
    let has = |sort: fn(&char) -> bool| word.chars().any(|c| sort(&c));
    word.len() >= SHORTEST_TOKEN
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let secrets = [SecretString::from("hunter22")];
        assert_eq!(scrub(text, &secrets), expected);
    }

    #[test]
    fn tokens_are_hidden_whatever_they_stand_in() {
        // Made up: the form of a bot token, of a webhook's and of an interaction's.
        let bot = format!("MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.{}", "Zn9aB3".repeat(6));
        check(&format!("Bot {bot}"), "Bot (hidden)");
        let webhook = "aB3-_".repeat(14);
        check(
            &format!("url=https://discord.com/api/webhooks/80351110224678912/{webhook}?wait=true"),
            "url=https://discord.com/api/webhooks/80351110224678912/(hidden)?wait=true",
        );
        let interaction = "aW50ZXJhY3Rpb246".repeat(8);
        check(&format!("/interactions/1/{interaction}/callback"), "/interactions/1/(hidden)/callback");
    }

    #[test]
    fn known_secrets_are_hidden_and_other_words_kept() {
        check("password hunter22 refused", "password (hidden) refused");
        let hash = "0123456789abcdef".repeat(4);
        check(&format!("hash {hash}: INC-1 is open"), &format!("hash {hash}: INC-1 is open"));
    }
}
