//! Reaching a host and a port.

use super::{Cause, Entry};

const NO_MAIL: &str = "Mail cannot be sent or read. What others send waits and comes later.";
const PARTLY: &str = "Some connections take long or fail; trying again usually helps.";
const WAIT: &str =
    "Do not send again: waiting mail is delivered by itself. Keep your account; your outbox is kept.";

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::HardwareFailure,
        meaning: "A part of the machine failed: disk, memory, power supply, controller or network card.",
        users: NO_MAIL,
        what_to_do: &[
            "Read the management board and the hypervisor's log; name the part.",
            "Move the service to the second machine, or restore the last backup to a new one.",
            "Open a case with the supplier.",
        ],
        never: &[
            "Never run a file-system repair on a failing disk before there is an image of it.",
            "Never rebuild a disk array while a second disk shows errors.",
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::HostDown,
        meaning: "The host answers on no port: switched off, crashed, without network, or behind a firewall that drops.",
        users: NO_MAIL,
        what_to_do: &[
            "Look at the console, the hypervisor or the provider's status page.",
            "Try from a second place, over IPv4 and IPv6.",
            "Start the host, or move its address or MX to the stand-by; mind the MTA-STS policy.",
        ],
        never: &[
            "Never re-point the MX without adding the new host to the MTA-STS policy: good senders would hold their mail.",
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ConnectionTimeout,
        meaning: "The port does not answer while the host does: a firewall drops, or the listen queue is full.",
        users: PARTLY,
        what_to_do: &[
            "Compare with the other ports and addresses of the same host.",
            "Look at firewall rules changed lately, on the host and before it.",
            "Try from a second place.",
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ConnectionRefused,
        meaning: "The host answers and refuses the port: the daemon is not running or a firewall rejects.",
        users: NO_MAIL,
        what_to_do: &[
            "Look at the state of the service and its last log lines.",
            "Start it; if it stops again, look at the last change of its configuration.",
            "Look for a firewall rule that rejects this port.",
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ServiceStopped,
        meaning: "The daemon is not running on the host.",
        users: NO_MAIL,
        what_to_do: &[
            "Read why it stopped (journal, exit code, out of memory), then start it.",
            "Check its configuration before the start (postfix check, doveconf -n).",
        ],
        never: &["Never restart it again and again without reading why it stopped."],
        advice: WAIT,
    },
    Entry {
        cause: Cause::Ipv6Broken,
        meaning: "The service answers over IPv4 and not over IPv6.",
        users: PARTLY,
        what_to_do: &[
            "Check address, route and firewall for IPv6 on the host.",
            "If it cannot be repaired soon: remove the AAAA record as a stopgap.",
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::Ipv4Broken,
        meaning: "The service answers over IPv6 and not over IPv4.",
        users: "Many connections fail; some places still get through.",
        what_to_do: &["Check address, route, firewall and address translation for IPv4 on the host."],
        never: &["Never remove the A record: most senders have no other way."],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DestinationUnreachable,
        meaning: "The other side's mail server cannot be reached, or breaks the connection.",
        users: "Mail to one organisation waits; other mail is not affected.",
        what_to_do: &[
            "Group the queue by destination: one domain, or all?",
            "One: look at that operator's status page, and wait. All: check our own outbound port 25, smarthost and resolver.",
        ],
        never: &["Never flush the queue every few minutes: receivers answer with rate limits."],
        advice: "Do not send again: the message is retried for days. For what is urgent, telephone.",
    },
];
