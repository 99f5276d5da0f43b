//! The record says that there is an MTA-STS policy, and the web server has none.

use crate::personality::{HEALTHY, Personality};
use crate::web::page::{Page, PageKind};

pub(super) const PERSONALITY: Personality = Personality {
    name: "policy-missing",
    seen: "`_mta-sts` is there and the policy file is not (404).",
    page: |kind, page| {
        if kind == PageKind::Policy {
            *page = Page::new("404 Not Found", "text/plain", "There is no such page.\n");
        }
    },
    ..HEALTHY
};
