//! A hostile web server: the policy file does not end where it should.

use crate::personality::{HEALTHY, Personality};
use crate::web::page::PageKind;

pub(super) const PERSONALITY: Personality = Personality {
    name: "policy-huge",
    seen: "The MTA-STS policy file has 4 MB; RFC 8461 §3.3 lets a reader stop at 64 KiB.",
    page: |kind, page| {
        if kind == PageKind::Policy {
            page.body.push_str(&"x".repeat(4 * 1024 * 1024));
        }
    },
    ..HEALTHY
};
