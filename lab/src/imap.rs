//! IMAP (RFC 9051, and RFC 3501 for older clients) as a server speaks it.
//!
//! 1. A command is gathered until it is whole, literals included ([`Session::line`], [`Session::block`]).
//! 2. A fault may answer it in the server's place.
//! 3. [`Session::command`] carries it out: anybody's commands here, those on mail in `imap/selected.rs`.

mod fetch;
mod login;
mod numbers;
pub(crate) mod parse;
mod search;
mod selected;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;

use crate::dialogue::{Dialogue, Next, Turn, text};
use crate::mailbox::{Folder, Mailbox, QUOTA_BYTES};
use crate::options::Endpoint;
use crate::personality::{ImapAnswer, ImapMoment};
use crate::site::Site;
use crate::smtp::data::MOST_MAIL_BYTES;
use parse::Token;
use selected::Selected;

/// How much a command may hold in all, literals included; an APPEND carries a whole mail.
const MOST_COMMAND_BYTES: usize = MOST_MAIL_BYTES + 64 * 1024;
/// The same before anybody has logged in: a name and a password.
const MOST_LOGIN_BYTES: usize = 32 * 1024;

/// One IMAP connection.
pub(crate) struct Session {
    site: Arc<Site>,
    endpoint: Endpoint,
    secured: bool,
    account: Option<String>,
    selected: Option<Selected>,
    /// The command so far, when it waits for a literal.
    pending: Vec<u8>,
    /// An AUTHENTICATE that waits for the client.
    waiting: Option<login::Waiting>,
}

/// How a command ends: untagged lines were written before.
type Ending = Result<String, String>;

impl Session {
    pub(crate) fn new(site: Arc<Site>, endpoint: Endpoint, secured: bool) -> Self {
        Self { site, endpoint, secured, account: None, selected: None, pending: Vec::new(), waiting: None }
    }

    fn whole_command(&mut self, command: &[u8]) -> Turn {
        let Some(tokens) = parse::tokens(command) else {
            return Turn::line("* BAD Command cannot be read\r\n");
        };
        let words: Vec<_> = tokens.iter().take(3).map_while(Token::text).collect();
        let [tag, verb, ..] = words.as_slice() else {
            return Turn::line("* BAD Tag or command is missing\r\n");
        };
        let verb = verb.to_ascii_uppercase();
        let by_uid = verb == "UID";
        let verb = if by_uid {
            words.get(2).map(|word| word.to_ascii_uppercase()).unwrap_or_default()
        } else {
            verb
        };
        let arguments = tokens.get(if by_uid { 3 } else { 2 }..).unwrap_or_default();
        match self.site.board.imap(&ImapMoment { endpoint: &self.endpoint, command: &verb }) {
            Some(ImapAnswer::No(text)) => Turn::line(format!("{tag} NO {text}\r\n")),
            Some(ImapAnswer::Bye(text)) => Turn::close(format!("* BYE {text}\r\n")),
            Some(ImapAnswer::Forever(start, again)) => {
                Turn { bytes: start.as_bytes().to_vec(), next: Next::Forever(again) }
            }
            Some(ImapAnswer::FollowedBy(text)) => {
                let mut turn = self.command(tag, &verb, by_uid, arguments);
                turn.bytes.extend_from_slice(text.as_bytes());
                turn
            }
            Some(ImapAnswer::PreAuthenticated) | None => self.command(tag, &verb, by_uid, arguments),
        }
    }

