//! The server is from a time before TLS 1.2.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "tls-old",
    aliases: &["tls-too-old"],
    seen: "The SMTP ports refuse TLS 1.2 and 1.3 with the alert `protocol_version`.",
    old_tls: |at| at.service.is_smtp(),
    ..HEALTHY
};
