//! What the bot says over the gateway, and what becomes of it (events/gateway, topics/opcodes-and-status-codes).

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{Outgoing, events, intents};
use crate::core::{Core, Violation};
use crate::rules::limits;

/// One connection as the protocol sees it.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) line: u64,
    /// When payloads came, real milliseconds since the connection opened.
    received_ms: VecDeque<u64>,
    pub(crate) heartbeat_ms: u64,
}

impl Peer {
    pub(crate) fn new(line: u64) -> Self {
        Self { line, received_ms: VecDeque::new(), heartbeat_ms: 0 }
    }

    fn is_flooding(&mut self, now_ms: u64) -> bool {
        Core::recent(&mut self.received_ms, now_ms, limits::GATEWAY_WINDOW_MS);
        self.received_ms.push_back(now_ms);
        self.received_ms.len() > limits::GATEWAY_EVENTS
    }
}

/// The first thing that a connection hears.
pub(crate) fn hello(core: &Core) -> String {
    json!({"op": 10, "d": {"heartbeat_interval": core.settings.heartbeat_ms}, "s": null, "t": null})
        .to_string()
}

/// Takes one payload. `open_ms` is real time since the connection opened.
pub(crate) fn receive(core: &mut Core, peer: &mut Peer, text: &str, open_ms: u64) {
    if text.len() > limits::GATEWAY_PAYLOAD {
        return close(core, peer, 4002, "Error while decoding payload.");
    }
    if peer.is_flooding(open_ms) {
        return close(core, peer, 4008, "Rate limited.");
    }
    let Ok(payload) = serde_json::from_str::<Value>(text) else {
        return close(core, peer, 4002, "Error while decoding payload.");
    };
    let data = &payload["d"];
    match payload["op"].as_u64() {
        Some(1) => heartbeat(core, peer, open_ms),
        Some(2) => identify(core, peer, data),
        Some(6) => resume(core, peer, data),
        Some(3 | 4 | 8 | 31) if core.hub.session_of(peer.line).is_none() => {
            close(core, peer, 4003, "Not authenticated.");
        }
        Some(8) => request_members(core, peer, data),
        Some(3 | 4) => {}
        _ => close(core, peer, 4001, "Unknown opcode."),
    }
    core.touch();
}

fn close(core: &mut Core, peer: &Peer, code: u16, reason: &'static str) {
    core.violate(Violation::Gateway { close: code, detail: reason.to_owned() });
    core.hub.send(peer.line, Outgoing::Close(code, reason));
    core.touch();
}

fn say(core: &mut Core, peer: &Peer, payload: &Value) {
    let compress = core.hub.session_of(peer.line).is_some_and(|(_, session)| session.compress);
    core.hub.send(peer.line, Outgoing::Payload { text: payload.to_string(), compress });
}

fn heartbeat(core: &mut Core, peer: &mut Peer, open_ms: u64) {
    peer.heartbeat_ms = open_ms;
    if !core.faults.gateway.zombie {
        say(core, peer, &json!({"op": 11, "d": null, "s": null, "t": null}));
    }
}

/// Whether the token is the bot's. Gateway tokens come with and without the prefix.
fn is_token(core: &Core, data: &Value) -> bool {
    let token = data["token"].as_str().unwrap_or_default();
    !core.token_revoked && token.strip_prefix("Bot ").unwrap_or(token) == core.token
}

fn identify(core: &mut Core, peer: &Peer, data: &Value) {
    if core.hub.session_of(peer.line).is_some() {
        return close(core, peer, 4005, "Already authenticated.");
    }
    if !is_token(core, data) {
        return close(core, peer, 4004, "Authentication failed.");
    }
    let now = core.now_ms();
    core.hub.identifies += 1;
    if Core::recent(&mut core.hub.identifies_ms, now, limits::DAY_MS) >= core.settings.identifies_a_day {
        // events/gateway, "Identifying": the token is reset, and the owner gets a mail.
        core.token_revoked = true;
        return close(core, peer, 4004, "Authentication failed.");
    }
    core.hub.identifies_ms.push_back(now);
    let interval = std::time::Duration::from_millis(core.settings.identify_interval_ms);
    let before = core.hub.identified.replace(std::time::Instant::now());
    if before.is_some_and(|before| before.elapsed() < interval) {
        // events/gateway, "Sharding": above `max_concurrency` in 5 seconds.
        return say(core, peer, &json!({"op": 9, "d": false, "s": null, "t": null}));
    }
    let Some(intents) = data["intents"].as_u64().filter(|bits| bits & !intents::KNOWN == 0) else {
        return close(core, peer, 4013, "Invalid intent(s).");
    };
    if intents & intents::PRIVILEGED & !core.places.application.privileged_intents != 0 {
        return close(core, peer, 4014, "Disallowed intent(s).");
    }
    let Some(shard) = read_shard(&data["shard"]) else {
        return close(core, peer, 4010, "Invalid shard.");
    };
    // events/gateway, "Sharding": one session holds 2,500 guilds at most.
    if core.places.guilds.len() > core.settings.guilds_a_shard.saturating_mul(shard.1 as usize) {
        return close(core, peer, 4011, "Sharding required.");
    }
    let compress = core.settings.compress && data["compress"] == true;
    ready(core, peer, intents, shard, compress);
}

