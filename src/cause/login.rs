//! Who may log in.

use super::{Cause, Entry};

const NO_LOGIN: &str =
    "Nobody can log in, although the password is right. Mail programs may ask for it again and again.";
const KEEP_PASSWORD: &str =
    "Do not change your password and do not type it again and again. Keep your account; your outbox is kept.";

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::LoginBackendDown,
        meaning: "The service that verifies passwords (LDAP, Active Directory, SQL, OAuth, Dovecot auth) does not answer.",
        users: NO_LOGIN,
        what_to_do: &[
            "Test the back end from the mail server (doveadm auth test, ldapwhoami, the SQL query).",
            "Look at its certificate, its disk and its connection limit; restart it if it hangs.",
            "Afterwards look at ban lists: users' phones have tried hundreds of times.",
        ],
        never: &[
            "Never reset users' passwords because logins fail for all.",
            "Never let ban lists run meanwhile: whole offices are locked out.",
        ],
        advice: KEEP_PASSWORD,
    },
    Entry {
        cause: Cause::LoginBackendSlow,
        meaning: "The service that verifies passwords answers late; logins take long or time out.",
        users: "Logging in takes long or fails now and then.",
        what_to_do: &[
            "Measure the back end from the mail server; look at its load, its indexes and its own resolver.",
            "Lengthen the cache of the login service as a stopgap.",
        ],
        never: &["Never reset users' passwords because logins fail for all."],
        advice: KEEP_PASSWORD,
    },
    Entry {
        cause: Cause::LoginRefused,
        meaning: "The server says that name or password is wrong, for one account.",
        users: "One account cannot log in.",
        what_to_do: &[
            "Ask whether others can log in; if not, look at the back end instead.",
            "Look at whether the account is locked, has expired, or needs an app password or OAuth.",
        ],
        never: &["Never ask for a user's password in a chat or by mail."],
        advice: "Check the password once, on the organisation's own page. Type it nowhere else.",
    },
    Entry {
        cause: Cause::LoginUnencrypted,
        meaning: "The server takes passwords over an unencrypted connection.",
        users: "Nothing, but passwords can be read on the way.",
        what_to_do: &[
            "Offer login only after TLS (smtpd_tls_auth_only, disable_plaintext_auth), then check again.",
        ],
        never: &[],
        advice: "Use only settings with encryption.",
    },
];
