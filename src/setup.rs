//! A first configuration, from nothing but a mail domain.
//!
//! 1. [`look`] asks DNS: the MX set; the SRV records of RFC 6186 and RFC 8314 that name submission and IMAP; where there
//!    are none, the names under which such hosts usually stand, and the MX hosts themselves.
//! 2. [`Found::configuration`] writes `watchpost.toml` from it, with a remark wherever a person must put something in.
//!
//! Nothing is connected to: what is found is a proposal that `watchpost check` then tries.

use std::fmt::Write as _;
use std::net::SocketAddr;

use crate::resolve::{NameServers, RData, RecordType, addresses, exchangers};
use crate::service::{HostName, Service};

/// SRV labels of submission, the safer first: RFC 8314 section 5.1 (TLS from the first byte), RFC 6186 section 3.1.
const SUBMISSION: [&str; 2] = ["_submissions._tcp", "_submission._tcp"];
/// SRV labels of IMAP, RFC 6186 section 3.2.
const IMAP: [&str; 2] = ["_imaps._tcp", "_imap._tcp"];
/// Where hosts for people's programs usually stand, when nothing names them.
const USUAL: [&str; 4] = ["mail", "smtp", "imap", "mx"];
/// Well-known ports of submission (RFC 8314) and IMAP (RFC 9051) for a host that was only guessed.
const GUESSED_SUBMISSION: [u16; 2] = [465, 587];
/// IMAP within TLS.
const GUESSED_IMAP: u16 = 993;

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// The domain says so itself.
    Published,
    /// A host of a usual name has an address; what listens there was not asked.
    Guessed,
}

/// What DNS says of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The domain.
    pub domain: HostName,
    /// The MX hosts, in order of preference.
    pub exchangers: Vec<String>,
    /// `host:port` of submission.
    pub submission: Vec<String>,
    /// `host:port` of IMAP.
    pub imap: Vec<String>,
    /// Whether the last two were published or guessed.
    pub sure: Sure,
}

/// Why nothing can be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NothingFound {
    /// No name server answers.
    #[error(
        "No name server answers, so nothing is known of {0}. Look at /etc/resolv.conf, or name one with --resolver ADDRESS:53"
    )]
    NoNameServer(HostName),
    /// The domain takes no mail, or there is no such domain.
    #[error(
        "{0} has no MX record and no address: no mail reaches it. Is it written rightly? It is the part after the @"
    )]
    NoMail(HostName),
}

/// Asks DNS.
///
/// # Errors
/// [`NothingFound`], with what to do.
pub async fn look(domain: HostName, resolvers: &[SocketAddr]) -> Result<Found, NothingFound> {
    let mut asked = Service::new("first", domain.clone());
    asked.resolvers = resolvers.to_vec();
    let servers = NameServers::new(&asked);
    let answers = servers.find_sound().await;
    let sound: Vec<SocketAddr> =
        answers.into_iter().filter_map(|(address, answer)| answer.ok().map(|()| address)).collect();
    if sound.is_empty() {
        return Err(NothingFound::NoNameServer(domain));
    }
    let names = Names { servers, sound };
    let mut hosts: Vec<String> = names
        .ask(domain.as_str(), RecordType::MX)
        .await
        .map(|found| exchangers(&found))
        .unwrap_or_default()
        .into_iter()
        .map(|(_, host)| host)
        .filter(|host| !host.is_empty())
        .collect();
    if hosts.is_empty() && names.has_address(domain.as_str()).await {
        // RFC 5321 section 5.1: without an MX record the domain itself is the host.
        hosts.push(domain.to_string());
    }
    if hosts.is_empty() {
        return Err(NothingFound::NoMail(domain));
    }
    let (submission, imap) =
        (names.published(&domain, &SUBMISSION).await, names.published(&domain, &IMAP).await);
    let sure = if submission.is_empty() && imap.is_empty() { Sure::Guessed } else { Sure::Published };
    let found = Found { domain, exchangers: hosts, submission, imap, sure };
    Ok(if sure == Sure::Guessed { names.guess(found).await } else { found })
}

struct Names {
    servers: NameServers,
    sound: Vec<SocketAddr>,
}

impl Names {
    async fn ask(&self, name: &str, kind: RecordType) -> Option<Vec<RData>> {
        self.servers.look_up(&self.sound, name, kind).await.ok()
    }

    async fn has_address(&self, name: &str) -> bool {
        for kind in [RecordType::A, RecordType::AAAA] {
            if self.ask(name, kind).await.is_some_and(|found| !addresses(&found).is_empty()) {
                return true;
            }
        }
        false
    }

    async fn published(&self, domain: &HostName, labels: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for label in labels {
            let answer = self.ask(&format!("{label}.{domain}"), RecordType::SRV).await.unwrap_or_default();
            found.extend(answer.iter().filter_map(target));
        }
        found
    }

    /// The usual names that have an address; without any, the first MX host.
    async fn guess(&self, mut found: Found) -> Found {
        let mut hosts = Vec::new();
        for label in USUAL {
            let name = format!("{label}.{}", found.domain);
            if self.has_address(&name).await {
                hosts.push(name);
            }
        }
        let first = found.exchangers.first().cloned().unwrap_or_default();
        let of = |wanted: &[&str]| {
            let usual =
                hosts.iter().find(|host| wanted.iter().any(|label| host.starts_with(&format!("{label}."))));
            usual.cloned().unwrap_or_else(|| first.clone())
        };
        let (smtp, imap) = (of(&["smtp", "mail"]), of(&["imap", "mail"]));
        found.submission = GUESSED_SUBMISSION.iter().map(|port| format!("{smtp}:{port}")).collect();
        found.imap = vec![format!("{imap}:{GUESSED_IMAP}")];
        found
    }
}

