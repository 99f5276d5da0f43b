//! Where mail is kept and read.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const NOT_TAKEN: &str =
    to_say!("New mail does not arrive and mail cannot be sent. What others send waits and comes later.");
const NOT_READ: &str = to_say!("Mail cannot be read. New mail is kept and appears later.");
const SLOW: &str = to_say!("Opening mail is slow, and new mail appears late.");
const WAIT: &str = to_say!(
    "Do not send again: waiting mail is delivered by itself. Keep your account; your outbox is kept."
);
const KEEP: &str =
    to_say!("Keep your account: removing and adding it again can lose mail that is only on the device.");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::StorageFull,
        meaning: to_say!(
            "A disk of the mail system is full, or its free space is below the limit at which mail is refused (452 4.3.1)."
        ),
        users: NOT_TAKEN,
        what_to_do: &[
            to_say!("df -h and df -i on the queue, mailbox and log file systems."),
            to_say!("Free space from logs and old snapshots first; then enlarge the volume."),
            to_say!("Afterwards look at what filled it: one mailbox, a loop, a log."),
        ],
        never: &[
            to_say!("Never delete files in the queue folder by hand."),
            to_say!("Never delete users' mail in order to make room."),
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::StorageFault,
        meaning: to_say!(
            "A file of the queue or a mailbox cannot be written or read: permissions, a read-only file system or a disk fault."
        ),
        users: NOT_TAKEN,
        what_to_do: &[
            to_say!(
                "Read the kernel's log for disk and file-system errors; look at whether the mount is read-only."
            ),
            to_say!(
                "Check owner and permissions of the folder that the log names (postfix set-permissions)."
            ),
        ],
        never: &[to_say!("Never run a file-system repair on a failing disk before there is an image of it.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::StorageOverload,
        meaning: to_say!(
            "The mailbox storage answers slowly: disk latency, a rebuild, a backup run, or too much on one volume."
        ),
        users: SLOW,
        what_to_do: &[
            to_say!("Look at disk latency and what causes it; pause backup, index and scan jobs."),
            to_say!("Spread mailboxes over volumes once it is calm."),
        ],
        never: &[to_say!("Never start a mass index rebuild now.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MailboxServerDown,
        meaning: to_say!(
            "The mailbox server (Dovecot, Cyrus, Exchange store) does not run: neither reading, login nor delivery works."
        ),
        users: to_say!("Mail cannot be read, and often not sent. What others send waits and comes later."),
        what_to_do: &[
            to_say!("Read why it stopped, check its configuration, and start it."),
            to_say!("Then watch the queue drain by itself."),
        ],
        never: &[to_say!("Never bounce or delete the queue that has built up.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ImapDown,
        meaning: to_say!("IMAP does not answer, while sending and receiving do."),
        users: NOT_READ,
        what_to_do: &[
            to_say!("Look at the state and limits of the IMAP service and its login processes."),
            to_say!("Offer webmail, if that does not use the same service."),
        ],
        never: &[],
        advice: KEEP,
    },
    Entry {
        cause: Cause::Pop3Down,
        meaning: to_say!("POP3 does not answer, while sending and receiving do."),
        users: to_say!("Programs that collect mail from the mailbox get none. Nothing is lost."),
        what_to_do: &[to_say!(
            "Look at the state and limits of the POP3 service; offer IMAP or webmail meanwhile."
        )],
        never: &[],
        advice: KEEP,
    },
    Entry {
        cause: Cause::MailboxCorrupt,
        meaning: to_say!("A mailbox or its index is damaged: login works, opening folders fails."),
        users: to_say!("Some folders do not open or look empty. The mail is most likely still there."),
        what_to_do: &[
            to_say!(
                "Copy the mailbox's files first, then rebuild its index (doveadm force-resync, reconstruct)."
            ),
            to_say!("Look at the storage below it: one mailbox or many?"),
        ],
        never: &[to_say!("Never repair without a copy.")],
        advice: to_say!(
            "Do not delete or move anything, and keep your account: a phone that synchronises now can remove mail."
        ),
    },
    Entry {
        cause: Cause::MailboxFull,
        meaning: to_say!("One mailbox is over its quota; the service itself is healthy."),
        users: to_say!("One mailbox takes no new mail until something is deleted."),
        what_to_do: &[
            to_say!("Look at the account's quota; enlarge it or ask its owner to delete."),
            to_say!("If it is a shared mailbox: find who feeds it."),
        ],
        never: &[to_say!("Never delete a user's mail without being asked.")],
        advice: to_say!(
            "Delete or archive large messages and empty the bin. Ask senders to send again what came back."
        ),
    },
];
