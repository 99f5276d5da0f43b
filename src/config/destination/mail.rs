//! Mail through a relay of our own choice, which must not depend on what it reports on (invariant 10).

use std::net::IpAddr;
use std::path::PathBuf;

use crate::config::Config;
use crate::config::environment::VariableName;
use crate::config::key::{AnyKey, Key};
use crate::config::read::Table;
use crate::config::secret::Secret;
use crate::service::{HostName, Mailbox, TlsMode};

static KIND: Key<String> = Key::new("kind", "\"mail\".").example("\"mail\"");
static RELAY: Key<HostName> =
    Key::new("relay", "The relay's host, at another provider.").example("\"smtp.relay.example\"").needed();
static PORT: Key<u16> =
    Key::new("port", "Its port; 465 begins with TLS, others by STARTTLS. TLS is always required.")
        .default("465");
static ADDRESSES: Key<Vec<IpAddr>> = Key::new(
    "addresses",
    "The relay's addresses, so that it is found while name servers are gone. Without them its name is looked up.",
)
.example("[\"192.0.2.25\"]");
static FROM: Key<Mailbox> = Key::new("from", "The sender, at a domain that is not watched.")
    .example("\"outage@status.example\"")
    .needed();
static REPLY_TO: Key<Mailbox> = Key::new(
    "reply_to",
    "Where answers go, also those that say unsubscribe; at a domain that is not watched. Without it: the sender.",
)
.example("\"help@status.example\"");
static RECIPIENTS: Key<Vec<Mailbox>> = Key::new(
    "recipients",
    "Who gets it, at most 100. Addresses in a watched domain are left out: they cannot be reached.",
)
.example("[\"anna@elsewhere.example\"]")
.needed();
static USER: Key<String> = Key::new("user", "The login at the relay.").example("\"watchpost\"");
static PASSWORD_ENV: Key<VariableName> =
    Key::new("password_env", "The environment variable that holds the password.")
        .example("\"RELAY_PASSWORD\"");
static PASSWORD_FILE: Key<PathBuf> =
    Key::new("password_file", "A file that holds the password, in place of the variable.")
        .example("\"relay.password\"");
static CA_FILE: Key<PathBuf> =
    Key::new("ca_file", "Certificate authorities to trust for the relay, as PEM, beside the public ones.")
        .example("\"ca.pem\"");

pub(super) const KEYS: &[&dyn AnyKey] = &[
    &KIND,
    &RELAY,
    &PORT,
    &ADDRESSES,
    &FROM,
    &REPLY_TO,
    &RECIPIENTS,
    &USER,
    &PASSWORD_ENV,
    &PASSWORD_FILE,
    &CA_FILE,
    &super::NEEDS,
];

/// A relay and what goes through it.
#[derive(Debug, Clone)]
pub struct Relay {
    /// The relay's host.
    pub host: HostName,
    /// Its port.
    pub port: u16,
    /// How TLS begins; it always does.
    pub tls: TlsMode,
    /// Its addresses; where there is none, its name is looked up.
    pub addresses: Vec<IpAddr>,
    /// The sender.
    pub from: Mailbox,
    /// Where answers go, where that is not the sender.
    pub reply_to: Option<Mailbox>,
    /// Who gets it.
    pub recipients: Vec<Mailbox>,
    /// Login and password, where the relay wants them.
    pub login: Option<(String, Secret)>,
    /// Certificate authorities to trust beside the public ones, in DER.
    pub authorities: Vec<rustls::pki_types::CertificateDer<'static>>,
}

impl Relay {
    /// Who can be reached, and who cannot because their mailbox is at a watched domain.
    pub fn readers(&self, config: &Config) -> (Vec<Mailbox>, Vec<Mailbox>) {
        let watched = |reader: &&Mailbox| {
            let domains = config.services.iter().map(|watched| &watched.service.domain);
            domains.into_iter().any(|domain| reader.domain().is_within(domain))
        };
        let (skipped, readers): (Vec<_>, Vec<_>) = self.recipients.iter().partition(watched);
        let own = |list: Vec<&Mailbox>| list.into_iter().cloned().collect();
        (own(readers), own(skipped))
    }
}

pub(super) fn read(table: &Table<'_>) -> Option<Relay> {
    let (host, port, from) = (table.required(&RELAY), table.required(&PORT), table.required(&FROM));
    let (addresses, reply_to) = (table.optional(&ADDRESSES), table.optional(&REPLY_TO));
    let (recipients, authorities) = (table.required(&RECIPIENTS), table.authorities(&CA_FILE));
    let login = login(table);
    let port = port?;
    let tls = if port == 465 { TlsMode::Implicit } else { TlsMode::Starttls };
    Some(Relay {
        host: host?,
        port,
        tls,
        addresses: addresses?.unwrap_or_default(),
        from: from?,
        reply_to: reply_to?,
        recipients: recipients?,
        login: login?,
        authorities: authorities?,
    })
}

/// Both or neither. The outer `None`: a problem was noted.
fn login(table: &Table<'_>) -> Option<Option<(String, Secret)>> {
    let user = table.optional(&USER)?;
    match user {
        Some(user) => {
            table.required_secret(&PASSWORD_ENV, &PASSWORD_FILE).map(|password| Some((user, password)))
        }
        None => {
            let password = table.secret(&PASSWORD_ENV, &PASSWORD_FILE)?;
            if password.is_some() {
                table.missing(&USER);
                return None;
            }
            Some(None)
        }
    }
}
