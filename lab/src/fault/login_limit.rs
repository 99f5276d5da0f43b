//! Too many clients of one user are connected.

use crate::personality::{HEALTHY, LoginAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "login-limit",
    seen: "IMAP logins answer NO [LIMIT], POP3 -ERR [IN-USE].",
    login: |moment| moment.endpoint.service.is_mailbox().then_some(LoginAnswer::Limit),
    ..HEALTHY
};
