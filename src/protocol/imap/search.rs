//! Waits in an open mailbox for one probe mail, and deletes it.
//!
//! 1. Where the mailbox is open before the mail was handed in, that is waited for: the login costs no time then.
//! 2. The headers of the newest mails are fetched: a SEARCH by header can be slow or have no index.
//! 3. A mail that carries the token is the one; one with the token of an earlier probe is a late one. Any other is left
//!    alone, unread as it was.
//! 4. Not there: a pause, each a little longer, and again, until the time is over.
//! 5. Still not there: the junk mailbox (RFC 6154) is looked into once.
//! 6. A report (RFC 3464) among the new mails is read: a bounce of our own probe says why it was refused.
//! 7. `\Deleted`, and `UID EXPUNGE` (RFC 4315) of exactly these mails.

use std::time::Duration;

use crate::protocol::News;

/// How many of the newest mails are looked at first, for a probe that arrived before we opened the mailbox.
const LOOK_BACK: u32 = 20;
/// The first pause; each further one is a quarter longer, up to [`LONGEST_PAUSE`]: a mail that comes after 100 ms is seen
/// before 125.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How much of a report is read: the reason stands before the returned mail.
const BOUNCE_BYTES: usize = 16 * 1024;

/// Which mail is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What its header holds, and no other mail's.
    pub token: String,
    /// The tokens of earlier probes that had not arrived.
    pub earlier: Vec<String>,
    /// How long to wait for it, in milliseconds since it was handed in, or else since the connection was begun.
    pub wait: u64,
    /// Where the mailbox is opened while the mail is still being handed in: tells that it was, or that it was not.
    pub handed_in: Option<News>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The mail that was looked for.
    pub mail: Option<FoundMail>,
    /// A report that our mail was refused, as it is; at most [`BOUNCE_BYTES`] of it.
    pub bounce: Option<Vec<u8>>,
    /// The tokens of earlier probes that have arrived meanwhile.
    pub late: Vec<String>,
    /// Whether the mails could be deleted.
    pub deleted: bool,
}

/// The mail that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundMail {
    /// Its header, as it is.
    pub header: Vec<u8>,
    /// When the server put it into the mailbox, by the server's clock, as it writes it.
    pub internal_date: Option<String>,
    /// Whether it lay in the junk mailbox.
    pub in_junk: bool,
}

/// What the dialogue is to do next.
pub(super) enum SearchStep {
    Ask(String),
    Wait(Duration),
    /// Until [`Wanted::handed_in`] is known.
    Hold,
    Over,
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    wanted: Wanted,
    /// Until when it is looked for, in milliseconds since the connection was begun.
    until: u64,
    state: State,
    pause: Duration,
    junk: Option<String>,
    in_junk: bool,
    /// UIDs of our own mails in the mailbox that is open.
    ours: Vec<u32>,
    /// UIDs of reports that are not read yet, and of those that are.
    reports: Vec<u32>,
    reports_read: Vec<u32>,
    found: Found,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The mail may not be handed in yet.
    Hold,
    Look,
    ReadReports,
    Rest,
    /// The server is asked for news, so that it shows new mail: RFC 9051 section 6.1.2.
    Wake,
    ListJunk,
    OpenJunk,
    LookIntoJunk,
    Expunge,
    Over,
}

impl Search {
    pub fn new(wanted: Wanted) -> Self {
        let state = if wanted.handed_in.is_some() { State::Hold } else { State::Look };
        Self {
            until: wanted.wait,
            wanted,
            state,
            pause: FIRST_PAUSE,
            junk: None,
            in_junk: false,
            ours: Vec::new(),
            reports: Vec::new(),
            reports_read: Vec::new(),
            found: Found::default(),
        }
    }

    pub fn into_found(self) -> Found {
        self.found
    }

    /// Takes the untagged responses to FETCH and LIST.
    pub fn take_untagged(&mut self, rest: &str, literals: &[Vec<u8>]) {
        if let Some(list) = strip_word(rest, "LIST") {
            self.junk = self.junk.take().or_else(|| junk_mailbox(list));
            return;
        }
        let is_fetch = rest.split(' ').nth(1).is_some_and(|word| word.eq_ignore_ascii_case("FETCH"));
        let (Some(header), Some(uid)) = (literals.first().filter(|_| is_fetch), uid_of(rest)) else {
            return;
        };
        if self.ours.contains(&uid) {
            return;
        }
        if self.state == State::ReadReports {
            self.take_report(uid, header);
        } else if holds(header, &self.wanted.token) {
            let date = rest.split_once("INTERNALDATE \"").and_then(|(_, tail)| tail.split('"').next());
            let internal_date = date.map(str::to_owned);
            self.found.mail =
                Some(FoundMail { header: header.clone(), internal_date, in_junk: self.in_junk });
            self.ours.push(uid);
        } else if let Some(token) = self.wanted.earlier.iter().find(|token| holds(header, token)) {
            self.found.late.push(token.clone());
            self.ours.push(uid);
        } else if is_report(header) && !self.reports_read.contains(&uid) && !self.reports.contains(&uid) {
            self.reports.push(uid);
        }
    }

    /// The envelope id, and the returned header, carry the token's first half.
    fn take_report(&mut self, uid: u32, report: &[u8]) {
        let id = self.wanted.token.split('.').next().unwrap_or_default();
        if holds(report, id) {
            self.found.bounce = Some(report.iter().copied().take(BOUNCE_BYTES).collect());
            self.ours.push(uid);
        }
    }

