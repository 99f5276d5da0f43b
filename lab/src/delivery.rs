//! The task that carries mail from the queue to where it belongs.
//!
//! 1. [`run`] wakes when mail comes, when a switch is turned, and every [`LOOK_AROUND`].
//! 2. Each mail that is due is tried for every recipient ([`attempt`]): into a mailbox, or on to the next host.
//! 3. What cannot be delivered goes back to its sender ([`crate::bounce`]); what is late is tried again later.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::bounce;
use crate::clock::mail_date;
use crate::exchange;
use crate::mailbox::QUOTA_BYTES;
use crate::options::Host;
use crate::personality::{DeliveryAnswer, DeliveryMoment, OutboundMoment};
use crate::queue::{Parcel, Recipient};
use crate::relay;
use crate::site::{Site, is_in};

/// How often the queue is looked at without a reason; due times are in the lab's own time, which may be stepped.
const LOOK_AROUND: Duration = Duration::from_millis(200);
/// How long a mail waits after the first failed attempt; twice as long after each further one.
const FIRST_WAIT_MS: i64 = 5_000;
/// How long a mail waits at most before it is tried again.
const MOST_WAIT_MS: i64 = 600_000;
/// When the sender hears that a mail is late, and when it is given up (RFC 5321 §4.5.4.1 asks for 4-5 days).
const TELL_DELAY_MS: i64 = 4 * 3_600_000;
const GIVE_UP_MS: i64 = 5 * 86_400_000;

/// What becomes of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    /// Try again; the reply that says why.
    Deferred(String),
    /// Never; the reply that says why.
    Failed(String),
}

/// Delivers until the lab is dropped.
pub(crate) async fn run(site: Arc<Site>) {
    let mut look_around = tokio::time::interval(LOOK_AROUND);
    loop {
        tokio::select! {
            () = site.queue_changed.notified() => {}
            _ = look_around.tick() => {}
        }
        let now_ms = site.now_ms();
        let due = site.queue().due(now_ms);
        for parcel in &due.parcels {
            let left = attempt(&site, parcel.clone(), now_ms);
            site.queue().settle(&parcel.id, left, &due);
        }
    }
}

/// Tries every recipient of a mail. Returns what is left to do.
fn attempt(site: &Arc<Site>, mut parcel: Parcel, now_ms: i64) -> Option<Parcel> {
    let given_up = now_ms - parcel.queued_ms >= GIVE_UP_MS;
    let (mut failed, mut deferred) = (Vec::new(), Vec::new());
    for (recipient, outcome) in outcomes(site, &parcel) {
        match outcome {
            Outcome::Delivered => {}
            Outcome::Deferred(reason) if given_up => {
                failed.push((recipient, format!("450 4.4.7 Message expired: {reason}")));
            }
            Outcome::Deferred(reason) => deferred.push((recipient, reason)),
            Outcome::Failed(reason) => failed.push((recipient, reason)),
        }
    }
    bounce::failed(site, &parcel, &failed);
    if deferred.is_empty() {
        return None;
    }
    if now_ms - parcel.queued_ms >= TELL_DELAY_MS && !parcel.delay_told {
        bounce::delayed(site, &parcel, &deferred);
        parcel.delay_told = true;
    }
    let wait_ms = FIRST_WAIT_MS.saturating_mul(1 << parcel.attempts.min(16)).min(MOST_WAIT_MS);
    parcel.attempts = parcel.attempts.saturating_add(1);
    parcel.next_attempt_ms = now_ms + wait_ms;
    parcel.reason = deferred.first().map(|(_, reason)| reason.clone());
    parcel.recipients = deferred.into_iter().map(|(recipient, _)| recipient).collect();
    Some(parcel)
}

/// The fate of each recipient, grouped by where the mail goes next.
fn outcomes(site: &Arc<Site>, parcel: &Parcel) -> Vec<(Recipient, Outcome)> {
    let mut all = Vec::new();
    let mut onward: Vec<(Vec<Host>, Parcel)> = Vec::new();
    for recipient in &parcel.recipients {
        match route(site, parcel.held_by, &recipient.address) {
            Route::Mailbox => all.push((recipient.clone(), store(site, parcel, recipient))),
            Route::Nowhere(reply) => all.push((recipient.clone(), judge(reply))),
            Route::Hosts(hosts) => {
                let single = Parcel { recipients: vec![recipient.clone()], ..parcel.clone() };
                match onward.iter_mut().find(|(known, _)| *known == hosts) {
                    Some((_, group)) => group.recipients.push(recipient.clone()),
                    None => onward.push((hosts, single)),
                }
            }
        }
    }
    for (hosts, group) in onward {
        all.extend(pass_on(site, &group, &hosts));
    }
    all
}