/// `host:port` of an SRV record. The target "." says that there is no such service, RFC 6186 section 3.4.
fn target(record: &RData) -> Option<String> {
    let RData::SRV(srv) = record else { return None };
    let host = srv.target.to_ascii().trim_end_matches('.').to_ascii_lowercase();
    HostName::parse(&host).ok().map(|host| format!("{host}:{}", srv.port))
}

impl Found {
    /// The file. What only a person knows stands in it as a remark that says where to find it.
    pub fn configuration(&self, organisation: &str, zone: chrono_tz::Tz) -> String {
        let mut out = String::new();
        let remark = match self.sure {
            Sure::Published => "From the domain's own SRV records.",
            Sure::Guessed => {
                "Guessed from the usual names: `watchpost check` tells whether somebody answers there."
            }
        };
        let list = |hosts: &[String]| hosts.iter().map(|host| quoted(host)).collect::<Vec<_>>().join(", ");
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "# Watchpost, a first configuration. Every key: `watchpost config reference`. Problems: `watchpost config check`.\n\
             # No secret stands here: keys that end in _env name environment variables.\n\n\
             [organisation]\nname = {}\ntime_zone = {}\n\n\
             [service.main]\ndomain = {}\n# The MX hosts are found by DNS at each check; today: {}.\n# {remark}\n\
             submission = [{}]\nimap = [{}]\n\n{DISCORD}{PROBE}\n[store]\nfolder = \"data\"\n\n\
             # The status page; put a proxy with a certificate before it.\n[web]\nlisten = \"127.0.0.1:8080\"\n",
            quoted(organisation),
            quoted(zone.name()),
            quoted(self.domain.as_str()),
            self.exchangers.join(", "),
            list(&self.submission),
            list(&self.imap),
        );
        out
    }
}

/// What must be filled in for Discord.
const DISCORD: &str = "\
# The server of Discord: User Settings > Advanced > Developer Mode, then right-click > Copy ID. Take the signs away.
# [guild.1020304050607080900]
# operations = 1020304050607080901   # the channel for alarms
# incidents = 1020304050607080902    # the channel in which each incident gets a thread
# ping_role = 1020304050607080903    # whom an alarm mentions
# [guild.1020304050607080900.roles]
# responder = [1020304050607080904]
# admin = [1020304050607080906]

# Who is told, and where.
# [audience.users]
# destinations = [\"status\"]
# [destination.status]
# kind = \"discord\"
# channel = 1020304050607080907

";

/// What must be filled in for logins and probe mail.
const PROBE: &str = "\
# A mailbox that is used for test mail and nothing else; its password in the variable PROBE_PASSWORD.
# [service.main.probe]
# address = \"probe@example.org\"
# password_env = \"PROBE_PASSWORD\"
";

/// A text as TOML writes it: JSON's escapes are among TOML's. Control characters, which no name has, are left out.
fn quoted(text: &str) -> String {
    serde_json::Value::String(text.chars().filter(|letter| !letter.is_control()).collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Environment};

    fn found(sure: Sure) -> Found {
        Found {
            domain: HostName::parse("example.org").expect("a name"),
            exchangers: vec!["mx1.example.org".into(), "mx2.example.org".into()],
            submission: vec!["mail.example.org:465".into()],
            imap: vec!["mail.example.org:993".into()],
            sure,
        }
    }

    #[test]
    fn what_is_written_is_sound_whatever_the_organisation_is_called() {
        for name in ["Example Ltd", "\"; [evil]\n", "Ünïcode 😀"] {
            for sure in [Sure::Published, Sure::Guessed] {
                let text = found(sure).configuration(name, chrono_tz::Europe::Berlin);
                let config = Config::parse("watchpost.toml".as_ref(), &text, &Environment::default());
                let config = config.unwrap_or_else(|error| panic!("{text}\n{error}"));
                assert_eq!((config.organisation.name.as_str(), config.services.len()), (name.trim_end(), 1));
            }
        }
    }

    #[test]
    fn the_remarks_are_sound_too_once_their_signs_are_taken_away() {
        let text = found(Sure::Published).configuration("Example", chrono_tz::UTC);
        let keys = |line: &&str| line.contains('[') || line.contains(" = ");
        let bare: String = text
            .lines()
            .map(|line| {
                line.strip_prefix("# ").filter(|rest| keys(rest) && !rest.contains('`')).unwrap_or(line)
            })
            .fold(String::new(), |all, line| all + line + "\n");
        let environment = Environment::from_iter([("PROBE_PASSWORD", "secret")]);
        let config = Config::parse("watchpost.toml".as_ref(), &bare, &environment);
        let config = config.unwrap_or_else(|error| panic!("{bare}\n{error}"));
        assert_eq!((config.guilds.len(), config.destinations.len()), (1, 1));
        assert!(config.services[0].service.probe.is_some());
    }
}