    fn command(&mut self, tag: &str, verb: &str, by_uid: bool, arguments: &[Token]) -> Turn {
        let mut out = Vec::new();
        let ending = match verb {
            "CAPABILITY" => {
                out = format!("* CAPABILITY {}\r\n", self.capabilities()).into_bytes();
                done(verb)
            }
            "NOOP" | "CHECK" => done(verb),
            "ID" => {
                out = b"* ID (\"name\" \"Lab\")\r\n".to_vec();
                done(verb)
            }
            "LOGOUT" => return Turn::close(format!("* BYE Goodbye\r\n{tag} OK LOGOUT completed\r\n")),
            "STARTTLS" if !self.secured && self.account.is_none() => {
                let bytes = format!("{tag} OK Begin TLS negotiation now\r\n").into_bytes();
                return Turn { bytes, next: Next::StartTls };
            }
            "LOGIN" | "AUTHENTICATE" => return self.begin_login(tag, verb, arguments),
            "LIST" | "LSUB" | "STATUS" | "SELECT" | "EXAMINE" | "APPEND" | "GETQUOTAROOT" | "GETQUOTA"
            | "NAMESPACE" => match self.account.clone() {
                Some(account) => self.on_account(&account, verb, arguments, &mut out),
                None => Err("BAD Log in first".to_owned()),
            },
            _ => self.on_selected(verb, by_uid, arguments, &mut out),
        };
        self.news(verb, by_uid, &mut out);
        let (Ok(text) | Err(text)) = ending;
        out.extend_from_slice(format!("{tag} {text}\r\n").as_bytes());
        Turn::line(out)
    }

    fn capabilities(&self) -> String {
        let mut words = vec!["IMAP4rev1", "LITERAL+", "ID", "UIDPLUS", "SPECIAL-USE", "QUOTA", "NAMESPACE"];
        if self.secured {
            words.extend(["AUTH=PLAIN", "AUTH=XOAUTH2", "SASL-IR"]);
        } else {
            // RFC 9051 §6.2.3: no password over clear text.
            words.extend(["STARTTLS", "LOGINDISABLED"]);
        }
        words.join(" ")
    }

