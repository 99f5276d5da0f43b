//! Two hosts, or an alias, send mail round in a circle.

use crate::personality::{DeliveryAnswer, HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "mail-loop",
    seen: "Mail is accepted, and comes back with 554 5.4.6: it loops back to the host.",
    delivery: |moment| {
        let loops = DeliveryAnswer::Failed("554 5.4.6 Mail loops back to myself");
        (!moment.is_bounce).then_some(loops)
    },
    ..HEALTHY
};