    /// What to do after the last command was answered.
    pub fn next(&mut self, at: u64, uid_next: Option<u32>) -> SearchStep {
        match self.state {
            State::Hold => self.hold(at),
            State::Look => self.go(State::Rest, fetch(uid_next)),
            State::Rest | State::LookIntoJunk if self.found.mail.is_some() => self.delete(),
            State::Rest if !self.reports.is_empty() => self.read_reports(),
            State::ReadReports if self.found.bounce.is_some() => self.delete(),
            State::Rest | State::ReadReports if at < self.until => {
                self.state = State::Wake;
                let pause = self.pause;
                self.pause = (pause * 5 / 4).min(LONGEST_PAUSE);
                SearchStep::Wait(pause)
            }
            State::Rest | State::ReadReports => self.go(State::ListJunk, "LIST \"\" \"*\"".to_owned()),
            State::Wake => self.go(State::Look, "NOOP".to_owned()),
            State::ListJunk => match self.junk.take().filter(|_| self.ours.is_empty()) {
                Some(name) => {
                    self.in_junk = true;
                    self.go(State::OpenJunk, format!("SELECT {name}"))
                }
                None => self.delete(),
            },
            State::OpenJunk => self.go(State::LookIntoJunk, fetch(uid_next)),
            State::LookIntoJunk => self.delete(),
            State::Expunge => {
                let uids = joined(&self.ours);
                self.found.deleted = true;
                self.go(State::Over, format!("UID EXPUNGE {uids}"))
            }
            State::Over => SearchStep::Over,
        }
    }

    /// The last command was refused; what was not deleted is said.
    pub fn refused(&mut self) {
        self.found.deleted = false;
    }

    fn go(&mut self, state: State, command: String) -> SearchStep {
        self.state = state;
        SearchStep::Ask(command)
    }

    /// Goes on when the mail has been handed in; without a mail there is nothing to look for.
    fn hold(&mut self, at: u64) -> SearchStep {
        match self.handed_in().and_then(|news| news.get().copied()) {
            None => SearchStep::Hold,
            Some(false) => {
                self.state = State::Over;
                SearchStep::Over
            }
            Some(true) => {
                self.until = at.saturating_add(self.wanted.wait);
                self.go(State::Look, "NOOP".to_owned())
            }
        }
    }

    /// What is waited for before it is looked for.
    pub fn handed_in(&self) -> Option<&News> {
        self.wanted.handed_in.as_ref()
    }

    fn read_reports(&mut self) -> SearchStep {
        let uids = joined(&self.reports);
        self.reports_read.append(&mut self.reports);
        self.go(State::ReadReports, format!("UID FETCH {uids} (UID BODY.PEEK[]<0.{BOUNCE_BYTES}>)"))
    }

    fn delete(&mut self) -> SearchStep {
        if self.ours.is_empty() {
            self.state = State::Over;
            return SearchStep::Over;
        }
        let uids = joined(&self.ours);
        self.go(State::Expunge, format!("UID STORE {uids} +FLAGS.SILENT (\\Deleted)"))
    }
}

fn joined(uids: &[u32]) -> String {
    uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// RFC 3462: a report says so in its Content-Type.
fn is_report(header: &[u8]) -> bool {
    holds(&header.to_ascii_lowercase(), "multipart/report")
}

fn fetch(uid_next: Option<u32>) -> String {
    let from = uid_next.unwrap_or(1).saturating_sub(LOOK_BACK).max(1);
    format!("UID FETCH {from}:* (UID INTERNALDATE BODY.PEEK[HEADER])")
}

/// Some servers name the UID only behind the header, so it is looked for in the whole line.
fn uid_of(rest: &str) -> Option<u32> {
    let (_, tail) = rest.split_once("UID ")?;
    tail.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (first, rest) = text.split_once(' ')?;
    first.eq_ignore_ascii_case(word).then_some(rest)
}

/// The name of the junk mailbox as it stands in `(\Junk) "/" "Spam"`, quoted as it was: by its attribute (RFC 6154
/// section 2), or by its usual names.
fn junk_mailbox(list: &str) -> Option<String> {
    let (attributes, rest) = list.strip_prefix('(')?.split_once(')')?;
    let name = rest.trim_start().split_once(' ')?.1.trim();
    let plain = name.trim_matches('"');
    let usual = ["Junk", "Spam", "INBOX.Junk", "INBOX.Spam", "Junk E-mail", "Junk Email"];
    let marked = attributes.split(' ').any(|attribute| attribute.eq_ignore_ascii_case("\\Junk"));
    let writable = name.is_ascii() && !name.contains('{');
    (writable && (marked || usual.iter().any(|known| known.eq_ignore_ascii_case(plain))))
        .then(|| name.to_owned())
}

fn holds(header: &[u8], token: &str) -> bool {
    !token.is_empty() && header.windows(token.len()).any(|window| window == token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &str, expected: Option<&str>) {
        assert_eq!(junk_mailbox(list).as_deref(), expected, "{list}");
    }

    #[test]
    fn the_junk_mailbox_is_known_by_mark_or_name() {
        check("(\\HasNoChildren \\Junk) \"/\" \"Unerwünscht\"", None);
        check("(\\HasNoChildren \\Junk) \"/\" Rubbish", Some("Rubbish"));
        check("() \".\" \"INBOX.Spam\"", Some("\"INBOX.Spam\""));
        check("() \"/\" \"Junk E-mail\"", Some("\"Junk E-mail\""));
        check("() \"/\" Sent", None);
        check("(\\Junk) NIL {4}", None);
        check("nonsense", None);
    }
}
