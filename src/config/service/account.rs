//! `[service.<name>.probe]` and its relatives: the mailboxes of Watchpost's own mail.

use std::path::PathBuf;

use crate::config::environment::VariableName;
use crate::config::error::Wrong;
use crate::config::key::{AnyKey, Key, Section};
use crate::config::read::Table;
use crate::config::value::{FromValue, Item, choice};
use crate::service::{Account, Elsewhere, LoginMethod, Mailbox, Protocol, TlsMode};

use super::endpoint::Address;

static ADDRESS: Key<Mailbox> = Key::new("address", "The mailbox; one of its own, used for nothing else.")
    .example("\"probe@example.org\"")
    .needed();
static LOGIN: Key<String> =
    Key::new("login", "The login name. Without it: the address.").example("\"probe\"");
static PASSWORD_ENV: Key<VariableName> =
    Key::new("password_env", "The environment variable that holds the password.")
        .example("\"PROBE_PASSWORD\"");
static PASSWORD_FILE: Key<PathBuf> =
    Key::new("password_file", "A file that holds the password, in place of the variable.")
        .example("\"probe.password\"");
static METHOD: Key<LoginMethod> =
    Key::new("method", "\"password\", or \"xoauth2\" where the secret is an access token.")
        .default("\"password\"");
static SUBMISSION: Key<Address> = Key::new("submission", "Where mail is handed in there.")
    .example("\"smtp.elsewhere.example:465\"")
    .needed();
static IMAP: Key<Address> =
    Key::new("imap", "Where mail is read there.").example("\"imap.elsewhere.example:993\"").needed();

const KEYS: &[&dyn AnyKey] = &[&ADDRESS, &LOGIN, &PASSWORD_ENV, &PASSWORD_FILE, &METHOD];
const ELSEWHERE_KEYS: &[&dyn AnyKey] =
    &[&ADDRESS, &LOGIN, &PASSWORD_ENV, &PASSWORD_FILE, &METHOD, &SUBMISSION, &IMAP];

pub(super) const PROBE: Section = Section {
    heading: "service.<name>.probe",
    meaning: "The mailbox that logs in, sends and receives test mail. Without it neither is tried.",
    keys: KEYS,
};
pub(super) const STORE_PROBE: Section = Section {
    heading: "[service.<name>.store_probe]",
    meaning: "A further mailbox for each store or site; it only logs in.",
    keys: KEYS,
};
pub(super) const ELSEWHERE: Section = Section {
    heading: "service.<name>.elsewhere",
    meaning: "A mailbox at another provider, for test mail from outside and to outside.",
    keys: ELSEWHERE_KEYS,
};

impl FromValue for LoginMethod {
    const KIND: &'static str = "\"password\" or \"xoauth2\"";

    fn from_value(item: &Item<'_>) -> Result<Self, Wrong> {
        choice(item, Self::KIND, &[("password", Self::Password), ("xoauth2", Self::Xoauth2)])
    }
}

/// The outer `None`, here and below: a problem was noted.
pub(super) fn probe(service: &Table<'_>) -> Option<Option<Account>> {
    let table = service.section("probe", KEYS, &[]);
    if table.is_given() { account(&table).map(Some) } else { Some(None) }
}

pub(super) fn store_probes(service: &Table<'_>) -> Option<Vec<Account>> {
    let read: Vec<_> = service.list("store_probe", KEYS).iter().map(account).collect();
    read.into_iter().collect()
}

pub(super) fn elsewhere(service: &Table<'_>) -> Option<Option<Elsewhere>> {
    let table = service.section("elsewhere", ELSEWHERE_KEYS, &[]);
    if !table.is_given() {
        return Some(None);
    }
    let (account, submission, imap) = (account(&table), table.required(&SUBMISSION), table.required(&IMAP));
    Some(Some(Elsewhere {
        account: account?,
        submission: submission?.endpoint(Protocol::Submission, TlsMode::Starttls),
        imap: imap?.endpoint(Protocol::Imap, TlsMode::Implicit),
    }))
}

fn account(table: &Table<'_>) -> Option<Account> {
    let (address, login) = (table.required(&ADDRESS), table.optional(&LOGIN));
    let (password, method) = (table.required_secret(&PASSWORD_ENV, &PASSWORD_FILE), table.required(&METHOD));
    let mailbox = address?;
    Some(Account {
        login: login?.unwrap_or_else(|| mailbox.to_string()),
        mailbox,
        secret: password?.value().clone(),
        method: method?,
    })
}
