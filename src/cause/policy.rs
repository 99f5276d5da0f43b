//! Permission: reputation, authentication of mail, relaying, rules of the receiver.

use super::{Cause, Entry};

const COMES_BACK: &str = "Mail to some organisations comes back or lands in their junk folder.";
const WAIT_FOR_REPAIR: &str = "Sending again does not help yet. For what is urgent, telephone.";

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::RelayOpen,
        meaning: "The server passes mail for anybody to anywhere; it will be abused and listed within hours.",
        users: "Nothing yet; soon mail to other organisations may come back.",
        what_to_do: &[
            "Close it now: look at mynetworks, relay restrictions and the last change.",
            "Look at the queue for foreign mail and hold it.",
            "Then check block lists.",
        ],
        never: &["Never wait for office hours with this."],
        advice: "There is nothing to do. Keep your account as it is.",
    },
    Entry {
        cause: Cause::RelayDenied,
        meaning: "The server does not regard the recipient's domain as its own, or the sender as allowed to relay.",
        users: "Mail to a domain comes back as not allowed, or sending fails without login.",
        what_to_do: &[
            "Our own domain: look at the lists of local and relay domains and their last change.",
            "Our own users: look at whether they log in before sending.",
            "A foreign domain: its MX points to a host that does not serve it; tell its operator.",
        ],
        never: &["Never open relaying for all in order to get mail through."],
        advice: "Check that your program logs in for sending. Sending the same way again does not help.",
    },
    Entry {
        cause: Cause::AccountCompromised,
        meaning: "An account or a web form of ours sends mail for strangers.",
        users: "Mail to other organisations is refused because of spam that was sent through one account.",
        what_to_do: &[
            "Find the account with most mail in queue and log; lock it, end its sessions, hold its mail.",
            "Reset its password, its app passwords and its forwarding rules.",
            "Then ask for removal from block lists.",
        ],
        never: &[
            "Never ask for removal before the source is stopped.",
            "Never tell the account's owner by that mailbox.",
        ],
        advice: "If you typed your password on an unexpected page, say so at once; nobody is blamed.",
    },
    Entry {
        cause: Cause::Blocklisted,
        meaning: "A sending address of ours is on a block list, so receivers refuse its mail.",
        users: COMES_BACK,
        what_to_do: &[
            "Look the address up at the list that the reply names; read why it was listed.",
            "Find the source first: hacked account, open relay, infected machine, forwarding of spam.",
            "Ask for removal; send through a second, warm address meanwhile.",
        ],
        never: &[
            "Never ask for removal before the source is stopped: the next listing lasts longer.",
            "Never pay for removal.",
        ],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::ReputationLow,
        meaning: "The receiver judges the sending address as poor: complaints, a new address, or sudden volume.",
        users: COMES_BACK,
        what_to_do: &[
            "Look at the receiver's postmaster page for this address.",
            "Slow down, stop mailings, look for a hacked account; reputation recovers in days.",
        ],
        never: &["Never change the address to escape: a cold one is worse."],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::ReverseNameMissing,
        meaning: "The sending address has no reverse name, or it does not lead back to the address.",
        users: COMES_BACK,
        what_to_do: &[
            "Have the owner of the address range set the PTR record; it must resolve back to the address, IPv6 too.",
        ],
        never: &[],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::MailAuthenticationMissing,
        meaning: "The domain publishes no SPF, DKIM or DMARC record that covers its mail.",
        users: COMES_BACK,
        what_to_do: &[
            "Publish SPF with our sending addresses, a DKIM key with signing switched on, and a DMARC record.",
        ],
        never: &["Never publish a strict policy before every sender of ours is covered."],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::MailAuthenticationFailed,
        meaning: "The receiver verified SPF, DKIM or DMARC of the message and it failed.",
        users: COMES_BACK,
        what_to_do: &[
            "Read which of the three failed; compare the sending address with SPF and the selector with the published key.",
            "Look at a new sending host, a rotated key, or forwarding that breaks SPF.",
        ],
        never: &["Never widen SPF to everybody (+all)."],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::SendingTooFast,
        meaning: "The receiver limits how much it takes from us in a time.",
        users: "Mail to some organisations arrives late.",
        what_to_do: &[
            "Lower concurrency and rate for that destination; stop mailings.",
            "Look for a hacked account if nobody sends a mailing.",
        ],
        never: &["Never flush the queue: each attempt counts against the limit."],
        advice: "Do not send again: waiting mail is delivered by itself.",
    },
    Entry {
        cause: Cause::SenderRefused,
        meaning: "The receiver refuses the envelope sender or its domain: it does not resolve, is forbidden, or is not allowed for this login.",
        users: "Mail with one sender address comes back.",
        what_to_do: &[
            "Check that the sender's domain has MX or address records, and that the login may use this sender.",
        ],
        never: &[],
        advice: "Check the sender address in your program. Sending the same way again does not help.",
    },
    Entry {
        cause: Cause::PolicyRefusal,
        meaning: "A rule of the receiver forbids the message or the connection; the reply's text or link says which.",
        users: COMES_BACK,
        what_to_do: &[
            "Read the text and the link in the reply; ask the receiver's postmaster with the full reply and the time.",
        ],
        never: &[],
        advice: WAIT_FOR_REPAIR,
    },
];
