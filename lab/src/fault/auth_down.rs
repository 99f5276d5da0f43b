//! The back end for SMTP logins is gone; IMAP asks another way and works.

use crate::personality::{HEALTHY, LoginAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "auth-down",
    seen: "SMTP AUTH answers 454 4.7.0; IMAP and POP3 logins work.",
    login: |moment| moment.endpoint.service.is_submission().then_some(LoginAnswer::TemporaryFailure),
    ..HEALTHY
};
