//! What can be seen of a lab: for the page of a demonstration, and for tests.

use std::net::SocketAddr;

use serde::Serialize;

use crate::board::Place;
use crate::options::{Endpoint, Host, Service};
use crate::site::Site;

/// The whole picture at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The domain whose mail is served.
    pub domain: String,
    /// Every port, with what it is doing.
    pub listeners: Vec<Listener>,
    /// The faults that are on, oldest first.
    pub faults: Vec<FaultOn>,
    /// Mail on its way.
    pub queue: QueueStatus,
    /// Every mailbox.
    pub mailboxes: Vec<MailboxStatus>,
}

/// One port.
#[derive(Clone, Debug, Serialize)]
pub struct Listener {
    /// The host's name, for instance `mail.lab.example`.
    pub host_name: String,
    /// Which host this is.
    pub host: Host,
    /// What is spoken there.
    pub service: Service,
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether connections are accepted now.
    pub open: bool,
}

/// One fault that is on.
#[derive(Clone, Debug, Serialize)]
pub struct FaultOn {
    /// Its fixed name.
    pub name: &'static str,
    /// What a client meets, in one sentence.
    pub seen: &'static str,
    /// Where it takes hold.
    pub place: Place,
    /// Since when, in milliseconds since the Unix epoch.
    pub since_ms: i64,
}

/// The queue.
#[derive(Clone, Debug, Serialize)]
pub struct QueueStatus {
    /// How many mails wait.
    pub length: usize,
    /// How long the oldest has waited, in milliseconds.
    pub oldest_age_ms: Option<i64>,
    /// The mails, oldest first; at most 50.
    pub mails: Vec<QueuedMail>,
}

/// One mail that waits.
#[derive(Clone, Debug, Serialize)]
pub struct QueuedMail {
    /// The id that the sender was told.
    pub id: String,
    /// Which host holds it.
    pub held_by: Host,
    /// The envelope's sender; empty for a bounce.
    pub sender: String,
    /// Who is to get it.
    pub recipients: Vec<String>,
    /// When it came, in milliseconds since the Unix epoch.
    pub queued_ms: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it waits.
    pub reason: Option<String>,
}

/// One mailbox.
#[derive(Clone, Debug, Serialize)]
pub struct MailboxStatus {
    /// Whose it is.
    pub address: String,
    /// How much is in it, in bytes.
    pub used_bytes: usize,
    /// Its folders with the number of mails in each.
    pub folders: Vec<(String, usize)>,
}

const MOST_MAILS_SHOWN: usize = 50;

/// The picture of this moment.
pub(crate) fn of(site: &Site, open: impl Fn(&Endpoint) -> bool) -> Status {
    Status {
        domain: site.options.domain.clone(),
        listeners: site.endpoints().iter().map(|at| listener(site, at, open(at))).collect(),
        faults: faults(site),
        queue: queue(site),
        mailboxes: mailboxes(site),
    }
}

fn listener(site: &Site, at: &Endpoint, open: bool) -> Listener {
    Listener {
        host_name: site.host_name(at.host),
        host: at.host,
        service: at.service,
        address: at.address,
        open,
    }
}

fn faults(site: &Site) -> Vec<FaultOn> {
    let shown = |active: &crate::board::Active| FaultOn {
        name: active.fault.name(),
        seen: active.fault.seen(),
        place: active.place,
        since_ms: active.since_ms,
    };
    site.board.active().iter().map(shown).collect()
}

fn queue(site: &Site) -> QueueStatus {
    let (queue, now_ms) = (site.queue(), site.now_ms());
    let mails = queue.iter().take(MOST_MAILS_SHOWN).map(|parcel| QueuedMail {
        id: parcel.id.clone(),
        held_by: parcel.held_by,
        sender: parcel.sender.clone(),
        recipients: parcel.recipients.iter().map(|recipient| recipient.address.clone()).collect(),
        queued_ms: parcel.queued_ms,
        attempts: parcel.attempts,
        reason: parcel.reason.clone(),
    });
    QueueStatus {
        length: queue.len(),
        oldest_age_ms: queue.iter().map(|parcel| now_ms - parcel.queued_ms).max(),
        mails: mails.collect(),
    }
}

fn mailboxes(site: &Site) -> Vec<MailboxStatus> {
    let mailboxes = site.mailboxes();
    let shown = mailboxes.iter().map(|(address, mailbox)| MailboxStatus {
        address: address.clone(),
        used_bytes: site.used_bytes(address, mailbox),
        folders: mailbox.folders.iter().map(|folder| (folder.name.clone(), folder.messages.len())).collect(),
    });
    shown.collect()
}
