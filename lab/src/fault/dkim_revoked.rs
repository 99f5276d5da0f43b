//! The key that signs our mail was revoked in DNS, and the server still signs with it.

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "dkim-revoked",
    seen: "The DKIM record of the selector `lab` has an empty key (RFC 6376 §3.6.1).",
    zones: |zones, _| {
        for (name, data) in &mut zones.records {
            if name.contains("._domainkey.") {
                *data = Data::Text("v=DKIM1; k=ed25519; p=".to_owned());
            }
        }
    },
    ..HEALTHY
};
