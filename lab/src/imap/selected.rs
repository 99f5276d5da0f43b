//! The commands on mail of the open folder: SEARCH, FETCH, STORE, EXPUNGE, COPY, MOVE, CLOSE.

use std::collections::BTreeSet;

use super::fetch::{self, Item};
use super::numbers::Numbers;
use super::parse::Token;
use super::{Ending, Session, done, search};
use crate::mailbox::{Folder, Stored};

/// The open folder as the client knows it: the UID at each position. Positions move only when the client is told.
#[derive(Debug)]
pub(super) struct Selected {
    pub(super) folder: String,
    pub(super) read_only: bool,
    view: Vec<u32>,
}

impl Selected {
    pub(super) fn open(folder: &Folder, read_only: bool) -> Self {
        Self {
            folder: folder.name.clone(),
            read_only,
            view: folder.messages.iter().map(|mail| mail.uid).collect(),
        }
    }

    fn highest(&self) -> (u32, u32) {
        let count = u32::try_from(self.view.len()).unwrap_or(u32::MAX);
        (count, self.view.last().copied().unwrap_or(0))
    }

    /// The mails that a set means, each with its position.
    fn chosen<'a>(&self, folder: &'a mut Folder, set: &Numbers, by_uid: bool) -> Vec<(u32, &'a mut Stored)> {
        let placed =
            folder.messages.iter_mut().filter_map(|mail| Some((position(&self.view, mail.uid)?, mail)));
        placed.filter(|(at, mail)| set.contains(if by_uid { mail.uid } else { *at })).collect()
    }
}

fn position(view: &[u32], uid: u32) -> Option<u32> {
    view.binary_search(&uid).ok().and_then(|at| u32::try_from(at + 1).ok())
}

/// What SELECT and EXAMINE tell of a folder.
pub(super) fn describe(folder: &Folder) -> String {
    let flags = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";
    format!(
        "* FLAGS ({flags})\r\n* OK [PERMANENTFLAGS ({flags} \\*)] Flags\r\n* {} EXISTS\r\n* 0 RECENT\r\n\
         * OK [UIDVALIDITY {}] UIDs are valid\r\n* OK [UIDNEXT {}] Next UID\r\n",
        folder.messages.len(),
        folder.uid_validity,
        folder.uid_next
    )
}

impl Session {
    /// Commands that need an open folder.
    pub(super) fn on_selected(
        &mut self,
        verb: &str,
        by_uid: bool,
        arguments: &[Token],
        out: &mut Vec<u8>,
    ) -> Ending {
        const WRITING: [&str; 3] = ["STORE", "EXPUNGE", "MOVE"];
        let known = ["SEARCH", "FETCH", "STORE", "EXPUNGE", "COPY", "MOVE", "CLOSE", "UNSELECT"];
        if !known.contains(&verb) {
            return Err("BAD Unknown command".to_owned());
        }
        let Some(selected) = self.selected.take() else {
            return Err("BAD Open a folder first".to_owned());
        };
        if selected.read_only && WRITING.contains(&verb) {
            self.selected = Some(selected);
            return Err("NO [READ-ONLY] The folder was opened with EXAMINE".to_owned());
        }
        let ending = self.carry_out(&selected, verb, by_uid, arguments, out);
        if !matches!(verb, "CLOSE" | "UNSELECT") {
            self.selected = Some(selected);
        }
        ending
    }

    fn carry_out(
        &self,
        selected: &Selected,
        verb: &str,
        by_uid: bool,
        arguments: &[Token],
        out: &mut Vec<u8>,
    ) -> Ending {
        let account = self.account.clone().unwrap_or_default();
        let mut mailboxes = self.site.mailboxes();
        let mailbox = mailboxes.get_mut(&account).ok_or("NO [SERVERBUG] The mailbox is gone")?;
        if matches!(verb, "COPY" | "MOVE") {
            return copy(selected, mailbox, verb, by_uid, arguments, self.site.now_ms());
        }
        let folder = mailbox.folder_mut(&selected.folder).ok_or("NO [NONEXISTENT] The folder is gone")?;
        match verb {
            "SEARCH" => find(selected, folder, by_uid, arguments, out),
            "FETCH" => fetch_mails(selected, folder, by_uid, arguments, out),
            "STORE" => store(selected, folder, by_uid, arguments, out),
            "EXPUNGE" => expunge(selected, folder, by_uid, arguments),
            "CLOSE" if !selected.read_only => {
                folder.messages.retain(|mail| !mail.flags.contains("\\Deleted"));
                done(verb)
            }
            _ => done(verb),
        }
    }

    /// Tells what changed in the open folder since the client last heard. Positions must not move under FETCH, STORE
    /// and SEARCH by position (RFC 9051 §7.5.1).
    pub(super) fn news(&mut self, verb: &str, by_uid: bool, out: &mut Vec<u8>) {
        let (Some(account), Some(selected)) = (&self.account, &mut self.selected) else {
            return;
        };
        if matches!(verb, "FETCH" | "STORE" | "SEARCH") && !by_uid {
            return;
        }
        let mailboxes = self.site.mailboxes();
        let Some(folder) = mailboxes.get(account).and_then(|mailbox| mailbox.folder(&selected.folder)) else {
            return;
        };
        let now: Vec<u32> = folder.messages.iter().map(|mail| mail.uid).collect();
        for at in (0..selected.view.len()).rev() {
            if now.binary_search(&selected.view[at]).is_err() {
                selected.view.remove(at);
                out.extend_from_slice(format!("* {} EXPUNGE\r\n", at + 1).as_bytes());
            }
        }
        if now.len() > selected.view.len() {
            out.extend_from_slice(format!("* {} EXISTS\r\n", now.len()).as_bytes());
        }
        selected.view = now;
    }
}

