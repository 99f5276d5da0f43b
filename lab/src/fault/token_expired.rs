//! The tokens of modern logins are not taken any more: the registration with the provider ran out.

use crate::personality::{HEALTHY, LoginAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "token-expired",
    seen: "Logins with a token (XOAUTH2) fail: SMTP 535 5.7.8, IMAP NO [AUTHENTICATIONFAILED]; passwords work.",
    login: |moment| moment.by_token.then_some(LoginAnswer::Wrong),
    ..HEALTHY
};