/// Where a mail goes from here.
enum Route {
    Mailbox,
    /// To the first of these hosts that takes it.
    Hosts(Vec<Host>),
    /// Nowhere now; the reply that says why.
    Nowhere(String),
}

fn route(site: &Site, held_by: Host, recipient: &str) -> Route {
    let at_home = is_in(recipient, &site.options.domain);
    let outside = is_in(recipient, &site.options.outside_domain);
    match held_by {
        Host::Mail if at_home => Route::Mailbox,
        Host::Outside if outside => Route::Mailbox,
        Host::Backup if at_home => Route::Hosts(vec![Host::Mail]),
        Host::Outside if at_home => exchange::hosts(site).map_or_else(Route::Nowhere, Route::Hosts),
        Host::Mail | Host::Backup if outside => Route::Hosts(vec![Host::Outside]),
        _ => Route::Nowhere("550 5.1.2 Host or domain name not found".to_owned()),
    }
}

fn pass_on(site: &Arc<Site>, parcel: &Parcel, hosts: &[Host]) -> Vec<(Recipient, Outcome)> {
    let mut reason = "450 4.4.1 No host takes mail for this domain";
    for &to in hosts {
        if let Some(reply) = site.board.outbound(&OutboundMoment { from: parcel.held_by, to }) {
            reason = reply;
            break;
        }
        match relay::open_door(site, parcel.held_by, to) {
            Err(closed) => reason = closed,
            Ok(at) => {
                let judge = |(recipient, reply): (Recipient, String)| (recipient, judge(reply));
                return relay::hand_over(site, parcel, at).into_iter().map(judge).collect();
            }
        }
    }
    let fate = |recipient: &Recipient| (recipient.clone(), judge(reason.to_owned()));
    parcel.recipients.iter().map(fate).collect()
}

/// The first digit decides (RFC 5321 §4.2.1).
fn judge(reply: String) -> Outcome {
    match reply.as_bytes().first() {
        Some(b'2') => Outcome::Delivered,
        Some(b'5') => Outcome::Failed(reply),
        _ => Outcome::Deferred(reply),
    }
}

/// Puts a mail into a mailbox, with the trace of this last hop.
fn store(site: &Site, parcel: &Parcel, recipient: &Recipient) -> Outcome {
    let now_ms = site.now_ms();
    let age_ms = now_ms - parcel.queued_ms;
    let (host, is_bounce) = (parcel.held_by, parcel.sender.is_empty());
    let moment = DeliveryMoment { host, recipient: &recipient.address, is_bounce, age_ms };
    let (folder, late_ms) = match site.board.delivery(&moment) {
        Some(DeliveryAnswer::Deferred(reason)) => return Outcome::Deferred(reason.to_owned()),
        Some(DeliveryAnswer::Failed(reason)) => return Outcome::Failed(reason.to_owned()),
        Some(DeliveryAnswer::Lost) => return Outcome::Delivered,
        Some(DeliveryAnswer::Folder(folder)) => (folder, 0),
        Some(DeliveryAnswer::WrittenLate(late_ms)) => ("INBOX", late_ms),
        None => ("INBOX", 0),
    };
    let raw = final_form(site, parcel, recipient, now_ms);
    let mut mailboxes = site.mailboxes();
    let Some(mailbox) = mailboxes.get_mut(&recipient.address) else {
        return Outcome::Failed(format!("550 5.1.1 <{}>: User unknown", recipient.address));
    };
    if site.used_bytes(&recipient.address, mailbox) + raw.len() > QUOTA_BYTES {
        return Outcome::Failed(format!("552 5.2.2 <{}>: Mailbox is full", recipient.address));
    }
    if let Some(folder) = mailbox.folder_mut(folder) {
        folder.add(raw.into(), BTreeSet::new(), now_ms + late_ms);
    }
    Outcome::Delivered
}

/// The mail as it lies in the mailbox: with the envelope's sender and recipient written on it (RFC 5321 §4.4).
fn final_form(site: &Site, parcel: &Parcel, recipient: &Recipient, now_ms: i64) -> Vec<u8> {
    let (from, domain) = (site.host_name(parcel.held_by), site.domain_of(parcel.held_by));
    let date = mail_date(now_ms + site.board.skew_ms(parcel.held_by));
    let id = site.new_id();
    let mut raw = format!(
        "Return-Path: <{}>\r\nDelivered-To: {}\r\n\
         Received: from {from}\r\n\tby store.{domain} with LMTP id {id};\r\n\t{date}\r\n",
        parcel.sender, recipient.address
    )
    .into_bytes();
    raw.extend_from_slice(&parcel.raw);
    raw
}
