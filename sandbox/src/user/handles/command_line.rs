//! A typed command.

use bytes::Bytes;

use crate::user::Input;

/// A typed command with its options.
#[derive(Clone, Debug)]
pub struct CommandLine {
    pub(super) line: String,
    pub(super) channel: String,
    pub(super) inputs: Vec<(String, Input)>,
}

impl CommandLine {
    /// A command as it is typed: `/check` or `/admin doctor`, in a channel by name or id (`dm` for the bot's DM).
    #[must_use]
    pub fn new(line: &str, channel: &str) -> Self {
        Self { line: line.to_owned(), channel: channel.to_owned(), inputs: Vec::new() }
    }

    /// An option as it is typed. Users, roles and channels by name.
    #[must_use]
    pub fn option(mut self, name: &str, value: &str) -> Self {
        self.inputs.push((name.to_owned(), Input::Text(value.to_owned())));
        self
    }

    /// A file for an option.
    #[must_use]
    pub fn file(mut self, name: &str, filename: &str, bytes: impl Into<Bytes>) -> Self {
        let input = Input::File { filename: filename.to_owned(), content_type: None, bytes: bytes.into() };
        self.inputs.push((name.to_owned(), input));
        self
    }
}
