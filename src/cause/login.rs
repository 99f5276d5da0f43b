//! Who may log in.

use watchpost_texts::to_say;

use super::{Cause, Entry};

const NO_LOGIN: &str = to_say!(
    "Nobody can log in, although the password is right. Mail programs may ask for it again and again."
);
const KEEP_PASSWORD: &str = to_say!(
    "Do not change your password and do not type it again and again. Keep your account; your outbox is kept."
);

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        cause: Cause::LoginBackendDown,
        meaning: to_say!(
            "The service that verifies passwords (LDAP, Active Directory, SQL, OAuth, Dovecot auth) does not answer."
        ),
        users: NO_LOGIN,
        what_to_do: &[
            to_say!("Test the back end from the mail server (doveadm auth test, ldapwhoami, the SQL query)."),
            to_say!("Look at its certificate, its disk and its connection limit; restart it if it hangs."),
            to_say!("Afterwards look at ban lists: users' phones have tried hundreds of times."),
        ],
        never: &[
            to_say!("Never reset users' passwords because logins fail for all."),
            to_say!("Never let ban lists run meanwhile: whole offices are locked out."),
        ],
        advice: KEEP_PASSWORD,
    },
    Entry {
        cause: Cause::LoginBackendSlow,
        meaning: to_say!("The service that verifies passwords answers late; logins take long or time out."),
        users: to_say!("Logging in takes long or fails now and then."),
        what_to_do: &[
            to_say!(
                "Measure the back end from the mail server; look at its load, its indexes and its own resolver."
            ),
            to_say!("Lengthen the cache of the login service as a stopgap."),
        ],
        never: &[to_say!("Never reset users' passwords because logins fail for all.")],
        advice: KEEP_PASSWORD,
    },
    Entry {
        cause: Cause::LoginRefused,
        meaning: to_say!("The server says that name or password is wrong, for one account."),
        users: to_say!("One account cannot log in."),
        what_to_do: &[
            to_say!("Ask whether others can log in; if not, look at the back end instead."),
            to_say!("Look at whether the account is locked, has expired, or needs an app password or OAuth."),
        ],
        never: &[to_say!("Never ask for a user's password in a chat or by mail.")],
        advice: to_say!("Check the password once, on the organisation's own page. Type it nowhere else."),
    },
    Entry {
        cause: Cause::LoginUnencrypted,
        meaning: to_say!("The server takes passwords over an unencrypted connection."),
        users: to_say!("Nothing, but passwords can be read on the way."),
        what_to_do: &[to_say!(
            "Offer login only after TLS (smtpd_tls_auth_only, disable_plaintext_auth), then check again."
        )],
        never: &[],
        advice: to_say!("Use only settings with encryption."),
    },
];
