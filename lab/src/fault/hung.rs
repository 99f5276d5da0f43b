//! The mail service runs and does nothing, as a process does that was stopped by a signal or waits for a dead disk.

use crate::personality::{Conduct, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "hung",
    seen: "The mail ports accept connections and never say a word.",
    conduct: |at| at.service.is_mail().then_some(Conduct::Silent),
    ..HEALTHY
};
