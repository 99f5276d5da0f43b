//! The concepts that the rules speak of: one idea, the phrases in which servers say it.

use crate::explain::pattern::{Concepts, Pattern};

const CONCEPTS: &[(&str, &[&str])] = &[
    // Somebody or something that receives mail.
    (
        "recipient",
        &[
            "user|users|username|userid|recipient|recipients|recip|mailbox|mailboxes|address|addresses|account|addressee",
            "alias|customer|member|subscriber|inbox|maildrop|rcpt|destinatario|destinataire|utilisateur|benutzer",
            "mail box",
            "email id",
            "local part",
            "envelope to",
            "to address",
        ],
    ),
    // It is not there.
    (
        "absent",
        &[
            "unknown|nonexistent|nonexistant|inexistent|unrecognized|unrecognised|unregistered|undeliverable|inconnu|unbekannt",
            "invalid|inexistant|desconocido",
            "does|do|did|is|are|was|has|could|can|will not exist|exists|found|known|valid|recognized|registered|listed|locate|located",
            "does|is|are|was|has|could|can not be|a|an|been|here|to|currently found|valid|known|located|recognized|resolved",
            "not found|known|exist|exists|valid|recognized|registered|available|listed|present",
            "no longer exists|valid|available|active|here|on|accepts|with",
            "is|was|are|been undeliverable|unavailable",
            "non existent|existant|existing",
            "no such",
        ],
    ),
    (
        "cannot",
        &["unable|failed to", "unable", "can|could|did not", "not able to", "not possible to", "failed"],
    ),
    (
        "no_such",
        &[
            "no such",
            "unknown",
            "invalid",
            "nonexistent|nonexistant",
            "unrecognized",
            "no valid",
            "non existent",
            "not a valid|known",
        ],
    ),
    (
        "full",
        &[
            "full",
            "overquota",
            "over quota|limit",
            "over its|the|his|her|their quota|limit",
            "exceed*",
            "is over",
            "out of space|storage|quota",
        ],
    ),
    ("message", &["message|messages|mail|mails|email|emails|msg|letter|attachment|content|body|data"]),
    (
        "too_big",
        &[
            "too big|large",
            "oversize*",
            "larger than",
            "size exceed*|limit|too",
            "exceed* ~ size",
            "exceed* ~ message|attachment limit|size",
            "bigger than",
        ],
    ),
    (
        "refused",
        &[
            "rejected|refused|denied|blocked|prohibited|forbidden|banned|disallowed|declined|barred|rejecting|refusing|bounced",
            "not allowed|accepted|permitted|welcome|authorized|authorised|acceptable",
            "not be accepted|allowed|delivered",
            "reject|refuse|deny|block",
        ],
    ),
    (
        "listed",
        &[
            "blacklist*|blocklist*|blocklisted|rbl|dnsbl|dnsbls|surbl|uribl|sbl|xbl|pbl|rbls",
            "black|block|deny listed|list|lists|listing",
            "spamhaus|spamcop|sorbs|barracudacentral|uceprotect|abuseat|senderbase|njabl|mailspike",
            "real time block*|black*",
        ],
    ),
    // The machine that sends.
    (
        "sending_host",
        &[
            "client host|ip|address|server",
            "sending ip|host|server|mta|address",
            "your ip|ipv4|ipv6|server|host|mailserver|network|mta|provider|isp|hostname",
            "your mail server",
            "ip address",
            "source|originating|connecting|sender|sending|remote|relay ip|host",
            "connection from",
            "connections from",
            "mail|email|messages from your|this|the|@ip|@host",
            "smtp client",
            "client @ip|@host",
            "ip @ip",
            "mails from",
        ],
    ),
    (
        "switched_off",
        &[
            "disabled|suspended|inactive|deactivated|locked|closed|frozen|terminated|cancelled|canceled|discontinued|dormant|expired",
            "not active|enabled|activated",
            "on hold",
            "temporarily disabled|suspended|locked|blocked|inactive",
            "been disabled|suspended|deactivated|closed|locked|terminated",
        ],
    ),
    (
        "sender",
        &[
            "sender|senders|originator",
            "mail from",
            "from address|header|domain|field",
            "return path",
            "envelope from|sender",
            "reverse path",
        ],
    ),
    (
        "spam",
        &[
            "spam|ube|uce|junk|unsolicited|unwanted|phish*|spamming|advertising|advertisement",
            "bulk mail|email",
        ],
    ),
    (
        "virus",
        &[
            "virus|viruses|malware|trojan|worm|infected|eicar|ransomware",
            "malicious code|software|file|attachment",
        ],
    ),
    (
        "failed",
        &[
            "fail|fails|failed|failure|failing|unsuccessful|error|invalid|denied|rejected|missing|bad",
            "does not",
            "did not",
            "not pass|passed|validate|verify|align",
        ],
    ),
    ("mail_authentication", &["dmarc|dkim|spf|domainkeys|spf2|arc"]),
    (
        "reverse_name",
        &[
            "ptr|rdns|fcrdns|reversedns",
            "reverse dns|name|hostname|lookup|mapping|record|host|address|ip|resolution",
        ],
    ),
    (
        "disk",
        &[
            "disk|filesystem|spool|device|storage|partition",
            "file system",
            "disk space",
            "system storage",
            "system space",
        ],
    ),
    (
        "time_up",
        &[
            "giving|gave up",
            "not going to try again",
            "too long",
            "expired",
            "timeout exceeded",
            "no longer be retried",
        ],
    ),
    ("connect", &["connect|connecting|connection|connections|reach|contact|communicating|communicate"]),
];

/// The concepts, ready to use.
pub(super) fn all() -> Concepts {
    CONCEPTS
        .iter()
        .map(|(name, phrases)| (*name, phrases.iter().map(|phrase| Pattern::new(phrase)).collect()))
        .collect()
}
