//! Interactions, delivered as the switched-on faults say.

use super::{Audience, tell};
use crate::core::Core;
use crate::faults::Delivery;
use crate::id::Id;

/// Delivers an interaction as the switched-on faults say.
pub(crate) fn interaction(core: &mut Core, id: Id) {
    match core.faults.gateway.interactions {
        Delivery::Lost => {}
        Delivery::Held => core.held.push_back(id),
        Delivery::Normal => deliver(core, id),
        Delivery::Twice => {
            deliver(core, id);
            deliver(core, id);
        }
    }
}

/// Delivers an interaction now, whatever is switched on.
pub(crate) fn deliver(core: &mut Core, id: Id) {
    let Some(data) = crate::user::wire::interaction(core, id) else {
        return;
    };
    let guild = core.interactions.get(&id).and_then(|interaction| interaction.guild);
    // Interactions need no intent and no sight of the channel.
    let audience = Audience { guild, channel: None, intents: 0, censored: false };
    tell(core, &audience, "INTERACTION_CREATE", &data);
}
