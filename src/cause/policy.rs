//! Permission: reputation, authentication of mail, relaying, rules of the receiver.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const COMES_BACK: &str = to_say!("Mail to some organisations comes back or lands in their junk folder.");
const WAIT_FOR_REPAIR: &str = to_say!("Sending again does not help yet. For what is urgent, telephone.");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::RelayOpen,
        meaning: to_say!(
            "The server passes mail for anybody to anywhere; it will be abused and listed within hours."
        ),
        users: to_say!("Nothing yet; soon mail to other organisations may come back."),
        what_to_do: &[
            to_say!("Close it now: look at mynetworks, relay restrictions and the last change."),
            to_say!("Look at the queue for foreign mail and hold it."),
            to_say!("Then check block lists."),
        ],
        never: &[to_say!("Never wait for office hours with this.")],
        advice: to_say!("There is nothing to do. Keep your account as it is."),
    },
    Entry {
        cause: Cause::RelayDenied,
        meaning: to_say!(
            "The server does not regard the recipient's domain as its own, or the sender as allowed to relay."
        ),
        users: to_say!("Mail to a domain comes back as not allowed, or sending fails without login."),
        what_to_do: &[
            to_say!("Our own domain: look at the lists of local and relay domains and their last change."),
            to_say!("Our own users: look at whether they log in before sending."),
            to_say!("A foreign domain: its MX points to a host that does not serve it; tell its operator."),
        ],
        never: &[to_say!("Never open relaying for all in order to get mail through.")],
        advice: to_say!(
            "Check that your program logs in for sending. Sending the same way again does not help."
        ),
    },
    Entry {
        cause: Cause::AccountCompromised,
        meaning: to_say!("An account or a web form of ours sends mail for strangers."),
        users: to_say!(
            "Mail to other organisations is refused because of spam that was sent through one account."
        ),
        what_to_do: &[
            to_say!(
                "Find the account with most mail in queue and log; lock it, end its sessions, hold its mail."
            ),
            to_say!("Reset its password, its app passwords and its forwarding rules."),
            to_say!("Then ask for removal from block lists."),
        ],
        never: &[
            to_say!("Never ask for removal before the source is stopped."),
            to_say!("Never tell the account's owner by that mailbox."),
        ],
        advice: to_say!(
            "If you typed your password on an unexpected page, say so at once; nobody is blamed."
        ),
    },
    Entry {
        cause: Cause::Blocklisted,
        meaning: to_say!("A sending address of ours is on a block list, so receivers refuse its mail."),
        users: COMES_BACK,
        what_to_do: &[
            to_say!("Look the address up at the list that the reply names; read why it was listed."),
            to_say!(
                "Find the source first: hacked account, open relay, infected machine, forwarding of spam."
            ),
            to_say!("Ask for removal; send through a second, warm address meanwhile."),
        ],
        never: &[
            to_say!("Never ask for removal before the source is stopped: the next listing lasts longer."),
            to_say!("Never pay for removal."),
        ],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::ReputationLow,
        meaning: to_say!(
            "The receiver judges the sending address as poor: complaints, a new address, or sudden volume."
        ),
        users: COMES_BACK,
        what_to_do: &[
            to_say!("Look at the receiver's postmaster page for this address."),
            to_say!("Slow down, stop mailings, look for a hacked account; reputation recovers in days."),
        ],
        never: &[to_say!("Never change the address to escape: a cold one is worse.")],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::ReverseNameMissing,
        meaning: to_say!("The sending address has no reverse name, or it does not lead back to the address."),
        users: COMES_BACK,
        what_to_do: &[to_say!(
            "Have the owner of the address range set the PTR record; it must resolve back to the address, IPv6 too."
        )],
        never: &[],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::MailAuthenticationMissing,
        meaning: to_say!("The domain publishes no SPF, DKIM or DMARC record that covers its mail."),
        users: COMES_BACK,
        what_to_do: &[to_say!(
            "Publish SPF with our sending addresses, a DKIM key with signing switched on, and a DMARC record."
        )],
        never: &[to_say!("Never publish a strict policy before every sender of ours is covered.")],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::MailAuthenticationFailed,
        meaning: to_say!("The receiver verified SPF, DKIM or DMARC of the message and it failed."),
        users: COMES_BACK,
        what_to_do: &[
            to_say!(
                "Read which of the three failed; compare the sending address with SPF and the selector with the published key."
            ),
            to_say!("Look at a new sending host, a rotated key, or forwarding that breaks SPF."),
        ],
        never: &[to_say!("Never widen SPF to everybody (+all).")],
        advice: WAIT_FOR_REPAIR,
    },
    Entry {
        cause: Cause::SendingTooFast,
        meaning: to_say!("The receiver limits how much it takes from us in a time."),
        users: to_say!("Mail to some organisations arrives late."),
        what_to_do: &[
            to_say!("Lower concurrency and rate for that destination; stop mailings."),
            to_say!("Look for a hacked account if nobody sends a mailing."),
        ],
        never: &[to_say!("Never flush the queue: each attempt counts against the limit.")],
        advice: to_say!("Do not send again: waiting mail is delivered by itself."),
    },
    Entry {
        cause: Cause::SenderRefused,
        meaning: to_say!(
            "The receiver refuses the envelope sender or its domain: it does not resolve, is forbidden, or is not allowed for this login."
        ),
        users: to_say!("Mail with one sender address comes back."),
        what_to_do: &[to_say!(
            "Check that the sender's domain has MX or address records, and that the login may use this sender."
        )],
        never: &[],
        advice: to_say!(
            "Check the sender address in your program. Sending the same way again does not help."
        ),
    },
    Entry {
        cause: Cause::PolicyRefusal,
        meaning: to_say!(
            "A rule of the receiver forbids the message or the connection; the reply's text or link says which."
        ),
        users: COMES_BACK,
        what_to_do: &[to_say!(
            "Read the text and the link in the reply; ask the receiver's postmaster with the full reply and the time."
        )],
        never: &[],
        advice: WAIT_FOR_REPAIR,
    },
];
