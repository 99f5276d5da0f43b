//! The certificate or TLSA record of the other side does not fit, and policy asks for TLS.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "outbound-tls-refused",
    seen: "Mail to other domains stays in the queue (450 4.7.5, certificate not trusted).",
    outbound: |moment| moment.leaves().then_some("450 4.7.5 Server certificate not trusted"),
    ..HEALTHY
};
