//! What mailbox servers say to mail programs: the response codes of IMAP (RFC 5530, RFC 9208) and POP3 (RFC 2449, 3206).

use super::{Rule, says};
use crate::{
    cause::Cause,
    explain::reason::Reason::{MailboxFull, SecurityError, Speeding, Suspend, SystemError, TooManyConn},
};

pub(super) const RULES: &[Rule] = &[
    says(SecurityError, 14, "[authenticationfailed]|[auth]").because(Cause::LoginRefused),
    says(Suspend, 14, "[authorizationfailed]|[expired]|[contactadmin]"),
    says(SecurityError, 14, "[privacyrequired]"),
    says(SystemError, 14, "[unavailable]|[sys/temp]").because(Cause::LoginBackendDown),
    says(SystemError, 14, "[serverbug]").because(Cause::ServerFault),
    says(SystemError, 14, "[corruption]|[sys/perm]").because(Cause::MailboxCorrupt),
    says(TooManyConn, 14, "[limit]|[in-use]|[inuse]"),
    says(Speeding, 14, "[login-delay]"),
    says(MailboxFull, 14, "[overquota]"),
];
