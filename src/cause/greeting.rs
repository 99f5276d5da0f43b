//! What the server says first, and whether it answers as the protocol demands.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const SLOW: &str = to_say!("Sending and opening mail takes long. What is sent arrives late.");
const FAILING: &str =
    to_say!("Sending and reading fails now and then. What others send waits and comes later.");
const WAIT: &str = to_say!(
    "Do not send again: waiting mail is delivered by itself. Keep your account; your outbox is kept."
);

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::NoBanner,
        meaning: to_say!("The port accepts connections and the server says nothing."),
        users: FAILING,
        what_to_do: &[
            to_say!(
                "Try once with the long limit of five minutes (RFC 5321 section 4.5.3.2.1): late is not never."
            ),
            to_say!(
                "Look at process count, load and the resolver that the server asks for the client's name."
            ),
            to_say!("Restart the service if its processes hang."),
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ClosedBeforeBanner,
        meaning: to_say!(
            "The server closes the connection before a greeting: process limit, load balancer without PROXY header, or a ban."
        ),
        users: FAILING,
        what_to_do: &[
            to_say!("Try from another address: if that works, look into the ban list."),
            to_say!("Look at the load balancer's health page and the PROXY setting on both sides."),
            to_say!("Look at the process limit of the service."),
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ProtocolViolation,
        meaning: to_say!(
            "What answers on the port does not speak the protocol: wrong service, broken proxy or damaged reply."
        ),
        users: FAILING,
        what_to_do: &[
            to_say!("Read the transcript of the check: which words came?"),
            to_say!("Look at what listens on the port, and at proxies and middleboxes before it."),
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ServerHung,
        meaning: to_say!(
            "The server's processes exist and do not go on: connections are accepted by the kernel only."
        ),
        users: FAILING,
        what_to_do: &[
            to_say!(
                "Look at what the processes wait for (disk, directory, lock) before anything is restarted."
            ),
            to_say!("Restart the service; kill what does not end."),
        ],
        never: &[to_say!("Never reboot before the state is noted: the cause is lost and comes back.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ServerOverload,
        meaning: to_say!(
            "The server has more to do than it can: all slots are used, or it says that it is too busy."
        ),
        users: SLOW,
        what_to_do: &[
            to_say!("Find who uses the slots: one client, one domain, an attack, a mailing."),
            to_say!("Limit that one; then raise the number of processes if memory allows."),
            to_say!("Let the queue drain by itself."),
        ],
        never: &[
            to_say!("Never turn deferrals into rejections in haste: late mail would become lost mail."),
            to_say!("Never flush the whole queue at once."),
        ],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ServerSlow,
        meaning: to_say!(
            "The server answers rightly and slowly: load, slow look-ups, slow disk, or a deliberate delay."
        ),
        users: SLOW,
        what_to_do: &[to_say!(
            "Look at which phase takes the time in /check, then at resolver, disk latency and filter."
        )],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ConnectionLimit,
        meaning: to_say!("A limit on connections, for each client or in all, is reached."),
        users: to_say!("Some devices cannot connect while others can."),
        what_to_do: &[
            to_say!("Count connections by client address and account; look for one that does not let go."),
            to_say!(
                "Raise the limit where the clients are rightful (an office behind one address, a webmail server)."
            ),
        ],
        never: &[],
        advice: to_say!(
            "Close mail programs that you do not use, and wait a few minutes. Keep your account."
        ),
    },
    Entry {
        cause: Cause::Maintenance,
        meaning: to_say!(
            "The server says that it is not taking mail at the moment: shut down, restarting or under maintenance."
        ),
        users: FAILING,
        what_to_do: &[to_say!(
            "Ask whether work was announced; if not, look at the state of the service on the host."
        )],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::ServerFault,
        meaning: to_say!(
            "The server reports an error of its own: a look-up, a program, a file or a table that it needs has failed."
        ),
        users: FAILING,
        what_to_do: &[
            to_say!("Find the same second in the server's log: it names the table, program or file."),
            to_say!("Look at disk space, permissions and the last change."),
        ],
        never: &[],
        advice: WAIT,
    },
    Entry {
        cause: Cause::Configuration,
        meaning: to_say!("A setting is wrong, most often one changed lately."),
        users: FAILING,
        what_to_do: &[
            to_say!("Compare the configuration with its last good version."),
            to_say!("Go back to that version first; look for the right setting afterwards."),
        ],
        never: &[to_say!("Never change a second setting before the first is proved or taken back.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::WebmailDown,
        meaning: to_say!("The web tier fails (502, 504, no answer) while the mail servers behind it answer."),
        users: to_say!("The web page for mail does not work. Mail programs and phones do."),
        what_to_do: &[
            to_say!("Look at the web server's error log and its application pool (PHP-FPM, IIS)."),
            to_say!("Restart the pool; check its certificate and its way to the mail server."),
        ],
        never: &[],
        advice: to_say!("Use your mail program or phone. Keep your account."),
    },
];
