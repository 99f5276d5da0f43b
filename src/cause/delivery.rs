//! The way from acceptance to the mailbox.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const LATE: &str = to_say!("Mail is accepted and arrives late.");
const WAIT: &str =
    to_say!("Do not send again: waiting mail is delivered by itself. For what is urgent, telephone.");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::QueueStuck,
        meaning: to_say!(
            "The queue does not move: its manager has stopped, or a transport is suspended, while the oldest age grows."
        ),
        users: LATE,
        what_to_do: &[
            to_say!("Look at the queue manager's process and the reasons in /explain of the pasted queue."),
            to_say!("Start what has stopped; then let the queue drain by itself."),
        ],
        never: &[
            to_say!("Never delete the queue."),
            to_say!("Never flush everything at once: receivers answer with rate limits."),
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DeliveryStuck,
        meaning: to_say!(
            "Mail is accepted and does not reach the mailbox: it waits in a queue, a filter or the hand-over."
        ),
        users: to_say!("Mail is accepted and does not appear."),
        what_to_do: &[
            to_say!("Follow the probe's queue id through the log: the last line names the place."),
            to_say!("Look at filter, hand-over to the mailbox (LMTP) and storage, in this order."),
        ],
        never: &[to_say!("Never delete the queue.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MailboxDeliveryDown,
        meaning: to_say!("The hand-over to the mailbox (LMTP or the delivery program) does not answer."),
        users: to_say!("New mail does not appear. Mail that is there can be read."),
        what_to_do: &[to_say!(
            "Look at the LMTP service's socket, process limit and log; restart it and watch the queue drain."
        )],
        never: &[to_say!("Never bounce the queue that has built up.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::FilterDown,
        meaning: to_say!(
            "The spam or virus filter does not answer, so the server puts mail off (451 4.7.1)."
        ),
        users: LATE,
        what_to_do: &[
            to_say!(
                "Look at the filter's process, memory and signature update (rspamd, clamd, amavis, milter socket)."
            ),
            to_say!("Restart it; let the queue drain by itself."),
        ],
        never: &[to_say!(
            "Never let mail pass unfiltered without the approval of who is responsible for security."
        )],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DirectoryBroken,
        meaning: to_say!(
            "The list of valid recipients cannot be read or is wrong: known addresses are refused as unknown."
        ),
        users: to_say!("Mail to valid addresses comes back as if they did not exist."),
        what_to_do: &[
            to_say!("Ask the server for a known and an unknown address (postmap -q, doveadm user)."),
            to_say!("Look at the last directory synchronisation; go back to the last good list."),
            to_say!(
                "As a stopgap answer 4xx instead of 5xx (soft_bounce = yes), so that mail waits instead of coming back."
            ),
        ],
        never: &[to_say!("Never let a synchronisation run again before its source is proved.")],
        advice: to_say!(
            "Mail that came back must be sent again later. Do not remove contacts because of it."
        ),
    },
    Entry {
        cause: Cause::MailLoop,
        meaning: to_say!(
            "A message goes round: an alias, MX, transport or forwarding leads back to the same server."
        ),
        users: to_say!("Mail to some addresses comes back."),
        what_to_do: &[
            to_say!("Read the hops in /explain: which two hosts alternate?"),
            to_say!("Look at aliases, transport maps and the list of domains that the server calls its own."),
        ],
        never: &[to_say!("Never raise the hop limit.")],
        advice: to_say!(
            "Switch off forwarding rules that you set up lately. Mail that came back must be sent again."
        ),
    },
    Entry {
        cause: Cause::InboundBroken,
        meaning: to_say!(
            "Mail from outside fails, mail to outside works: look at MX, firewall and filter of the inward way."
        ),
        users: to_say!("Mail from outside does not arrive. Sending works."),
        what_to_do: &[to_say!(
            "Run the inward half of the loop alone; then look at MX, firewall, certificate and filter on port 25."
        )],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::OutboundBroken,
        meaning: to_say!(
            "Mail to outside fails, mail from outside works: look at smarthost, resolver, outbound port 25 and block lists."
        ),
        users: to_say!("Mail to other organisations waits. Receiving works."),
        what_to_do: &[to_say!(
            "Run the outward half of the loop alone; then look at smarthost, resolver, outbound port 25 and block lists."
        )],
        never: &[to_say!(
            "Never route around through another address in haste: a cold address is put off and greylisted."
        )],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DeliverySlow,
        meaning: to_say!(
            "One hop holds the message for long: overload, greylisting, filter or a queue on that host."
        ),
        users: LATE,
        what_to_do: &[to_say!(
            "Read the hop that holds the time in /explain, then the queue and log of that host."
        )],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MailboxDeliverySlow,
        meaning: to_say!("All hops are fast, the final delivery into the mailbox is late."),
        users: LATE,
        what_to_do: &[to_say!("Look at LMTP, storage latency and indexing on the mailbox server.")],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DeliveryExpired,
        meaning: to_say!(
            "The message was tried until its lifetime in the queue ended; the reason lies in the attempts before."
        ),
        users: to_say!("A message comes back after days because the other side was not reachable."),
        what_to_do: &[
            to_say!(
                "Look for the reason of the attempts before (connection, look-up, greylisting that never ended)."
            ),
            to_say!("One domain only: it is theirs. Many: check our own outward way."),
        ],
        never: &[],
        advice: to_say!("Send it again once the other side is reachable; ask them by another way first."),
    },
    Entry {
        cause: Cause::Quarantined,
        meaning: to_say!("The message was accepted and put into quarantine."),
        users: to_say!("A message that was sent does not appear."),
        what_to_do: &[to_say!(
            "Look it up in the quarantine by sender and time; release it if it is good; tune the rule that held it."
        )],
        never: &[to_say!("Never release attachments that nobody expects.")],
        advice: to_say!("Ask the sender whether they meant to send it; then ask for its release."),
    },
    Entry {
        cause: Cause::DeliveredToJunk,
        meaning: to_say!(
            "The message arrived in the junk folder: reputation or authentication of mail is judged as poor."
        ),
        users: to_say!("Good mail lands in the junk folder."),
        what_to_do: &[to_say!(
            "Read Authentication-Results of the probe: SPF, DKIM, DMARC; then block lists and reverse name."
        )],
        never: &[],
        advice: to_say!("Look into the junk folder, and mark good mail as not junk."),
    },
    Entry {
        cause: Cause::Greylisting,
        meaning: to_say!(
            "The receiver puts unknown senders off for some minutes on purpose; this is normal."
        ),
        users: to_say!("The first message to or from a new contact comes some minutes late."),
        what_to_do: &[to_say!(
            "Wait for the retry, 5 to 30 minutes. Raise no alarm unless the retry fails too."
        )],
        never: &[to_say!("Never change the sending address for the retry: the wait begins anew.")],
        advice: to_say!("Do not send again: the message is delivered by itself."),
    },
];