    /// Commands that need a login and no open folder.
    fn on_account(&mut self, account: &str, verb: &str, arguments: &[Token], out: &mut Vec<u8>) -> Ending {
        let name = arguments.first().and_then(Token::text);
        match (verb, name) {
            ("LIST" | "LSUB", _) => self.list(account, arguments, out),
            ("NAMESPACE", _) => {
                out.extend_from_slice(b"* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
                done(verb)
            }
            ("SELECT" | "EXAMINE", Some(name)) => self.select(account, verb, &name, out),
            ("STATUS", Some(name)) => self.status(account, &name, &arguments[1..], out),
            ("APPEND", Some(name)) => self.append(account, &name, &arguments[1..]),
            ("GETQUOTAROOT" | "GETQUOTA", Some(name)) => self.quota(account, verb, &name, out),
            _ => Err("BAD Arguments are missing".to_owned()),
        }
    }

    fn list(&self, account: &str, arguments: &[Token], out: &mut Vec<u8>) -> Ending {
        let pattern = arguments.iter().rev().find_map(Token::text).unwrap_or_default();
        if pattern.is_empty() {
            // RFC 9051 §6.3.9: the empty name asks what separates folders.
            out.extend_from_slice(b"* LIST (\\Noselect) \"/\" \"\"\r\n");
            return done("LIST");
        }
        self.with_mailbox(account, |mailbox| {
            for folder in mailbox.folders.iter().filter(|folder| fits(&folder.name, &pattern)) {
                let special = folder.special_use.map(|name| format!(" {name}")).unwrap_or_default();
                let line = format!("* LIST (\\HasNoChildren{special}) \"/\" \"{}\"\r\n", folder.name);
                out.extend_from_slice(line.as_bytes());
            }
            done("LIST")
        })
    }

    fn select(&mut self, account: &str, verb: &str, name: &str, out: &mut Vec<u8>) -> Ending {
        self.selected = None;
        let read_only = verb == "EXAMINE";
        let selected = self.with_folder(account, name, |folder| {
            out.extend_from_slice(selected::describe(folder).as_bytes());
            Ok(Selected::open(folder, read_only))
        })?;
        self.selected = Some(selected);
        let access = if read_only { "READ-ONLY" } else { "READ-WRITE" };
        Ok(format!("OK [{access}] {verb} completed"))
    }

    fn status(&self, account: &str, name: &str, wanted: &[Token], out: &mut Vec<u8>) -> Ending {
        self.with_folder(account, name, |folder| {
            let unseen = folder.messages.iter().filter(|mail| !mail.flags.contains("\\Seen")).count();
            let value = |item: String| match item.to_ascii_uppercase().as_str() {
                "MESSAGES" => Some(format!("MESSAGES {}", folder.messages.len())),
                "UIDNEXT" => Some(format!("UIDNEXT {}", folder.uid_next)),
                "UIDVALIDITY" => Some(format!("UIDVALIDITY {}", folder.uid_validity)),
                "UNSEEN" => Some(format!("UNSEEN {unseen}")),
                "RECENT" => Some("RECENT 0".to_owned()),
                _ => None,
            };
            let items: Vec<_> = wanted.iter().filter_map(Token::text).filter_map(value).collect();
            out.extend_from_slice(
                format!("* STATUS \"{}\" ({})\r\n", folder.name, items.join(" ")).as_bytes(),
            );
            done("STATUS")
        })
    }

    fn append(&self, account: &str, name: &str, rest: &[Token]) -> Ending {
        let Some(Token::Text(raw)) = rest.last() else {
            return Err("BAD The mail is missing".to_owned());
        };
        let list = rest.iter().skip_while(|token| **token != Token::Open).skip(1);
        let flags: BTreeSet<_> = list.map_while(Token::text).collect();
        let raw: Arc<[u8]> = raw.as_slice().into();
        let arrived_ms = date_time(rest).unwrap_or_else(|| self.site.now_ms());
        let mut mailboxes = self.site.mailboxes();
        let mailbox = mailboxes.get_mut(account).ok_or("NO [SERVERBUG] The mailbox is gone")?;
        if self.site.used_bytes(account, mailbox) + raw.len() > QUOTA_BYTES {
            return Err("NO [OVERQUOTA] Mailbox is full".to_owned());
        }
        let folder = mailbox.folder_mut(name).ok_or("NO [TRYCREATE] No such folder")?;
        let uid = folder.add(raw, flags, arrived_ms);
        Ok(format!("OK [APPENDUID {} {uid}] APPEND completed", folder.uid_validity))
    }

    fn quota(&self, account: &str, verb: &str, name: &str, out: &mut Vec<u8>) -> Ending {
        self.with_mailbox(account, |mailbox| {
            if verb == "GETQUOTAROOT" {
                out.extend_from_slice(format!("* QUOTAROOT \"{name}\" \"User quota\"\r\n").as_bytes());
            }
            // RFC 9208 §5.1: STORAGE counts units of 1,024 bytes.
            let (used, most) = (self.site.used_bytes(account, mailbox).div_ceil(1024), QUOTA_BYTES / 1024);
            out.extend_from_slice(format!("* QUOTA \"User quota\" (STORAGE {used} {most})\r\n").as_bytes());
            done(verb)
        })
    }

    fn with_mailbox<T>(
        &self,
        account: &str,
        work: impl FnOnce(&Mailbox) -> Result<T, String>,
    ) -> Result<T, String> {
        let mailboxes = self.site.mailboxes();
        work(mailboxes.get(account).ok_or("NO [SERVERBUG] The mailbox is gone")?)
    }

    fn with_folder<T>(
        &self,
        account: &str,
        name: &str,
        work: impl FnOnce(&Folder) -> Result<T, String>,
    ) -> Result<T, String> {
        self.with_mailbox(account, |mailbox| {
            work(mailbox.folder(name).ok_or("NO [NONEXISTENT] No such folder")?)
        })
    }
}

/// The arrival that APPEND gives a mail, if it does: the string before the mail.
fn date_time(arguments: &[Token]) -> Option<i64> {
    let [.., Token::Text(date), Token::Text(_)] = arguments else { return None };
    let date = std::str::from_utf8(date).ok()?.trim_start();
    Some(DateTime::parse_from_str(date, "%d-%b-%Y %H:%M:%S %z").ok()?.timestamp_millis())
}

/// Whether a folder's name fits a pattern of LIST. Folders are not nested, so that `%` is as good as `*`.
fn fits(name: &str, pattern: &str) -> bool {
    const ANY: [char; 2] = ['*', '%'];
    let Some((start, rest)) = pattern.split_once(ANY) else {
        // RFC 9051 §5.1: INBOX in any case of letters.
        return name == pattern || (name == "INBOX" && pattern.eq_ignore_ascii_case("INBOX"));
    };
    let (middle, end) = rest.rsplit_once(ANY).unwrap_or(("", rest));
    let between = name.strip_prefix(start).and_then(|name| name.strip_suffix(end));
    // The first place of each part is as good as any: what follows may begin anywhere after it.
    let mut middle = middle.split(ANY);
    between.is_some_and(|name| middle.try_fold(name, |name, part| Some(name.split_once(part)?.1)).is_some())
}

/// The ending of a command that went well.
fn done(verb: &str) -> Ending {
    Ok(format!("OK {verb} completed"))
}

impl Dialogue for Session {
    fn open(&mut self) -> Turn {
        let name = self.site.host_name(self.endpoint.host);
        match self.site.board.imap(&ImapMoment { endpoint: &self.endpoint, command: "" }) {
            Some(ImapAnswer::Bye(text)) => Turn::close(format!("* BYE {text}\r\n")),
            Some(ImapAnswer::PreAuthenticated) => {
                self.account = self.site.accounts.first().map(|account| account.address.clone());
                Turn::line(format!("* PREAUTH {name} ready\r\n"))
            }
            _ => Turn::line(format!("* OK [CAPABILITY {}] {name} ready\r\n", self.capabilities())),
        }
    }

