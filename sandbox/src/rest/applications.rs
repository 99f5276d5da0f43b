//! The bot itself: its user, its application, the gateway's address.

use serde_json::{Value, json};

use super::{Answer, Call, Reply, Route, route};
use crate::core::Core;
use crate::error::{ApiError, UNKNOWN_USER};
use crate::rules::limits;

pub(super) const ROUTES: &[Route] = &[
    Route { needs: super::Needs::Nothing, ..route("GET", "gateway", gateway) },
    route("GET", "gateway/bot", gateway_bot),
    route("GET", "users/@me", me),
    route("GET", "users/{user}", user),
    route("GET", "applications/@me", application),
    route("GET", "oauth2/applications/@me", application),
];

fn gateway(core: &mut Core, _: &Call) -> Answer {
    Ok(Reply::Ok(json!({"url": core.gateway_url})))
}

fn gateway_bot(core: &mut Core, _: &Call) -> Answer {
    let now = core.now_ms();
    let used = Core::recent(&mut core.hub.identifies_ms, now, limits::DAY_MS);
    let first = core.hub.identifies_ms.front().copied();
    let reset = first.map_or(0, |first| (first + limits::DAY_MS).saturating_sub(now));
    let total = core.settings.identifies_a_day;
    Ok(Reply::Ok(json!({
        "url": core.gateway_url, "shards": 1,
        "session_start_limit": {
            "total": total, "remaining": total.saturating_sub(used),
            "reset_after": reset, "max_concurrency": 1,
        },
    })))
}

fn me(core: &mut Core, _: &Call) -> Answer {
    let mut user = core.places.user_json(core.places.bot());
    for (name, value) in [("verified", json!(true)), ("mfa_enabled", json!(false)), ("email", Value::Null)] {
        user[name] = value;
    }
    Ok(Reply::Ok(user))
}

fn user(core: &mut Core, call: &Call) -> Answer {
    let user = core.places.users.get(&call.id("user")?);
    Ok(Reply::Ok(user.ok_or_else(|| ApiError::from(UNKNOWN_USER))?.to_json()))
}

fn application(core: &mut Core, _: &Call) -> Answer {
    let application = &core.places.application;
    let guilds =
        core.places.guilds.values().filter(|guild| guild.members.contains_key(&application.id)).count();
    Ok(Reply::Ok(json!({
        "id": application.id, "name": application.name, "icon": null, "description": "", "summary": "",
        "bot_public": false, "bot_require_code_grant": false, "verify_key": "0".repeat(64),
        "owner": core.places.user_json(application.owner), "team": null, "flags": 0,
        "bot": core.places.user_json(application.id), "approximate_guild_count": guilds,
        "approximate_user_install_count": 0, "redirect_uris": [], "interactions_endpoint_url": null,
        "role_connections_verification_url": null, "integration_types_config": {"0": {}},
    })))
}
