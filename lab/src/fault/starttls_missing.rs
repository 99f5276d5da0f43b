//! STARTTLS is gone: configuration, a middlebox, or a certificate file that cannot be read.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "starttls-missing",
    seen: "STARTTLS is not offered on 25 and 587, and so nobody can log in on 587.",
    hides_starttls: |at| at.service.is_smtp(),
    ..HEALTHY
};
