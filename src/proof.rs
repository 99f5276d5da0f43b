//! What must be seen to work before anybody is told that it does: the matrix of a service.
//!
//! 1. [`cells`] makes it from the configuration of the service: each way of the mail, each way to read, each mailbox of a
//!    store or site, and what only a person can see ("my phone sends").
//! 2. [`measure`] fills it from the findings of a run. What was not measured is never green.
//! 3. [`crate::incident::proof`] says which cells can keep an incident from being closed, and when it is proved.

mod measure;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use watchpost_texts::say;

use crate::cause::Cause;
use crate::check::{Capabilities, Verdict};
use crate::config::{Config, Hours};
use crate::ids::ServiceName;
use crate::service::{Protocol, Service};
pub use measure::measure;

/// One thing that must be seen to work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Mail servers outside find the MX hosts and are let in.
    Outside,
    /// A mail from a mailbox at another provider arrives.
    In,
    /// People log in and hand in mail, on every port and address.
    Submission,
    /// A mail to a mailbox at another provider arrives there.
    Out,
    /// A mail from the probe mailbox to itself arrives.
    Internal,
    /// People read by IMAP, on every port and address.
    Imap,
    /// People fetch by POP3, on every port and address.
    Pop3,
    /// The probe mailbox of one store or site takes mail and is read.
    Mailbox(String),
    /// A page answers, such as webmail.
    Page(String),
    /// A mail with an attachment of the configured size arrives.
    Attachment,
    /// Mail arrives within the configured time.
    Delay,
    /// No blocklist names the sending addresses.
    Lists,
    /// What only a person can see, in their words.
    Manual(String),
}

/// How a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Measured, and it works.
    Green,
    /// Measured, and it works with limits.
    Amber,
    /// Measured, and it does not work.
    Red,
    /// Not measured, for the reason beside it.
    Unmeasured,
}

/// A cell with what was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Which.
    pub cell: Cell,
    /// How it stands.
    pub state: State,
    /// Why, for those who work on it: it may name hosts. Empty where there is nothing to say.
    #[serde(default)]
    pub why: String,
    /// Waiting does not mend it: seen twice, it is proved that it does not work.
    #[serde(default)]
    pub lasting: bool,
    /// The cause, where one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// What a proof must be, and what is proved for each service: from `[proof]` and the sections of the services.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// How many rounds must be green.
    pub rounds: u32,
    /// From the first green round to the last.
    pub lasts: Duration,
    /// How long a closed incident is watched.
    pub watch: Duration,
    /// Whether reporters are asked.
    pub ask: Ask,
    /// When nobody is asked.
    pub quiet: Vec<Hours>,
    /// The zone of those hours.
    pub zone: chrono_tz::Tz,
    /// What is proved, by service.
    pub cells: BTreeMap<ServiceName, Vec<Cell>>,
}

/// Whether those who reported are asked if it works now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// By a direct message.
    Direct,
    /// Nobody is asked.
    Nobody,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            rounds: 3,
            lasts: Duration::from_secs(600),
            watch: Duration::from_secs(24 * 3_600),
            ask: Ask::Direct,
            quiet: Vec::new(),
            zone: chrono_tz::UTC,
            cells: BTreeMap::new(),
        }
    }
}

impl Rules {
    /// What the configuration says. Reporters are users, so the quiet hours of that audience are theirs.
    pub fn of(config: &Config) -> Self {
        let users = config.audiences.iter().find(|audience| audience.name.as_str() == "users");
        let of_service = |watched: &crate::config::Watched| {
            (watched.name.clone(), cells(&watched.service, &watched.manual_proof))
        };
        Rules {
            rounds: u32::from(config.proof.rounds),
            lasts: config.proof.lasts.length(),
            watch: config.proof.watch.length(),
            ask: config.proof.ask_reporters,
            quiet: users.map(|users| users.quiet_hours.clone()).unwrap_or_default(),
            zone: config.organisation.time_zone,
            cells: config.services.iter().map(of_service).collect(),
        }
    }

    /// What is proved for a service; nothing for one that is not configured.
    pub fn cells_of(&self, service: Option<&ServiceName>) -> &[Cell] {
        service.and_then(|service| self.cells.get(service)).map_or(&[], Vec::as_slice)
    }

    /// From one round to the next, so that the rounds span the whole time.
    pub fn spacing(rounds: u32, lasts: Duration) -> Duration {
        (lasts / rounds.saturating_sub(1).max(1)).max(Duration::from_secs(1))
    }
}

