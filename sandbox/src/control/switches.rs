//! Faults, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::catalogue;
use crate::core::Core;
use crate::faults::{Faults, GatewayFaults, RestFault};
use crate::gateway::Outgoing;
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rest::Edge;

pub(super) fn routes() -> Router<Edge> {
    Router::new()
        .route("/faults", delete(heal).get(show))
        .route("/faults/rest", post(rest))
        .route("/faults/gateway", post(gateway))
        .route("/faults/now", post(now))
        .route("/switches", get(|| async { Json(catalogue::all()) }))
}

async fn show(State(edge): State<Edge>) -> Json<Faults> {
    Json(edge.shared.lock().faults.clone())
}

async fn heal(State(edge): State<Edge>) -> StatusCode {
    let mut core = edge.shared.lock();
    core.faults.heal();
    core.token_revoked = false;
    core.release_held(false);
    core.touch();
    StatusCode::NO_CONTENT
}

async fn rest(State(edge): State<Edge>, Json(fault): Json<RestFault>) -> StatusCode {
    let mut core = edge.shared.lock();
    core.faults.rest.push(fault);
    core.touch();
    StatusCode::NO_CONTENT
}

async fn gateway(State(edge): State<Edge>, Json(faults): Json<GatewayFaults>) -> StatusCode {
    let mut core = edge.shared.lock();
    core.faults.gateway = faults;
    core.touch();
    StatusCode::NO_CONTENT
}

/// Something that happens once.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
enum Once {
    DropGateway,
    ResetGateway,
    CloseGateway {
        code: u16,
    },
    AskReconnect,
    InvalidateSession {
        resumable: bool,
    },
    ForgetSessions,
    RevokeToken,
    RestoreToken,
    Release {
        reversed: bool,
    },
    DeliverAgain {
        interaction: Id,
    },
    DeleteChannel {
        channel: Id,
    },
    DeleteMessage {
        message: Id,
    },
    DeleteWebhook {
        webhook: Id,
    },
    KickBot {
        guild: Id,
    },
    InviteBot {
        name: String,
    },
    HideChannel {
        channel: Id,
    },
    ShowChannel {
        channel: Id,
    },
    /// Takes permissions, as Discord's bit set in a text, from the bot in one channel.
    Forbid {
        channel: Id,
        permissions: String,
    },
    DeleteWebhooks {
        channel: Id,
    },
    DeliverLastAgain,
    NonceWindow {
        millis: u64,
    },
    SetRoles {
        member: String,
        roles: Vec<String>,
    },
    Joins {
        name: String,
        roles: Vec<String>,
    },
    Leaves {
        member: String,
    },
    DecideCommand {
        command: String,
        who: String,
        allowed: bool,
    },
}

async fn now(State(edge): State<Edge>, Json(once): Json<Once>) -> StatusCode {
    let mut core = edge.shared.lock();
    carry_out(&mut core, &once);
    core.touch();
    StatusCode::NO_CONTENT
}

fn carry_out(core: &mut Core, once: &Once) {
    match once {
        Once::DropGateway => drop(core.hub.send_all(&Outgoing::Drop)),
        Once::ResetGateway => drop(core.hub.send_all(&Outgoing::Reset)),
        Once::CloseGateway { code } => {
            core.hub.send_all(&Outgoing::Close(*code, "The sandbox was told to."));
        }
        Once::AskReconnect => core.ask_reconnect(),
        Once::InvalidateSession { resumable } => core.invalidate_session(*resumable),
        Once::ForgetSessions => core.hub.sessions.clear(),
        Once::RevokeToken => core.token_revoked = true,
        Once::RestoreToken => core.token_revoked = false,
        Once::Release { reversed } => core.release_held(*reversed),
        Once::DeliverAgain { interaction } => crate::gateway::events::deliver(core, *interaction),
        Once::DeleteChannel { channel } => core.remove_channel(*channel),
        Once::DeleteMessage { message } => core.remove_message(*message),
        Once::DeleteWebhook { webhook } => core.remove_webhook(*webhook),
        Once::KickBot { guild } => core.leave_guild(*guild),
        Once::InviteBot { name } => {
            core.invite_bot(name);
        }
        Once::HideChannel { channel } => {
            core.set_bot_overwrite(*channel, Permissions::NONE, Permissions::VIEW_CHANNEL);
        }
        Once::ShowChannel { channel } => {
            core.set_bot_overwrite(*channel, Permissions::NONE, Permissions::NONE);
        }
        Once::Forbid { channel, permissions } => {
            let denied = Permissions(permissions.parse().unwrap_or_default());
            core.set_bot_overwrite(*channel, Permissions::NONE, denied);
        }
        Once::DeleteWebhooks { channel } => delete_webhooks(core, *channel),
        Once::DeliverLastAgain => {
            if let Some(last) = core.interactions.keys().next_back().copied() {
                crate::gateway::events::deliver(core, last);
            }
        }
        Once::NonceWindow { millis } => core.settings.nonce_window_ms = *millis,
        Once::SetRoles { .. } | Once::Joins { .. } | Once::Leaves { .. } | Once::DecideCommand { .. } => {
            people(core, once);
        }
    }
}

fn delete_webhooks(core: &mut Core, channel: Id) {
    let guilds = core.places.guilds.values();
    let of_channel = |webhook: &&crate::world::Webhook| webhook.channel == channel;
    let ids: Vec<_> = guilds
        .flat_map(|guild| guild.webhooks.values().filter(of_channel))
        .map(|webhook| webhook.id)
        .collect();
    for id in ids {
        core.remove_webhook(id);
    }
}

/// What happens to members.
fn people(core: &mut Core, once: &Once) {
    fn names(roles: &[String]) -> Vec<&str> {
        roles.iter().map(String::as_str).collect()
    }
    match once {
        Once::SetRoles { member, roles } => {
            if let Ok(user) = core.user_named(member) {
                core.set_roles(user, &names(roles));
            }
        }
        Once::Joins { name, roles } => {
            core.join(name, &names(roles));
        }
        Once::Leaves { member } => {
            if let Ok(user) = core.user_named(member) {
                core.part(user);
            }
        }
        Once::DecideCommand { command, who, allowed } => core.decide_command(command, who, *allowed),
        _ => {}
    }
}
