//! The MX records and the MTA-STS policy name different hosts.

use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mtasts-mismatch",
    aliases: &["mta-sts-mismatch"],
    seen: "The MTA-STS policy (enforce) names only `old.<domain>`; senders that obey it deliver nothing.",
    policy: |hosts, site| *hosts = vec![format!("old.{}", site.options.domain)],
    ..HEALTHY
};