    fn line(&mut self, line: &[u8]) -> Turn {
        if let Some(waiting) = self.waiting.take() {
            return self.go_on(&waiting, &text(line));
        }
        self.pending.extend_from_slice(line);
        let Some(literal) = parse::announced(line) else {
            let command = std::mem::take(&mut self.pending);
            return self.whole_command(&command);
        };
        let most = if self.account.is_some() { MOST_COMMAND_BYTES } else { MOST_LOGIN_BYTES };
        if self.pending.len().saturating_add(literal.length) > most {
            self.pending.clear();
            return Turn::close("* BYE [TOOBIG] The command is too big\r\n");
        }
        let bytes = if literal.awaits_us { b"+ Go on\r\n".to_vec() } else { Vec::new() };
        Turn { bytes, next: Next::Block(literal.length) }
    }

    fn block(&mut self, bytes: Vec<u8>) -> Turn {
        self.pending.extend_from_slice(&bytes);
        Turn::listen()
    }

    fn secured(&mut self) -> Turn {
        self.secured = true;
        Turn::listen()
    }

    fn too_long(&mut self) -> Turn {
        Turn::close("* BYE [TOOBIG] The line is too long\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_folders() {
        for (pattern, expected) in [
            ("*", vec!["INBOX", "Junk", "Sent"]),
            ("%", vec!["INBOX", "Junk", "Sent"]),
            ("inbox", vec!["INBOX"]),
            ("J*", vec!["Junk"]),
            ("*n*", vec!["Junk", "Sent"]),
            ("*n", vec![]),
            ("S*t", vec!["Sent"]),
            ("S*e", vec![]),
            ("Sentinel", vec![]),
            ("Junk/*", vec![]),
            ("*é*", vec![]),
        ] {
            let found: Vec<_> =
                ["INBOX", "Junk", "Sent"].into_iter().filter(|name| fits(name, pattern)).collect();
            assert_eq!(found, expected, "{pattern}");
        }
    }

    #[test]
    fn an_appended_mail_may_have_a_date() {
        let check = |command: &str, expected| {
            let tokens = parse::tokens(command.as_bytes()).expect("tokens");
            assert_eq!(date_time(&tokens), expected, "{command}");
        };
        check("INBOX \" 1-Jan-1970 01:00:01 +0100\" {1}\r\nx", Some(1000));
        check("INBOX (\\Seen) {1}\r\nx", None);
        check("\"INBOX\" {1}\r\nx", None);
    }
}
