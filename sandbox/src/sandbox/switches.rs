//! Faults, and what an administrator does behind the bot's back.

use super::Sandbox;
use crate::core::Core;
use crate::faults::{Delivery, GatewayFaults, RestFault, Welcome};
use crate::gateway::{Outgoing, events};
use crate::id::Id;
use crate::permissions::Permissions;
use crate::rates::RateLimits;
use crate::user::{ChannelHandle, MemberHandle};

/// Faults.
impl Sandbox {
    /// Switches a fault of the REST side on.
    pub fn fault(&self, fault: RestFault) {
        self.with(|core| core.faults.rest.push(fault));
    }

    /// Switches all faults off; connections that were hurt stay as they are.
    pub fn heal(&self) {
        self.with(|core| {
            core.faults.heal();
            core.release_held(false);
        });
    }

    /// Changes what the gateway does wrong.
    pub fn gateway_faults(&self, change: impl FnOnce(&mut GatewayFaults)) {
        self.with(|core| change(&mut core.faults.gateway));
    }

    /// Meets new gateway connections like this.
    pub fn welcome(&self, welcome: Welcome) {
        self.gateway_faults(|faults| faults.welcome = welcome);
    }

    /// Delivers interactions like this from now on.
    pub fn deliver(&self, delivery: Delivery) {
        self.gateway_faults(|faults| faults.interactions = delivery);
    }

    /// Delivers what was held, in order or the last first.
    pub fn release(&self, reversed: bool) {
        self.with(|core| core.release_held(reversed));
    }

    /// Delivers an interaction again.
    pub fn deliver_again(&self, interaction: Id) {
        self.with(|core| events::deliver(core, interaction));
    }

    /// Closes every gateway connection without a word; `false` when none was open.
    pub fn drop_gateway(&self) -> bool {
        self.with(|core| core.hub.send_all(&Outgoing::Drop) > 0)
    }

    /// Resets every gateway connection.
    pub fn reset_gateway(&self) -> bool {
        self.with(|core| core.hub.send_all(&Outgoing::Reset) > 0)
    }

    /// Closes every gateway connection with a code.
    pub fn close_gateway(&self, code: u16) -> bool {
        self.with(|core| core.hub.send_all(&Outgoing::Close(code, "The sandbox was told to.")) > 0)
    }

    /// Asks the bot to reconnect (op 7).
    pub fn ask_reconnect(&self) {
        self.with(|core| core.ask_reconnect());
    }

    /// Tells the bot that its session is invalid (op 9).
    pub fn invalidate_session(&self, resumable: bool) {
        self.with(|core| core.invalidate_session(resumable));
    }

    /// Forgets all sessions, as a restart of Discord does: resumes are refused.
    pub fn forget_sessions(&self) {
        self.with(|core| core.hub.sessions.clear());
    }

    /// Revokes the bot's token: 401 and 4004 from now on.
    pub fn revoke_token(&self) {
        self.with(|core| core.token_revoked = true);
    }

    /// Makes the token good again.
    pub fn restore_token(&self) {
        self.with(|core| core.token_revoked = false);
    }

    /// Deletes a channel as an administrator would; the gateway tells.
    pub fn delete_channel(&self, channel: &ChannelHandle) {
        self.with(|core| core.remove_channel(channel.id()));
    }

    /// Deletes a webhook as an administrator would; the gateway tells.
    pub fn delete_webhook(&self, webhook: Id) {
        self.with(|core| core.remove_webhook(webhook));
    }

    /// Remembers nonces for so many milliseconds of the sandbox's clock from now on.
    pub fn set_nonce_window_ms(&self, millis: u64) {
        self.with(|core| core.settings.nonce_window_ms = millis);
    }

    /// Holds these rate limits from now on.
    pub fn set_rate_limits(&self, rates: RateLimits) {
        self.with(|core| core.settings.rate_limits = rates);
    }

    /// Deletes a message as a moderator would; the gateway tells.
    pub fn delete_message(&self, message: Id) {
        self.with(|core| core.remove_message(message));
    }

    /// Takes permissions from the bot in one channel, or gives them back; the gateway tells.
    pub fn set_bot_overwrite(&self, channel: &ChannelHandle, allow: Permissions, deny: Permissions) {
        self.with(|core| core.set_bot_overwrite(channel.id(), allow, deny));
    }

    /// Gives a member exactly these roles; the gateway tells those who asked for it.
    pub fn set_roles(&self, member: &MemberHandle, roles: &[&str]) {
        self.with(|core| core.set_roles(member.id(), roles));
    }

    /// Somebody new comes into the guild; the gateway tells those who asked for it.
    #[must_use]
    pub fn joins(&self, name: &str, roles: &[&str]) -> MemberHandle {
        let user = self.with(|core| core.join(name, roles));
        MemberHandle { shared: self.shared.clone(), user }
    }

    /// Somebody leaves the guild; the gateway tells those who asked for it.
    pub fn leaves(&self, member: &MemberHandle) {
        self.with(|core| core.part(member.id()));
    }

    /// Somebody adds the bot to a guild of their own; gives the guild. The gateway tells.
    #[must_use]
    pub fn invite_bot(&self, guild: &str) -> Id {
        self.with(|core| core.invite_bot(guild))
    }

    /// An administrator allows or forbids a command to a role or a member by name, whatever its default permissions
    /// say; a bot must check in its handler. The gateway tells.
    pub fn decide_command(&self, command: &str, who: &str, allowed: bool) {
        self.with(|core| core.decide_command(command, who, allowed));
    }

    /// Throws the bot out of its guild.
    pub fn kick_bot(&self) {
        let guild = self.guild_id();
        self.with(|core| core.leave_guild(guild));
    }

    fn with<T>(&self, change: impl FnOnce(&mut Core) -> T) -> T {
        let mut core = self.shared.lock();
        let changed = change(&mut core);
        core.touch();
        changed
    }
}
