//! Encryption and certificates.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const WARNING: &str = to_say!("Mail programs and phones warn of the certificate, or cannot send and read.");
const REFUSED: &str = to_say!("Mail programs and phones cannot connect.");
const NOT_ARRIVING: &str =
    to_say!("Mail from some organisations does not arrive. It waits with the senders and comes later.");
const NO_WARNING: &str = to_say!("Keep your account; accept no certificate warning. Your outbox is kept.");
const WAIT: &str =
    to_say!("Do not send again: waiting mail is delivered by itself. Accept no certificate warning.");

const NEVER_ACCEPT: &str = to_say!("Never tell users to accept the warning or to switch encryption off.");

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::CertificateExpired,
        meaning: to_say!("The certificate has expired; clients that verify it refuse the connection."),
        users: WARNING,
        what_to_do: &[
            to_say!(
                "Read the renewal's log (timer, ACME client), renew, and reload every daemon that uses the certificate."
            ),
            to_say!("Check every port and every address: one node or one daemon is easily forgotten."),
        ],
        never: &[NEVER_ACCEPT],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::CertificateNotYetValid,
        meaning: to_say!(
            "The certificate begins in the future: it was made with a wrong clock, or installed too early."
        ),
        users: WARNING,
        what_to_do: &[
            to_say!("Compare the clocks of the server, of the maker of the certificate and of the checker."),
            to_say!("Put the earlier certificate back if it still holds."),
        ],
        never: &[
            NEVER_ACCEPT,
            to_say!("Never set a clock back on a running mail server in order to fit a certificate."),
        ],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::ClockWrong,
        meaning: to_say!(
            "A server's clock is wrong: times in headers jump and certificates look too old or too new."
        ),
        users: to_say!("Mail shows wrong times, and some programs warn of the certificate."),
        what_to_do: &[
            to_say!("Compare the host's clock with two time sources; repair its synchronisation."),
            to_say!("Slew large differences slowly where a database runs on the host."),
        ],
        never: &[NEVER_ACCEPT],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::CertificateName,
        meaning: to_say!("The certificate does not hold the name that clients connect to."),
        users: WARNING,
        what_to_do: &[
            to_say!("Compare the names in the certificate with the name in the clients' set-up."),
            to_say!(
                "Issue it anew with all names, or correct which certificate the daemon serves for that name."
            ),
        ],
        never: &[NEVER_ACCEPT],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::CertificateUntrusted,
        meaning: to_say!(
            "The chain does not lead to a trusted root: self-signed, an intermediate is missing, or a private authority."
        ),
        users: WARNING,
        what_to_do: &[
            to_say!("Look at whether the daemon serves the full chain (leaf and intermediates)."),
            to_say!("Look at whether a default or test certificate replaced the real one."),
        ],
        never: &[NEVER_ACCEPT],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::CertificateNotReloaded,
        meaning: to_say!("The new certificate lies on disk, but this daemon still serves the old one."),
        users: WARNING,
        what_to_do: &[to_say!(
            "Reload the daemon, then check each port and address; add the reload to the renewal hook."
        )],
        never: &[NEVER_ACCEPT],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::CertificateExpiring,
        meaning: to_say!("The certificate expires soon and was not renewed at its usual time."),
        users: to_say!("Nothing yet."),
        what_to_do: &[to_say!(
            "Read the renewal's log and renew now, by daylight; then reload and check every port."
        )],
        never: &[],
        advice: to_say!("There is nothing to do. Keep your account as it is."),
    },
    Entry {
        cause: Cause::StarttlsMissing,
        meaning: to_say!(
            "The server no longer offers STARTTLS: a changed setting, an unreadable certificate, or a middlebox that strips it."
        ),
        users: REFUSED,
        what_to_do: &[
            to_say!("Read the server's log for the certificate and key that it could not load."),
            to_say!("Compare EHLO from a second place: if it is there, something in between takes it away."),
        ],
        never: &[to_say!("Never allow logins without encryption as a stopgap.")],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::TlsUnavailable,
        meaning: to_say!(
            "The server offers STARTTLS and answers 454: its key or certificate cannot be used at the moment."
        ),
        users: REFUSED,
        what_to_do: &[to_say!(
            "Check that key and certificate are readable and belong together; look at the renewal hook; reload."
        )],
        never: &[to_say!("Never allow logins without encryption as a stopgap.")],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::TlsTooOld,
        meaning: to_say!(
            "The server offers only TLS versions that are withdrawn (RFC 8996); present clients refuse them."
        ),
        users: REFUSED,
        what_to_do: &[to_say!(
            "Allow TLS 1.2 and 1.3 in the daemon's settings; look at the last update or change of the crypto policy."
        )],
        never: &[to_say!("Never weaken the clients instead.")],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::TlsWrongMode,
        meaning: to_say!(
            "Encryption from the first byte is spoken on a port that expects STARTTLS, or the other way round."
        ),
        users: REFUSED,
        what_to_do: &[to_say!(
            "Compare the port's mode (wrapper mode or STARTTLS) with what clients are told to use."
        )],
        never: &[],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::TlsHandshakeFailed,
        meaning: to_say!("The encrypted connection cannot be set up although both sides try."),
        users: REFUSED,
        what_to_do: &[to_say!(
            "Read the alert in the transcript and the server's log of the same second; compare ciphers and versions."
        )],
        never: &[to_say!("Never switch encryption off in order to get mail through.")],
        advice: NO_WARNING,
    },
    Entry {
        cause: Cause::TlsRequired,
        meaning: to_say!("The other side demands encryption or a login that the connection does not have."),
        users: to_say!("Mail to some organisations comes back or waits."),
        what_to_do: &[
            to_say!("From a mail program: use submission with encryption and login."),
            to_say!(
                "Between servers: allow opportunistic TLS for outgoing mail and look at why the handshake was not tried."
            ),
        ],
        never: &[],
        advice: to_say!(
            "Use the outgoing settings that your organisation gives. Sending the same way again does not help."
        ),
    },
    Entry {
        cause: Cause::MtaStsMismatch,
        meaning: to_say!(
            "The MTA-STS policy does not name the mail exchangers in use, or their certificate does not fit: senders that obey it hold their mail."
        ),
        users: NOT_ARRIVING,
        what_to_do: &[
            to_say!(
                "Compare the hosts in the policy file with the MX records, then correct the one that is wrong."
            ),
            to_say!(
                "Change the policy's id so that senders fetch it anew; they may keep the old one until its max_age."
            ),
        ],
        never: &[to_say!("Never only delete the TXT record: senders keep the cached policy.")],
        advice: WAIT,
    },
    Entry {
        cause: Cause::DaneMismatch,
        meaning: to_say!(
            "The TLSA record does not fit the certificate, or cannot be verified: senders that obey DANE hold their mail."
        ),
        users: NOT_ARRIVING,
        what_to_do: &[
            to_say!(
                "Compare the TLSA record with the key that port 25 serves; publish the new one and keep the old for two TTLs."
            ),
            to_say!("If DNSSEC of the zone is broken, repair that first."),
        ],
        never: &[to_say!(
            "Never replace the key on port 25 before its TLSA record has been public for two TTLs."
        )],
        advice: WAIT,
    },
];
