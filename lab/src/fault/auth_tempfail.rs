//! The password database cannot be read. SMTP does not know the difference and calls it a wrong password.

use crate::personality::{DeliveryAnswer, HEALTHY, LoginAnswer, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "auth-tempfail",
    seen: "SMTP AUTH answers 535 5.7.8, IMAP NO [UNAVAILABLE]; accepted mail stays in the queue.",
    login: |moment| {
        let over_smtp = moment.endpoint.service.is_submission();
        Some(if over_smtp { LoginAnswer::Wrong } else { LoginAnswer::TemporaryFailure })
    },
    delivery: |_| Some(DeliveryAnswer::Deferred("451 4.3.0 Temporary internal error: user lookup failed")),
    ..HEALTHY
};
