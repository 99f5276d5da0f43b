//! A firewall throws the packets to port 25 away.

use crate::personality::{HEALTHY, Listening, Personality, is_first_mx};

pub(super) const PERSONALITY: Personality = Personality {
    name: "port-drop",
    seen: "Connections to port 25 of the first MX time out; the backup takes mail.",
    listening: |at| is_first_mx(at).then_some(Listening::Dropped),
    ..HEALTHY
};
