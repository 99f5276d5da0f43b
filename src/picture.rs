//! Pictures: an incident at a glance, a course over time, counts by month. For Discord as PNG, for pages as SVG.
//!
//! 1. One file for each picture says what stands where ([`glance`], [`course`], [`bars`]). It builds a [`Scene`]: boxes,
//!    lines, signs and texts, and the same in words, for whoever cannot see it.
//! 2. [`render`] draws a scene with plotters, on either of its two backends. The letters come from a font file in this
//!    folder, so that a picture looks the same on a machine without any font.
//!
//! State is never shown by colour alone: each thing has its own sign, and the colours (Okabe and Ito's eight) differ for
//! the colour-blind and, printed, in grey. The ground is white in every theme.

pub mod axis;
pub mod bars;
pub mod course;
pub mod glance;
pub mod render;
pub mod scene;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

pub use scene::Scene;

/// A drawn picture, on its way to the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Name with ending.
    pub name: String,
    /// The same in words.
    pub about: String,
    /// PNG, in base64: messages are kept as JSON.
    pub png: String,
}

impl Picture {
    /// A scene, drawn.
    pub fn of(name: &str, scene: &Scene) -> Self {
        Picture {
            name: format!("{name}.png"),
            about: scene.about.clone(),
            png: BASE64_STANDARD.encode(render::png(scene)),
        }
    }

    /// The PNG; empty where it is none.
    pub fn bytes(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(&self.png).unwrap_or_default()
    }
}
