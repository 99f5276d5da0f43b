//! What a review meeting needs: an incident's whole story as a file.
//!
//! 1. The timeline is read from the store, in the order in which it was recorded.
//! 2. [`Story`] puts the incident, its events and the reader's time zone together.
//! 3. One file for each form writes it: [`markdown`] to read, [`json`] for programs and for reading back.

pub mod clocks;
pub mod json;
pub mod markdown;
mod times;

use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;

use crate::incident::Incident;
use crate::incident::event::Recorded;

pub use times::{local, spell_out};

/// Everything that an export is made from.
#[derive(Debug, Clone, Copy)]
pub struct Story<'s> {
    /// The incident after its last event.
    pub incident: &'s Incident,
    /// All its events, in order.
    pub events: &'s [Recorded],
    /// Where the readers are.
    pub zone: Tz,
}

/// The forms that a story can be pulled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// To read.
    Markdown,
    /// For programs.
    Json,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 2] = [Format::Markdown, Format::Json];

    /// The name that people type, and the ending of the file.
    pub fn name(self) -> &'static str {
        match self {
            Format::Markdown => "md",
            Format::Json => "json",
        }
    }

    /// The story in this form.
    pub fn write(self, story: &Story<'_>) -> String {
        match self {
            Format::Markdown => markdown::write(story),
            Format::Json => json::write(story),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Format::ALL.map(Format::name).join(", ");
        Format::ALL
            .into_iter()
            .find(|format| format.name() == text.trim().to_ascii_lowercase())
            .ok_or_else(|| format!("“{text}” is not a form that I can write. There are: {known}"))
    }
}
