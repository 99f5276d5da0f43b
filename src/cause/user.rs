//! One address, one message or one device: the service itself may be healthy.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const ONE_BACK: &str = to_say!("One message comes back; other mail works.");
const CHANGE_IT: &str = to_say!("Sending it unchanged again does not help.");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::AddressUnknown,
        meaning: to_say!("The recipient's address does not exist there."),
        users: to_say!("Mail to one address comes back."),
        what_to_do: &[
            to_say!("Compare the address letter by letter; ask the recipient."),
            to_say!(
                "One of ours: look in the directory. If many of ours are unknown, the directory is broken."
            ),
        ],
        never: &[],
        advice: to_say!("Check the address. Sending to the same address again does not help."),
    },
    Entry {
        cause: Cause::AddressMoved,
        meaning: to_say!("The recipient has another address now, and mail is not forwarded."),
        users: to_say!("Mail to one address comes back."),
        what_to_do: &[to_say!("Ask the recipient for the new address; correct lists that hold the old one.")],
        never: &[],
        advice: to_say!("Ask for the new address. Sending to the old one again does not help."),
    },
    Entry {
        cause: Cause::AccountSuspended,
        meaning: to_say!("The recipient's account exists and is switched off."),
        users: to_say!("Mail to one address comes back."),
        what_to_do: &[to_say!(
            "Ask the recipient by another way; one of ours: look at why the account is locked or unpaid."
        )],
        never: &[],
        advice: to_say!("Reach the recipient by another way."),
    },
    Entry {
        cause: Cause::RecipientFilter,
        meaning: to_say!(
            "The recipient's own filter or settings refuse the message, for this recipient only."
        ),
        users: to_say!("Mail to one address comes back."),
        what_to_do: &[to_say!("Ask the recipient by another way to allow the sender.")],
        never: &[],
        advice: to_say!("Ask the recipient to allow your address. Sending again before that does not help."),
    },
    Entry {
        cause: Cause::RecipientLimit,
        meaning: to_say!(
            "A limit of the recipient's account or of the message is exceeded: number of recipients, size for that account."
        ),
        users: ONE_BACK,
        what_to_do: &[to_say!(
            "Send to fewer recipients or in smaller parts; look at the limits of both sides."
        )],
        never: &[],
        advice: to_say!("Send it in smaller parts or to fewer recipients at once."),
    },
    Entry {
        cause: Cause::MessageTooBig,
        meaning: to_say!("The message is larger than a server on the way allows."),
        users: ONE_BACK,
        what_to_do: &[to_say!(
            "Compare the size with the SIZE that the server offers; attachments grow by a third on the way."
        )],
        never: &[],
        advice: to_say!(
            "Share the file by a link, or send it in parts. Sending it unchanged again does not help."
        ),
    },
    Entry {
        cause: Cause::MessageMalformed,
        meaning: to_say!("The message or a command breaks a mail standard: headers, line length, encoding."),
        users: ONE_BACK,
        what_to_do: &[to_say!(
            "Read which header or line the reply names; correct the program that made the message."
        )],
        never: &[],
        advice: CHANGE_IT,
    },
    Entry {
        cause: Cause::MessageJudgedSpam,
        meaning: to_say!("The receiver judges the content as spam."),
        users: ONE_BACK,
        what_to_do: &[
            to_say!("Look at links, attachments and signature in the message; test with a plain one."),
            to_say!("If many messages are judged so: look for a hacked account and at block lists."),
        ],
        never: &[to_say!("Never send it again with small changes until it passes.")],
        advice: to_say!("Send a short plain message without links, or telephone."),
    },
    Entry {
        cause: Cause::MessageJudgedMalware,
        meaning: to_say!("The receiver found malware, or a forbidden kind of attachment."),
        users: ONE_BACK,
        what_to_do: &[
            to_say!("Treat the sender's device as infected until it is examined."),
            to_say!("A forbidden kind of file: share it by a link."),
        ],
        never: &[to_say!("Never pack it with a password in order to get it through.")],
        advice: to_say!("Open no attachment of that message, and send it to nobody."),
    },
    Entry {
        cause: Cause::ClientSettings,
        meaning: to_say!("One device or program has wrong settings; others work."),
        users: to_say!("One device cannot send or read."),
        what_to_do: &[to_say!(
            "Compare with the organisation's settings page; try webmail with the same account."
        )],
        never: &[to_say!(
            "Never delete the account on the device before its unsent and local mail is saved."
        )],
        advice: to_say!("Use webmail meanwhile; keep the account on the device, its unsent mail is there."),
    },
    Entry {
        cause: Cause::ClientNetwork,
        meaning: to_say!("The network that the user is in blocks mail ports or is down; others work."),
        users: to_say!("Mail does not work in one place and works in others."),
        what_to_do: &[to_say!(
            "Ask the user to try another network (phone data); guest networks often block port 25 and more."
        )],
        never: &[],
        advice: to_say!("Try another network or webmail. Keep your account."),
    },
];
