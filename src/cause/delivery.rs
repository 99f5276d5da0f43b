//! The way from acceptance to the mailbox.

use super::{Cause, Entry};

const LATE: &str = "Mail is accepted and arrives late.";
const WAIT: &str = "Do not send again: waiting mail is delivered by itself. For what is urgent, telephone.";

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::QueueStuck,
        meaning: "The queue does not move: its manager has stopped, or a transport is suspended, while the oldest age grows.",
        users: LATE,
        what_to_do: &[
            "Look at the queue manager's process and the reasons in /explain of the pasted queue.",
            "Start what has stopped; then let the queue drain by itself.",
        ],
        never: &[
            "Never delete the queue.",
            "Never flush everything at once: receivers answer with rate limits.",
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DeliveryStuck,
        meaning: "Mail is accepted and does not reach the mailbox: it waits in a queue, a filter or the hand-over.",
        users: "Mail is accepted and does not appear.",
        what_to_do: &[
            "Follow the probe's queue id through the log: the last line names the place.",
            "Look at filter, hand-over to the mailbox (LMTP) and storage, in this order.",
        ],
        never: &["Never delete the queue."],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MailboxDeliveryDown,
        meaning: "The hand-over to the mailbox (LMTP or the delivery program) does not answer.",
        users: "New mail does not appear. Mail that is there can be read.",
        what_to_do: &[
            "Look at the LMTP service's socket, process limit and log; restart it and watch the queue drain.",
        ],
        never: &["Never bounce the queue that has built up."],
        advice: WAIT,
    },
    Entry {
        cause: Cause::FilterDown,
        meaning: "The spam or virus filter does not answer, so the server puts mail off (451 4.7.1).",
        users: LATE,
        what_to_do: &[
            "Look at the filter's process, memory and signature update (rspamd, clamd, amavis, milter socket).",
            "Restart it; let the queue drain by itself.",
        ],
        never: &["Never let mail pass unfiltered without the approval of who is responsible for security."],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DirectoryBroken,
        meaning: "The list of valid recipients cannot be read or is wrong: known addresses are refused as unknown.",
        users: "Mail to valid addresses comes back as if they did not exist.",
        what_to_do: &[
            "Ask the server for a known and an unknown address (postmap -q, doveadm user).",
            "Look at the last directory synchronisation; go back to the last good list.",
            "As a stopgap answer 4xx instead of 5xx (soft_bounce = yes), so that mail waits instead of coming back.",
        ],
        never: &["Never let a synchronisation run again before its source is proved."],
        advice: "Mail that came back must be sent again later. Do not remove contacts because of it.",
    },
    Entry {
        cause: Cause::MailLoop,
        meaning: "A message goes round: an alias, MX, transport or forwarding leads back to the same server.",
        users: "Mail to some addresses comes back.",
        what_to_do: &[
            "Read the hops in /explain: which two hosts alternate?",
            "Look at aliases, transport maps and the list of domains that the server calls its own.",
        ],
        never: &["Never raise the hop limit."],
        advice: "Switch off forwarding rules that you set up lately. Mail that came back must be sent again.",
    },
    Entry {
        cause: Cause::InboundBroken,
        meaning: "Mail from outside fails, mail to outside works: look at MX, firewall and filter of the inward way.",
        users: "Mail from outside does not arrive. Sending works.",
        what_to_do: &[
            "Run the inward half of the loop alone; then look at MX, firewall, certificate and filter on port 25.",
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::OutboundBroken,
        meaning: "Mail to outside fails, mail from outside works: look at smarthost, resolver, outbound port 25 and block lists.",
        users: "Mail to other organisations waits. Receiving works.",
        what_to_do: &[
            "Run the outward half of the loop alone; then look at smarthost, resolver, outbound port 25 and block lists.",
        ],
        never: &[
            "Never route around through another address in haste: a cold address is put off and greylisted.",
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DeliverySlow,
        meaning: "One hop holds the message for long: overload, greylisting, filter or a queue on that host.",
        users: LATE,
        what_to_do: &["Read the hop that holds the time in /explain, then the queue and log of that host."],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::MailboxDeliverySlow,
        meaning: "All hops are fast, the final delivery into the mailbox is late.",
        users: LATE,
        what_to_do: &["Look at LMTP, storage latency and indexing on the mailbox server."],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DeliveryExpired,
        meaning: "The message was tried until its lifetime in the queue ended; the reason lies in the attempts before.",
        users: "A message comes back after days because the other side was not reachable.",
        what_to_do: &[
            "Look for the reason of the attempts before (connection, look-up, greylisting that never ended).",
            "One domain only: it is theirs. Many: check our own outward way.",
        ],
        never: &[],
        advice: "Send it again once the other side is reachable; ask them by another way first.",
    },
    Entry {
        cause: Cause::Quarantined,
        meaning: "The message was accepted and put into quarantine.",
        users: "A message that was sent does not appear.",
        what_to_do: &[
            "Look it up in the quarantine by sender and time; release it if it is good; tune the rule that held it.",
        ],
        never: &["Never release attachments that nobody expects."],
        advice: "Ask the sender whether they meant to send it; then ask for its release.",
    },
    Entry {
        cause: Cause::DeliveredToJunk,
        meaning: "The message arrived in the junk folder: reputation or authentication of mail is judged as poor.",
        users: "Good mail lands in the junk folder.",
        what_to_do: &[
            "Read Authentication-Results of the probe: SPF, DKIM, DMARC; then block lists and reverse name.",
        ],
        never: &[],
        advice: "Look into the junk folder, and mark good mail as not junk.",
    },
    Entry {
        cause: Cause::Greylisting,
        meaning: "The receiver puts unknown senders off for some minutes on purpose; this is normal.",
        users: "The first message to or from a new contact comes some minutes late.",
        what_to_do: &["Wait for the retry, 5 to 30 minutes. Raise no alarm unless the retry fails too."],
        never: &["Never change the sending address for the retry: the wait begins anew."],
        advice: "Do not send again: the message is delivered by itself.",
    },
];
