//! A hostile peer, or a line that is nearly dead: one byte a second.

use crate::personality::{Conduct, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "drip",
    aliases: &["one-byte-a-second"],
    seen: "Every mail port sends one byte a second (half of `LabOptions::delay`).",
    conduct: |at| at.service.is_mail().then_some(Conduct::Drip),
    ..HEALTHY
};
