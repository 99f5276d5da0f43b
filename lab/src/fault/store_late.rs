//! The disks of the mail store are slow: mail reaches them long after its last hop.

use crate::personality::{DeliveryAnswer, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "store-late",
    seen: "Every hop is quick, and the arrival in the mailbox (INTERNALDATE) is 60 s after the last trace field.",
    delivery: |_| Some(DeliveryAnswer::WrittenLate(60_000)),
    ..HEALTHY
};
