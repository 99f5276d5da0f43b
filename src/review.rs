//! What a review meeting needs: an incident's whole story, in the chat and as a file.
//!
//! 1. The timeline is read from the store, in the order in which it was recorded.
//! 2. [`Story`] puts the incident, its events, what is known around it and the reader's time zone together.
//! 3. [`mod@line`] makes a line of each event, with what was put right; [`clocks`], [`hole`] and [`belief`] compute the rest.
//! 4. [`page`] is the one page for the meeting, [`appendix`] the 19 sections behind it: a [`document`] without markup.
//! 5. One file for each form writes it: [`markdown`] and [`html`] to read, [`json`] for programs and for reading back,
//!    [`csv`] for tables. For outside, [`outside`] takes out names, hosts and addresses first.

pub mod appendix;
pub mod around;
pub mod belief;
pub mod chat;
pub mod clocks;
pub mod csv;
pub mod document;
pub mod glance;
pub mod hole;
pub mod html;
pub mod json;
pub mod line;
pub mod markdown;
pub mod outside;
pub mod page;

#[cfg(test)]
mod tests;
mod times;

use std::fmt;
use std::str::FromStr;

use chrono_tz::Tz;
use watchpost_texts::say;

use crate::incident::Incident;
use crate::incident::event::Recorded;

pub use around::Around;
pub use times::{clock_time, day, local, spell_out};

/// Everything that an export is made from.
#[derive(Debug, Clone, Copy)]
pub struct Story<'s> {
    /// The incident after its last event.
    pub incident: &'s Incident,
    /// All its events, in order.
    pub events: &'s [Recorded],
    /// Where the readers are.
    pub zone: Tz,
    /// What is known around it.
    pub around: &'s Around,
    /// Who reads it.
    pub readers: Readers,
}

/// Who reads an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Readers {
    /// Those who work on it: everything.
    #[default]
    Inside,
    /// Anybody: no name, no host, no address.
    Outside,
}

/// The forms that a story can be pulled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// To read, and to edit.
    Markdown,
    /// To read and to print.
    Html,
    /// For programs, and for reading back.
    Json,
    /// For tables.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 4] = [Format::Markdown, Format::Html, Format::Json, Format::Csv];

    /// The name that people type, and the ending of the file.
    pub fn name(self) -> &'static str {
        match self {
            Format::Markdown => "md",
            Format::Html => "html",
            Format::Json => "json",
            Format::Csv => "csv",
        }
    }

    /// The story in this form.
    pub fn write(self, story: &Story<'_>) -> String {
        match self {
            Format::Markdown => markdown::write(&document::whole(story)),
            Format::Html => html::write(&document::whole(story)),
            Format::Json => json::write(story),
            Format::Csv => csv::write(story),
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
            .ok_or_else(|| say!("“{text}” is not a form that I can write. There are: {known}"))
    }
}
