//! The server takes passwords before TLS: anybody on the way can read them.

use crate::options::Service;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "auth-in-clear",
    seen: "AUTH is offered on 587 without STARTTLS, and taken.",
    clear_login: |at| at.service == Service::Submission,
    ..HEALTHY
};
