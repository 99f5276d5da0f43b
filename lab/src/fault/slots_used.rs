//! Every process of the SMTP server is busy: new connections wait for a free one.

use crate::personality::{Conduct, HEALTHY, Personality, is_first_mx};

pub(super) const PERSONALITY: Personality = Personality {
    name: "slots-used",
    seen: "Port 25 of the first MX accepts connections and the banner does not come.",
    conduct: |at| is_first_mx(at).then_some(Conduct::Silent),
    ..HEALTHY
};
