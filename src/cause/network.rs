//! Reaching a host and a port.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const NO_MAIL: &str = to_say!("Mail cannot be sent or read. What others send waits and comes later.");
const PARTLY: &str = to_say!("Some connections take long or fail; trying again usually helps.");
const WAIT: &str = to_say!(
    "Do not send again: waiting mail is delivered by itself. Keep your account; your outbox is kept."
);

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::HardwareFailure,
        meaning: to_say!(
            "A part of the machine failed: disk, memory, power supply, controller or network card."
        ),
        users: NO_MAIL,
        what_to_do: &[
            to_say!("Read the management board and the hypervisor's log; name the part."),
            to_say!("Move the service to the second machine, or restore the last backup to a new one."),
            to_say!("Open a case with the supplier."),
        ],
        never: &[
            to_say!("Never run a file-system repair on a failing disk before there is an image of it."),
            to_say!("Never rebuild a disk array while a second disk shows errors."),
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::HostDown,
        meaning: to_say!(
            "The host answers on no port: switched off, crashed, without network, or behind a firewall that drops."
        ),
        users: NO_MAIL,
        what_to_do: &[
            to_say!("Look at the console, the hypervisor or the provider's status page."),
            to_say!("Try from a second place, over IPv4 and IPv6."),
            to_say!("Start the host, or move its address or MX to the stand-by; mind the MTA-STS policy."),
        ],
        never: &[to_say!(
            "Never re-point the MX without adding the new host to the MTA-STS policy: good senders would hold their mail."
        )],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ConnectionTimeout,
        meaning: to_say!(
            "The port does not answer while the host does: a firewall drops, or the listen queue is full."
        ),
        users: PARTLY,
        what_to_do: &[
            to_say!("Compare with the other ports and addresses of the same host."),
            to_say!("Look at firewall rules changed lately, on the host and before it."),
            to_say!("Try from a second place."),
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ConnectionRefused,
        meaning: to_say!(
            "The host answers and refuses the port: the daemon is not running or a firewall rejects."
        ),
        users: NO_MAIL,
        what_to_do: &[
            to_say!("Look at the state of the service and its last log lines."),
            to_say!("Start it; if it stops again, look at the last change of its configuration."),
            to_say!("Look for a firewall rule that rejects this port."),
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ServiceStopped,
        meaning: to_say!("The daemon is not running on the host."),
        users: NO_MAIL,
        what_to_do: &[
            to_say!("Read why it stopped (journal, exit code, out of memory), then start it."),
            to_say!("Check its configuration before the start (postfix check, doveconf -n)."),
        ],
        never: &[to_say!("Never restart it again and again without reading why it stopped.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::Ipv6Broken,
        meaning: to_say!("The service answers over IPv4 and not over IPv6."),
        users: PARTLY,
        what_to_do: &[
            to_say!("Check address, route and firewall for IPv6 on the host."),
            to_say!("If it cannot be repaired soon: remove the AAAA record as a stopgap."),
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::Ipv4Broken,
        meaning: to_say!("The service answers over IPv6 and not over IPv4."),
        users: to_say!("Many connections fail; some places still get through."),
        what_to_do: &[to_say!(
            "Check address, route, firewall and address translation for IPv4 on the host."
        )],
        never: &[to_say!("Never remove the A record: most senders have no other way.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DestinationUnreachable,
        meaning: to_say!("The other side's mail server cannot be reached, or breaks the connection."),
        users: to_say!("Mail to one organisation waits; other mail is not affected."),
        what_to_do: &[
            to_say!("Group the queue by destination: one domain, or all?"),
            to_say!(
                "One: look at that operator's status page, and wait. All: check our own outbound port 25, smarthost and resolver."
            ),
        ],
        never: &[to_say!("Never flush the queue every few minutes: receivers answer with rate limits.")],
        advice: to_say!("Do not send again: the message is retried for days. For what is urgent, telephone."),
    },
];