fn read_shard(shard: &Value) -> Option<(u64, u64)> {
    if shard.is_null() {
        return Some((0, 1));
    }
    let (number, count) = (shard[0].as_u64()?, shard[1].as_u64()?);
    (number < count && count <= 16_384).then_some((number, count))
}

fn ready(core: &mut Core, peer: &Peer, intents: u64, shard: (u64, u64), compress: bool) {
    let id = crate::token::opaque();
    core.hub.start(id.clone(), peer.line, intents, shard, compress);
    let bot = core.places.bot();
    let own: Vec<_> = core
        .places
        .guilds
        .values()
        .filter(|guild| guild.members.contains_key(&bot))
        .map(|guild| guild.id)
        .filter(|guild| core.hub.sessions[&id].sees(Some(*guild)))
        .collect();
    let guilds: Vec<_> = own.iter().map(|guild| json!({"id": guild, "unavailable": true})).collect();
    let data = json!({
        "v": 10, "user": core.places.user_json(bot), "guilds": guilds, "session_id": id,
        "resume_gateway_url": core.gateway_url, "shard": [shard.0, shard.1],
        "application": {"id": core.places.application.id, "flags": 0},
        "private_channels": [], "session_type": "normal", "_trace": ["sandbox"],
    });
    core.hub.dispatch(&id, "READY", &data);
    for guild in own {
        events::guild_created(core, guild);
    }
}

fn resume(core: &mut Core, peer: &Peer, data: &Value) {
    if !is_token(core, data) {
        return close(core, peer, 4004, "Authentication failed.");
    }
    core.hub.resumes += 1;
    let id = data["session_id"].as_str().unwrap_or_default().to_owned();
    let sequence = data["seq"].as_u64().unwrap_or(0);
    if core.hub.sessions.get(&id).is_some_and(|session| sequence > session.sequence) {
        return close(core, peer, 4007, "Invalid seq.");
    }
    if core.faults.gateway.refuse_resume || !core.hub.resume(&id, peer.line, sequence) {
        core.hub.forget(&id);
        return say(core, peer, &json!({"op": 9, "d": false, "s": null, "t": null}));
    }
    core.hub.dispatch(&id, "RESUMED", &json!({"_trace": ["sandbox"]}));
}

/// events/gateway-events, "Request Guild Members".
fn request_members(core: &mut Core, peer: &Peer, data: &Value) {
    let guild = crate::id::Id::of(&data["guild_id"]).and_then(|id| core.places.guilds.get(&id));
    let Some(guild) = guild else { return };
    let query = data["query"].as_str().unwrap_or_default().to_lowercase();
    let wanted: Vec<_> =
        data["user_ids"].as_array().into_iter().flatten().filter_map(crate::id::Id::of).collect();
    let fits = |id: &crate::id::Id| {
        let name = core.places.users.get(id).map(|user| user.name.to_lowercase()).unwrap_or_default();
        if wanted.is_empty() { name.starts_with(&query) } else { wanted.contains(id) }
    };
    let limit = data["limit"].as_u64().filter(|limit| *limit > 0).map_or(usize::MAX, |limit| limit as usize);
    let members: Vec<_> = guild
        .members
        .values()
        .filter(|member| fits(&member.user))
        .take(limit)
        .map(|member| member.to_json(&core.places))
        .collect();
    let missing: Vec<_> = wanted.iter().filter(|id| !guild.members.contains_key(id)).collect();
    let mut chunk = json!({
        "guild_id": guild.id, "members": members, "chunk_index": 0, "chunk_count": 1, "not_found": missing,
    });
    if let Some(nonce) = data["nonce"].as_str().filter(|nonce| !nonce.is_empty()) {
        chunk["nonce"] = json!(nonce);
    }
    let session = core.hub.session_of(peer.line).map(|(id, _)| id.clone());
    if let Some(session) = session {
        core.hub.dispatch(&session, "GUILD_MEMBERS_CHUNK", &chunk);
    }
}
