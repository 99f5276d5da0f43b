//! When the next word to each audience is due: asked of the incident, not kept by a sleeping task, so that the
//! same question after a restart gets the same answer.

use std::collections::BTreeMap;

use crate::clock::UtcMs;
use crate::ids::AudienceName;
use crate::incident::Incident;
use crate::policy::Policy;

/// The due time of each audience that is to hear of this incident again.
pub fn updates(incident: &Incident, policy: &Policy) -> BTreeMap<AudienceName, UtcMs> {
    if incident.version == 0 || !incident.phase.is_open() || incident.is_restricted() {
        return BTreeMap::new();
    }
    let due = |name: &AudienceName| match incident.told.get(name) {
        // What was promised holds, whatever has changed since.
        Some(told) => told.next,
        None => policy.first(incident.severity, name).map(|first| incident.declared_at + first),
    };
    policy
        .audiences
        .iter()
        .filter_map(|audience| Some((audience.name.clone(), due(&audience.name)?)))
        .collect()
}
