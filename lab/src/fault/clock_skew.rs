//! The clock of the mail host is wrong.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "clock-skew",
    aliases: &["clock-wrong"],
    seen: "The trace fields of the mail host are one hour ahead.",
    skew_ms: 3_600_000,
    ..HEALTHY
};
