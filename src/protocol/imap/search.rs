//! Waits in an open mailbox for one probe mail, and deletes it.
//!
//! 1. The headers of the mails from a UID on are fetched: a SEARCH by header can be slow or have no index.
//! 2. A mail that carries the token is the one. Any other is left alone, unread as it was.
//! 3. Not there: a pause, each a little longer, and again, until the time is over.
//! 4. Found: `\Deleted`, and `UID EXPUNGE` (RFC 4315) of this one mail.

use std::time::Duration;

/// How many of the newest mails are looked at first, for a probe that arrived before we opened the mailbox.
const LOOK_BACK: u32 = 20;
/// The first pause; each further one is half as long again, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Which mail is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What its header holds, and no other mail's.
    pub token: String,
    /// How long to wait for it, in milliseconds since the connection was begun.
    pub until: u64,
}

/// The mail that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its UID.
    pub uid: u32,
    /// Its header, as it is.
    pub header: Vec<u8>,
    /// When the server put it into the mailbox, by the server's clock, as it writes it.
    pub internal_date: Option<String>,
    /// When we saw it, in milliseconds since the connection was begun.
    pub at: u64,
    /// Whether it could be deleted.
    pub deleted: bool,
}

/// What the dialogue is to do next.
pub(super) enum SearchStep {
    Ask(String),
    Wait(Duration),
    Over,
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    wanted: Wanted,
    state: State,
    pause: Duration,
    seen: Option<Found>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Look,
    Rest,
    /// The server is asked for news, so that it shows new mail: RFC 9051 section 6.1.2.
    Wake,
    Mark,
    Expunge,
    Over,
}

impl Search {
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, state: State::Look, pause: FIRST_PAUSE, seen: None }
    }

    pub fn into_found(self) -> Option<Found> {
        self.seen
    }

    /// Takes `n FETCH (UID u INTERNALDATE "..." BODY[HEADER] {k}` with its literal.
    pub fn take_untagged(&mut self, rest: &str, literals: &[Vec<u8>]) {
        let is_fetch = rest.split(' ').nth(1).is_some_and(|word| word.eq_ignore_ascii_case("FETCH"));
        let Some(header) = literals.first().filter(|_| is_fetch && self.seen.is_none()) else {
            return;
        };
        if !holds(header, self.wanted.token.as_bytes()) {
            return;
        }
        let after = |key: &str| rest.split_once(key).map(|(_, tail)| tail);
        let digits =
            |text: &str| text.split(|c: char| !c.is_ascii_digit()).next().and_then(|d| d.parse().ok());
        // Some servers name the UID only behind the header, so it is looked for in the whole line.
        let Some(uid) = after("UID ").and_then(digits) else {
            return;
        };
        let internal_date =
            after("INTERNALDATE \"").and_then(|tail| tail.split('"').next()).map(str::to_owned);
        self.seen = Some(Found { uid, header: header.clone(), internal_date, at: 0, deleted: false });
    }

    pub fn next(&mut self, at: u64, uid_next: Option<u32>) -> SearchStep {
        if let Some(found) = &mut self.seen {
            let uid = found.uid;
            return match self.state {
                State::Look | State::Rest | State::Wake => {
                    found.at = at;
                    self.state = State::Mark;
                    SearchStep::Ask(format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"))
                }
                State::Mark => {
                    self.state = State::Expunge;
                    SearchStep::Ask(format!("UID EXPUNGE {uid}"))
                }
                State::Expunge | State::Over => {
                    found.deleted = true;
                    self.state = State::Over;
                    SearchStep::Over
                }
            };
        }
        self.look_again(at, uid_next)
    }

    fn look_again(&mut self, at: u64, uid_next: Option<u32>) -> SearchStep {
        match self.state {
            State::Look => {
                self.state = State::Rest;
                let from = uid_next.unwrap_or(1).saturating_sub(LOOK_BACK).max(1);
                SearchStep::Ask(format!("UID FETCH {from}:* (UID INTERNALDATE BODY.PEEK[HEADER])"))
            }
            State::Rest if at >= self.wanted.until => SearchStep::Over,
            State::Rest => {
                self.state = State::Wake;
                let pause = self.pause;
                self.pause = (pause * 3 / 2).min(LONGEST_PAUSE);
                SearchStep::Wait(pause)
            }
            State::Wake => {
                self.state = State::Look;
                SearchStep::Ask("NOOP".to_owned())
            }
            State::Mark | State::Expunge | State::Over => SearchStep::Over,
        }
    }
}

fn holds(header: &[u8], token: &[u8]) -> bool {
    !token.is_empty() && header.windows(token.len()).any(|window| window == token)
}
