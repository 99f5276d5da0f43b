//! The key of the certificate was changed and the TLSA record was not.

use crate::dns::zone::Data;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "tlsa-mismatch",
    seen: "The TLSA record of port 25 does not fit the certificate.",
    zones: |zones, _| {
        for (_, data) in &mut zones.records {
            if let Data::Tlsa(digest) = data {
                digest.iter_mut().for_each(|byte| *byte = !*byte);
            }
        }
    },
    ..HEALTHY
};
