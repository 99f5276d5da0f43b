//! Connections are taken and dropped: a wrapper, a proxy or a process limit is in the way.

use crate::personality::{Conduct, HEALTHY, Personality, is_first_mx};

pub(super) const PERSONALITY: Personality = Personality {
    name: "closed-early",
    seen: "Port 25 of the first MX accepts connections and closes them before the banner.",
    conduct: |at| is_first_mx(at).then_some(Conduct::CloseAtOnce),
    ..HEALTHY
};