fn set(selected: &Selected, by_uid: bool, token: Option<&Token>) -> Result<Numbers, String> {
    let (positions, uids) = selected.highest();
    let text = token.and_then(Token::text).unwrap_or_default();
    Numbers::parse(&text, if by_uid { uids } else { positions })
        .ok_or_else(|| "BAD The set cannot be read".to_owned())
}

fn find(
    selected: &Selected,
    folder: &Folder,
    by_uid: bool,
    arguments: &[Token],
    out: &mut Vec<u8>,
) -> Ending {
    let criterion = search::parse(arguments, selected.highest()).ok_or("BAD The criteria cannot be read")?;
    out.extend_from_slice(b"* SEARCH");
    for mail in &folder.messages {
        let Some(at) = position(&selected.view, mail.uid) else {
            continue;
        };
        if criterion.fits(at, mail) {
            let number = if by_uid { mail.uid } else { at };
            out.extend_from_slice(format!(" {number}").as_bytes());
        }
    }
    out.extend_from_slice(b"\r\n");
    done("SEARCH")
}

fn fetch_mails(
    selected: &Selected,
    folder: &mut Folder,
    by_uid: bool,
    arguments: &[Token],
    out: &mut Vec<u8>,
) -> Ending {
    let set = set(selected, by_uid, arguments.first())?;
    let mut items =
        fetch::parse(arguments.get(1..).unwrap_or_default()).ok_or("BAD The items cannot be read")?;
    if by_uid && !items.contains(&Item::Uid) {
        // RFC 9051 §6.4.9: UID FETCH always tells the UID.
        items.insert(0, Item::Uid);
    }
    let marks_seen = fetch::marks_seen(&items) && !selected.read_only;
    for (at, mail) in selected.chosen(folder, &set, by_uid) {
        if marks_seen {
            mail.flags.insert("\\Seen".to_owned());
        }
        out.extend_from_slice(&fetch::write(at, mail, &items));
    }
    done("FETCH")
}

fn store(
    selected: &Selected,
    folder: &mut Folder,
    by_uid: bool,
    arguments: &[Token],
    out: &mut Vec<u8>,
) -> Ending {
    let set = set(selected, by_uid, arguments.first())?;
    let item = arguments.get(1).and_then(Token::text).unwrap_or_default().to_ascii_uppercase();
    let (action, silent) = match item.strip_suffix(".SILENT") {
        Some(action) => (action, true),
        None => (item.as_str(), false),
    };
    let flags: BTreeSet<String> = arguments.iter().skip(2).filter_map(Token::text).collect();
    for (at, mail) in selected.chosen(folder, &set, by_uid) {
        match action {
            "+FLAGS" => mail.flags.extend(flags.iter().cloned()),
            "-FLAGS" => mail.flags.retain(|flag| !flags.contains(flag)),
            "FLAGS" => mail.flags.clone_from(&flags),
            _ => return Err("BAD The action cannot be read".to_owned()),
        }
        if !silent {
            let uid = if by_uid { format!("UID {} ", mail.uid) } else { String::new() };
            out.extend_from_slice(format!("* {at} FETCH ({uid}{})\r\n", fetch::flags(mail)).as_bytes());
        }
    }
    done("STORE")
}

/// Removes what is marked as deleted; UID EXPUNGE only what is in the set as well (RFC 4315 §2.1). The client hears
/// of it with the news after the command.
fn expunge(selected: &Selected, folder: &mut Folder, by_uid: bool, arguments: &[Token]) -> Ending {
    let only = if by_uid { Some(set(selected, true, arguments.first())?) } else { None };
    let named = |uid| only.as_ref().is_none_or(|only| only.contains(uid));
    folder.messages.retain(|mail| !(mail.flags.contains("\\Deleted") && named(mail.uid)));
    done("EXPUNGE")
}

fn copy(
    selected: &Selected,
    mailbox: &mut crate::mailbox::Mailbox,
    verb: &str,
    by_uid: bool,
    arguments: &[Token],
    now_ms: i64,
) -> Ending {
    let set = set(selected, by_uid, arguments.first())?;
    let target = arguments.get(1).and_then(Token::text).unwrap_or_default();
    let source = mailbox.folder_mut(&selected.folder).ok_or("NO [NONEXISTENT] The folder is gone")?;
    let mails: Vec<Stored> =
        selected.chosen(source, &set, by_uid).into_iter().map(|(_, mail)| mail.clone()).collect();
    let folder = mailbox.folder_mut(&target).ok_or("NO [TRYCREATE] No such folder")?;
    for mail in &mails {
        folder.add(mail.raw.clone(), mail.flags.clone(), now_ms);
    }
    if verb == "MOVE"
        && let Some(source) = mailbox.folder_mut(&selected.folder)
    {
        source.messages.retain(|mail| mails.iter().all(|moved| moved.uid != mail.uid));
    }
    done(verb)
}
