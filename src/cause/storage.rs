//! Where mail is kept and read.

use super::{Cause, Entry};

const NOT_TAKEN: &str =
    "New mail does not arrive and mail cannot be sent. What others send waits and comes later.";
const NOT_READ: &str = "Mail cannot be read. New mail is kept and appears later.";
const SLOW: &str = "Opening mail is slow, and new mail appears late.";
const WAIT: &str =
    "Do not send again: waiting mail is delivered by itself. Keep your account; your outbox is kept.";
const KEEP: &str =
    "Keep your account: removing and adding it again can lose mail that is only on the device.";

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::StorageFull,
        meaning: "A disk of the mail system is full, or its free space is below the limit at which mail is refused (452 4.3.1).",
        users: NOT_TAKEN,
        what_to_do: &[
            "df -h and df -i on the queue, mailbox and log file systems.",
            "Free space from logs and old snapshots first; then enlarge the volume.",
            "Afterwards look at what filled it: one mailbox, a loop, a log.",
        ],
        never: &[
            "Never delete files in the queue folder by hand.",
            "Never delete users' mail in order to make room.",
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::StorageFault,
        meaning: "A file of the queue or a mailbox cannot be written or read: permissions, a read-only file system or a disk fault.",
        users: NOT_TAKEN,
        what_to_do: &[
            "Read the kernel's log for disk and file-system errors; look at whether the mount is read-only.",
            "Check owner and permissions of the folder that the log names (postfix set-permissions).",
        ],
        never: &["Never run a file-system repair on a failing disk before there is an image of it."],
        advice: WAIT,
    },
    Entry {
        cause: Cause::StorageOverload,
        meaning: "The mailbox storage answers slowly: disk latency, a rebuild, a backup run, or too much on one volume.",
        users: SLOW,
        what_to_do: &[
            "Look at disk latency and what causes it; pause backup, index and scan jobs.",
            "Spread mailboxes over volumes once it is calm.",
        ],
        never: &["Never start a mass index rebuild now."],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MailboxServerDown,
        meaning: "The mailbox server (Dovecot, Cyrus, Exchange store) does not run: neither reading, login nor delivery works.",
        users: "Mail cannot be read, and often not sent. What others send waits and comes later.",
        what_to_do: &[
            "Read why it stopped, check its configuration, and start it.",
            "Then watch the queue drain by itself.",
        ],
        never: &["Never bounce or delete the queue that has built up."],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ImapDown,
        meaning: "IMAP does not answer, while sending and receiving do.",
        users: NOT_READ,
        what_to_do: &[
            "Look at the state and limits of the IMAP service and its login processes.",
            "Offer webmail, if that does not use the same service.",
        ],
        never: &[],
        advice: KEEP,
    },
    Entry {
        cause: Cause::Pop3Down,
        meaning: "POP3 does not answer, while sending and receiving do.",
        users: "Programs that collect mail from the mailbox get none. Nothing is lost.",
        what_to_do: &["Look at the state and limits of the POP3 service; offer IMAP or webmail meanwhile."],
        never: &[],
        advice: KEEP,
    },
    Entry {
        cause: Cause::MailboxCorrupt,
        meaning: "A mailbox or its index is damaged: login works, opening folders fails.",
        users: "Some folders do not open or look empty. The mail is most likely still there.",
        what_to_do: &[
            "Copy the mailbox's files first, then rebuild its index (doveadm force-resync, reconstruct).",
            "Look at the storage below it: one mailbox or many?",
        ],
        never: &["Never repair without a copy."],
        advice: "Do not delete or move anything, and keep your account: a phone that synchronises now can remove mail.",
    },
    Entry {
        cause: Cause::MailboxFull,
        meaning: "One mailbox is over its quota; the service itself is healthy.",
        users: "One mailbox takes no new mail until something is deleted.",
        what_to_do: &[
            "Look at the account's quota; enlarge it or ask its owner to delete.",
            "If it is a shared mailbox: find who feeds it.",
        ],
        never: &["Never delete a user's mail without being asked."],
        advice: "Delete or archive large messages and empty the bin. Ask senders to send again what came back.",
    },
];
