//! The one catalogue of what a person reads.
//!
//! 1. A text stands in English where it is said: `say!("No server of {service} answers")`. A text of a table stands there
//!    by [`to_say!`], and [`said`] says it when the table is read.
//! 2. `watchpost.pot` lists all of them; a test holds it against the source, so English is complete by construction.
//! 3. A language is a PO file with the same texts, as gettext's tools make it: [`Catalogue::read`] refuses a translation
//!    that has lost or gained a value.
//! 4. [`speak`] takes it at the start of the program. What it does not have is said in English.

mod catalogue;
mod fill;
#[cfg(feature = "gather")]
pub mod gather;

pub use catalogue::{Catalogue, Flaw, TEMPLATE};
pub use fill::filled;
pub use watchpost_texts_macro::say;

use std::sync::OnceLock;

/// What is spoken by this process. English needs none.
static SPOKEN: OnceLock<Catalogue> = OnceLock::new();

/// Marks a text of a constant as one of the catalogue; [`said`] says it.
#[macro_export]
macro_rules! to_say {
    ($text:literal) => {
        $text
    };
}

/// A language is chosen once, at the start.
#[derive(Debug, thiserror::Error)]
#[error("a language is spoken already")]
pub struct AlreadySpoken;

/// From now on this process speaks the language of the catalogue.
///
/// # Errors
/// Where one was chosen before.
pub fn speak(catalogue: Catalogue) -> Result<(), AlreadySpoken> {
    SPOKEN.set(catalogue).map_err(|_| AlreadySpoken)
}

/// The text in the language that is spoken; `None` where that is English.
pub fn translation(english: &str) -> Option<&'static str> {
    SPOKEN.get()?.translation(english)
}

/// The text in the language that is spoken.
pub fn said(english: &'static str) -> &'static str {
    translation(english).unwrap_or(english)
}
