//! What the receiving server says about itself.

use super::{Rule, says};
use crate::{
    cause::Cause,
    explain::reason::Reason::{MailerError, NotAccept, SyntaxError, SystemError, SystemFull, TooManyConn},
};

pub(super) const RULES: &[Rule] = &[
    says(
        SystemFull,
        10,
        "insufficient|not_enough|no|low|out_of|lack_of ~ system|disk storage|space|resources",
    ),
    says(
        SystemFull,
        10,
        "insufficient|not_enough|no|low|out_of disk|system ~ space|storage",
    ),
    says(SystemFull, 14, "no space left"),
    says(SystemFull, 10, "{disk} ~ full"),
    says(SystemFull, 9, "mail system full"),
    says(SystemFull, 9, "out of disk"),
    says(SystemFull, 8, "insufficient storage"),
    // What a list server refuses in order not to go round in circles.
    says(SystemError, 9, "duplicate|duplicated message id").because(Cause::MailLoop),
    says(SystemError, 18, "mail ~ loops back").because(Cause::MailLoop),
    says(SystemError, 9, "local configuration|delivery error|failed"),
    says(
        SystemError,
        9,
        "configuration|config|database|internal|lookup|io error|problem|failure",
    ),
    says(SystemError, 9, "input output error").because(Cause::StorageFault),
    says(SystemError, 9, "i o error").because(Cause::StorageFault),
    says(SystemError, 9, "read only file").because(Cause::StorageFault),
    says(SystemError, 9, "queue file write").because(Cause::StorageFault),
    says(SystemError, 9, "permission denied").because(Cause::StorageFault),
    says(SystemError, 8, "insufficient permission*").because(Cause::StorageFault),
    says(
        SystemError,
        9,
        "temporary|temporarily ~ lookup|database|directory ~ failure|error|failed",
    )
    .because(Cause::DirectoryBroken),
    says(
        SystemError,
        10,
        "ldap|mysql|pgsql|sql|database|directory|hash ~ {failed}",
    )
    .because(Cause::DirectoryBroken),
    says(
        SystemError,
        10,
        "{cannot} ~ {connect} ~ ldap|database|directory|sql",
    )
    .because(Cause::DirectoryBroken),
    says(SystemError, 10, "user|recipient lookup ~ {failed}").because(Cause::DirectoryBroken),
    says(
        SystemError,
        9,
        "{cannot} ~ open|create|write|lock|access ~ file|mailbox|maildir|directory|output",
    )
    .because(Cause::StorageFault),
    says(SystemError, 9, "internal server|system|software error"),
    says(SystemError, 9, "system error|failure|fault|problem|busy"),
    says(SystemError, 8, "server error|fault|problem|failure"),
    says(SystemError, 8, "local error|problem ~ processing"),
    says(SystemError, 8, "error in processing"),
    says(SystemError, 8, "technical problem|difficulties|reasons"),
    says(
        SystemError,
        8,
        "{cannot} ~ {connect} ~ content|spam|virus|filter|scanner",
    )
    .because(Cause::FilterDown),
    says(
        SystemError,
        9,
        "milter|filter|clamav|clamd|rspamd|spamd|amavis|scanner ~ {failed}",
    )
    .because(Cause::FilterDown),
    says(SystemError, 8, "service|server|system|host ~ unavailable"),
    says(SystemError, 7, "service ~ not available").because(Cause::Maintenance),
    says(SystemError, 7, "shutting down").because(Cause::Maintenance),
    says(SystemError, 7, "system maintenance").because(Cause::Maintenance),
    says(SystemError, 8, "server ~ maintenance").because(Cause::Maintenance),
    says(SystemError, 7, "not accepting ~ network messages").because(Cause::Maintenance),
    says(SystemError, 7, "resources ~ unavailable"),
    says(SystemError, 7, "insufficient|out_of ~ memory|resources").because(Cause::ServerOverload),
    says(SystemError, 6, "timeout|timed_out|time_out waiting"),
    says(
        SystemError,
        6,
        "temporary|temporarily ~ failure|error|problem|unavailable",
    ),
    says(SystemError, 6, "requested action aborted"),
    says(SystemError, 5, "try ~ again|later"),
    says(SystemError, 6, "load|loadavg too high").because(Cause::ServerOverload),
    says(SystemError, 8, "overload*|overloaded").because(Cause::ServerOverload),
    says(SystemError, 9, "server|system ~ too busy").because(Cause::ServerOverload),
    says(MailerError, 10, "mailer error"),
    says(MailerError, 10, "command died|failed|failure|exited"),
    says(MailerError, 10, "died with status|signal"),
    says(MailerError, 11, "program|command|agent exited|died|returned"),
    says(MailerError, 9, "child process ~ returned|exited|failed"),
    says(MailerError, 9, "returned ~ from command"),
    says(MailerError, 9, "exit code|status"),
    says(MailerError, 9, "command ~ exited|returned|output"),
    says(
        MailerError,
        9,
        "procmail|maildrop|pipe|mda|deliver|program ~ {failed}",
    ),
    says(MailerError, 9, "error ~ returned|running ~ program|command"),
    says(MailerError, 9, "local delivery agent|program|command"),
    says(MailerError, 9, "local delivery ~ failed"),
    says(MailerError, 6, "pipe|piped to"),
    says(MailerError, 8, "user defined|supplied ~ filter|command"),
    says(
        TooManyConn,
        10,
        "too many ~ connection|connections|sessions|connects|simultaneous|concurrent",
    ),
    says(
        TooManyConn,
        10,
        "connection|connections|session|sessions ~ limit|maximum|exceed*|rate|count",
    ),
    says(
        TooManyConn,
        13,
        "connection|connections|session|sessions rate|count|number ~ limit|exceed*|too",
    ),
    says(TooManyConn, 9, "maximum|max ~ connections|sessions"),
    says(TooManyConn, 9, "concurrent|simultaneous connections|sessions"),
    says(TooManyConn, 8, "all server ports busy"),
    says(TooManyConn, 8, "too many processes|threads").because(Cause::ServerOverload),
    says(NotAccept, 14, "null mx"),
    says(NotAccept, 14, "nullmx"),
    says(
        NotAccept,
        10,
        "host|domain|server|system|site|we|machine ~ not accept|receive|handle|take|accepting ~ mail|email|mails|smtp",
    ),
    says(NotAccept, 10, "no smtp|mail service"),
    says(NotAccept, 10, "not a mail exchanger|server|host"),
    says(
        NotAccept,
        9,
        "smtp|mail service ~ not|disabled|unavailable ~ here|available|host",
    ),
    says(NotAccept, 9, "no mail|email accepted|is accepted"),
    says(SyntaxError, 4, "protocol error"),
    says(SyntaxError, 4, "syntax error"),
    says(SyntaxError, 4, "bad|improper|wrong|invalid|out_of ~ sequence"),
    says(
        SyntaxError,
        4,
        "command ~ unrecognized|unrecognised|unknown|implemented|recognized|sequence",
    ),
    says(
        SyntaxError,
        4,
        "unrecognized|unrecognised|unknown|bad|invalid|unsupported command|parameter|parameters|argument|arguments",
    ),
    says(SyntaxError, 3, "send|need hello|helo|ehlo|rcpt|mail"),
    says(SyntaxError, 3, "not implemented"),
];
