//! One address, one message or one device: the service itself may be healthy.

use super::{Cause, Entry};

const ONE_BACK: &str = "One message comes back; other mail works.";
const CHANGE_IT: &str = "Sending it unchanged again does not help.";

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::AddressUnknown,
        meaning: "The recipient's address does not exist there.",
        users: "Mail to one address comes back.",
        what_to_do: &[
            "Compare the address letter by letter; ask the recipient.",
            "One of ours: look in the directory. If many of ours are unknown, the directory is broken.",
        ],
        never: &[],
        advice: "Check the address. Sending to the same address again does not help.",
    },
    Entry {
        cause: Cause::AddressMoved,
        meaning: "The recipient has another address now, and mail is not forwarded.",
        users: "Mail to one address comes back.",
        what_to_do: &["Ask the recipient for the new address; correct lists that hold the old one."],
        never: &[],
        advice: "Ask for the new address. Sending to the old one again does not help.",
    },
    Entry {
        cause: Cause::AccountSuspended,
        meaning: "The recipient's account exists and is switched off.",
        users: "Mail to one address comes back.",
        what_to_do: &[
            "Ask the recipient by another way; one of ours: look at why the account is locked or unpaid.",
        ],
        never: &[],
        advice: "Reach the recipient by another way.",
    },
    Entry {
        cause: Cause::RecipientFilter,
        meaning: "The recipient's own filter or settings refuse the message, for this recipient only.",
        users: "Mail to one address comes back.",
        what_to_do: &["Ask the recipient by another way to allow the sender."],
        never: &[],
        advice: "Ask the recipient to allow your address. Sending again before that does not help.",
    },
    Entry {
        cause: Cause::RecipientLimit,
        meaning: "A limit of the recipient's account or of the message is exceeded: number of recipients, size for that account.",
        users: ONE_BACK,
        what_to_do: &["Send to fewer recipients or in smaller parts; look at the limits of both sides."],
        never: &[],
        advice: "Send it in smaller parts or to fewer recipients at once.",
    },
    Entry {
        cause: Cause::MessageTooBig,
        meaning: "The message is larger than a server on the way allows.",
        users: ONE_BACK,
        what_to_do: &[
            "Compare the size with the SIZE that the server offers; attachments grow by a third on the way.",
        ],
        never: &[],
        advice: "Share the file by a link, or send it in parts. Sending it unchanged again does not help.",
    },
    Entry {
        cause: Cause::MessageMalformed,
        meaning: "The message or a command breaks a mail standard: headers, line length, encoding.",
        users: ONE_BACK,
        what_to_do: &[
            "Read which header or line the reply names; correct the program that made the message.",
        ],
        never: &[],
        advice: CHANGE_IT,
    },
    Entry {
        cause: Cause::MessageJudgedSpam,
        meaning: "The receiver judges the content as spam.",
        users: ONE_BACK,
        what_to_do: &[
            "Look at links, attachments and signature in the message; test with a plain one.",
            "If many messages are judged so: look for a hacked account and at block lists.",
        ],
        never: &["Never send it again with small changes until it passes."],
        advice: "Send a short plain message without links, or telephone.",
    },
    Entry {
        cause: Cause::MessageJudgedMalware,
        meaning: "The receiver found malware, or a forbidden kind of attachment.",
        users: ONE_BACK,
        what_to_do: &[
            "Treat the sender's device as infected until it is examined.",
            "A forbidden kind of file: share it by a link.",
        ],
        never: &["Never pack it with a password in order to get it through."],
        advice: "Open no attachment of that message, and send it to nobody.",
    },
    Entry {
        cause: Cause::ClientSettings,
        meaning: "One device or program has wrong settings; others work.",
        users: "One device cannot send or read.",
        what_to_do: &["Compare with the organisation's settings page; try webmail with the same account."],
        never: &["Never delete the account on the device before its unsent and local mail is saved."],
        advice: "Use webmail meanwhile; keep the account on the device, its unsent mail is there.",
    },
    Entry {
        cause: Cause::ClientNetwork,
        meaning: "The network that the user is in blocks mail ports or is down; others work.",
        users: "Mail does not work in one place and works in others.",
        what_to_do: &[
            "Ask the user to try another network (phone data); guest networks often block port 25 and more.",
        ],
        never: &[],
        advice: "Try another network or webmail. Keep your account.",
    },
];
