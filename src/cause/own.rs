//! The watcher's own side: what it cannot judge because it is itself cut off or refused.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const UNAFFECTED: &str = to_say!("Nothing: the mail service itself may well be healthy.");
const NOTHING_TO_DO: &str = to_say!("Go on as usual, and report what does not work.");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::OwnNetwork,
        meaning: to_say!(
            "Watchpost cannot reach its own control host on this port or address family, so it cannot judge the service."
        ),
        users: UNAFFECTED,
        what_to_do: &[
            to_say!(
                "Check the network of the machine that runs Watchpost: route, firewall, outbound port 25, IPv6."
            ),
            to_say!("Ask a second place whether the service answers."),
        ],
        never: &[to_say!("Never tell users that mail is down on this evidence alone.")],
        advice: NOTHING_TO_DO,
    },
    Entry {
        cause: Cause::OwnClockWrong,
        meaning: to_say!(
            "The clock of the machine that runs Watchpost is wrong, so certificates and delays are misjudged."
        ),
        users: UNAFFECTED,
        what_to_do: &[to_say!(
            "Start or repair time synchronisation on the machine that runs Watchpost, then check again."
        )],
        never: &[to_say!("Never renew a certificate on this evidence alone.")],
        advice: NOTHING_TO_DO,
    },
    Entry {
        cause: Cause::ProberBlocked,
        meaning: to_say!(
            "The server refuses Watchpost's own address (ban list, DNSBL or firewall); users may be served well."
        ),
        users: UNAFFECTED,
        what_to_do: &[
            to_say!(
                "Look for Watchpost's address in the server's ban list (fail2ban, postscreen, DNSBL) and take it out."
            ),
            to_say!("Exempt Watchpost's address from those lists."),
            to_say!("Ask a second place whether the service answers."),
        ],
        never: &[to_say!("Never tell users that mail is down on this evidence alone.")],
        advice: NOTHING_TO_DO,
    },
    Entry {
        cause: Cause::ProberRateLimited,
        meaning: to_say!(
            "The server limits how often Watchpost's address may connect; users may be served well."
        ),
        users: UNAFFECTED,
        what_to_do: &[
            to_say!("Wait five minutes and check again."),
            to_say!(
                "Exempt Watchpost's address from the connection rate limit, or lengthen the interval of the checks."
            ),
        ],
        never: &[to_say!(
            "Never check more often in order to see whether it still fails: that keeps the limit in force."
        )],
        advice: NOTHING_TO_DO,
    },
    Entry {
        cause: Cause::ProbePasswordWrong,
        meaning: to_say!(
            "The server refuses the password of the probe mailbox only; it was changed, has run out or is locked."
        ),
        users: UNAFFECTED,
        what_to_do: &[
            to_say!("Log in with a second account to be sure that others are served."),
            to_say!(
                "Set the probe's password anew, in the directory and in Watchpost's configuration, then ask for one attempt."
            ),
        ],
        never: &[to_say!(
            "Never let the probe try again and again: the account is locked, or Watchpost's address is banned."
        )],
        advice: NOTHING_TO_DO,
    },
];