/// The matrix of a service. The ways that cannot be measured here are in it too, so that nobody takes them for proved.
pub fn cells(service: &Service, manual: &[String]) -> Vec<Cell> {
    let speaks = |protocol| service.endpoints.iter().any(|endpoint| endpoint.protocol == protocol);
    let mut cells = vec![Cell::Outside, Cell::In];
    cells.extend(speaks(Protocol::Submission).then_some(Cell::Submission));
    cells.extend([Cell::Out, Cell::Internal]);
    cells.extend(speaks(Protocol::Imap).then_some(Cell::Imap));
    cells.extend(speaks(Protocol::Pop3).then_some(Cell::Pop3));
    cells.extend(service.store_probes.iter().map(|account| Cell::Mailbox(account.mailbox.to_string())));
    cells.extend(service.web.iter().map(|page| Cell::Page(page.name.clone())));
    cells.extend(service.limits.attachment.map(|_| Cell::Attachment));
    cells.extend(service.probe.is_some().then_some(Cell::Delay));
    cells.extend((!service.blocklists.is_empty()).then_some(Cell::Lists));
    cells.extend(manual.iter().cloned().map(Cell::Manual));
    cells
}

/// The cells as far as the four capabilities tell, for who measures no more than those.
pub fn from_capabilities(cells: &[Cell], works: Capabilities) -> Vec<Measured> {
    cells.iter().map(|cell| of_verdict(cell, capability(cell, works))).collect()
}

fn capability(cell: &Cell, works: Capabilities) -> Option<Verdict> {
    match cell {
        Cell::Outside | Cell::In => Some(works.receive),
        Cell::Submission | Cell::Out => Some(works.send),
        Cell::Internal => Some(works.internal),
        Cell::Imap | Cell::Pop3 => Some(works.read),
        _ => None,
    }
}

fn of_verdict(cell: &Cell, verdict: Option<Verdict>) -> Measured {
    let (state, why) = match verdict {
        Some(Verdict::Ok) => (State::Green, ""),
        Some(Verdict::Degraded) => (State::Amber, say!("works with limits")),
        Some(Verdict::Down) => (State::Red, say!("does not work")),
        Some(Verdict::Unknown) | None => (State::Unmeasured, say!("not measured")),
    };
    Measured { lasting: state == State::Red, ..Measured::of(cell, state, why) }
}

impl Cell {
    /// Whether it can keep an incident from being closed. A listing takes days to go, and a person may be asleep.
    pub fn can_block(&self) -> bool {
        !matches!(self, Cell::Lists | Cell::Manual(_))
    }

    /// The check that measures it; none where only a person can.
    pub fn check(&self) -> Option<&'static str> {
        Some(match self {
            Cell::Outside => "smtp-relay",
            Cell::In => "inbound",
            Cell::Submission => "submission",
            Cell::Out => "outbound",
            Cell::Internal | Cell::Delay => "delivery",
            Cell::Imap => "imap",
            Cell::Pop3 => "pop3",
            Cell::Mailbox(_) => "stores",
            Cell::Page(_) => "web",
            Cell::Attachment => "attachment",
            Cell::Lists => "blocklist",
            Cell::Manual(_) => return None,
        })
    }

    /// What it is about, in words for those who work on it.
    pub fn label(&self) -> &str {
        match self {
            Cell::Outside => say!("mail servers outside get in"),
            Cell::In => say!("mail from another provider arrives"),
            Cell::Submission => say!("log in and hand in mail"),
            Cell::Out => say!("mail to another provider arrives"),
            Cell::Internal => say!("mail inside the house"),
            Cell::Imap => say!("read by IMAP"),
            Cell::Pop3 => say!("fetch by POP3"),
            Cell::Mailbox(address) => address,
            Cell::Page(name) => name,
            Cell::Attachment => say!("large attachment"),
            Cell::Delay => say!("mail arrives in time"),
            Cell::Lists => say!("on no blocklist"),
            Cell::Manual(words) => words,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl State {
    /// A sign and a word: never by colour alone.
    pub fn mark(self) -> &'static str {
        match self {
            State::Green => "✓",
            State::Amber => "!",
            State::Red => "✗",
            State::Unmeasured => "?",
        }
    }

    /// The state in a word or two.
    pub fn word(self) -> &'static str {
        match self {
            State::Green => "works",
            State::Amber => say!("works with limits"),
            State::Red => say!("does not work"),
            State::Unmeasured => say!("not measured"),
        }
    }
}

impl Measured {
    /// A cell as it stands, and why; it may pass.
    pub fn of(cell: &Cell, state: State, why: &str) -> Self {
        Measured { cell: cell.clone(), state, why: why.to_owned(), lasting: false, cause: None }
    }

    /// A cell that was not measured, and why.
    pub fn unmeasured(cell: &Cell, why: &str) -> Self {
        Measured::of(cell, State::Unmeasured, why)
    }
}
