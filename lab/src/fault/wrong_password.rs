//! Somebody changed the password of `probe`.

use crate::personality::{HEALTHY, LoginAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "wrong-password",
    seen: "Logins of `probe` fail: SMTP 535 5.7.8, IMAP NO [AUTHENTICATIONFAILED]; everybody else can log in.",
    login: |moment| {
        let name = moment.login.split('@').next().unwrap_or_default();
        name.eq_ignore_ascii_case("probe").then_some(LoginAnswer::Wrong)
    },
    ..HEALTHY
};
