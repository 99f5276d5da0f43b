//! The SMTP server accepts and never answers, as a stopped process does.

use crate::personality::{Conduct, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "smtp-hung",
    seen: "SMTP on 25, 587 and 465 accepts connections and never sends a banner; reading works.",
    conduct: |at| at.service.is_smtp().then_some(Conduct::Silent),
    ..HEALTHY
};
