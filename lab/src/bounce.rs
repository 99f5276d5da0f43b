//! What the sender hears about a mail that was not delivered (RFC 3464), or not yet.

use crate::clock::mail_date;
use crate::mailbox::header_end;
use crate::queue::{Parcel, Recipient};
use crate::site::Site;

/// Tells the sender that these recipients will not get the mail.
pub(crate) fn failed(site: &Site, parcel: &Parcel, recipients: &[(Recipient, String)]) {
    let wanted = |(recipient, _): &&(Recipient, String)| recipient.notify_failure;
    send(site, parcel, "failed", "Undelivered mail", recipients.iter().filter(wanted).collect());
}

/// Tells the sender that these recipients do not have the mail yet.
pub(crate) fn delayed(site: &Site, parcel: &Parcel, recipients: &[(Recipient, String)]) {
    let wanted = |(recipient, _): &&(Recipient, String)| recipient.notify_delay;
    send(site, parcel, "delayed", "Delayed mail", recipients.iter().filter(wanted).collect());
}

fn send(site: &Site, parcel: &Parcel, action: &str, subject: &str, recipients: Vec<&(Recipient, String)>) {
    // RFC 5321 §6.1: a bounce has an empty sender, and nobody is told that a bounce could not be delivered.
    if parcel.sender.is_empty() || recipients.is_empty() {
        return;
    }
    let (id, now_ms) = (site.new_id(), site.now_ms());
    let raw = write(site, parcel, &id, action, subject, &recipients);
    let to = Recipient { address: parcel.sender.clone(), notify_failure: false, notify_delay: false };
    site.queue().add(Parcel {
        id,
        held_by: parcel.held_by,
        sender: String::new(),
        envelope_id: None,
        recipients: vec![to],
        raw: raw.into(),
        queued_ms: now_ms,
        attempts: 0,
        next_attempt_ms: now_ms,
        reason: None,
        delay_told: true,
    });
    site.queue_changed.notify_one();
}

fn write(
    site: &Site,
    parcel: &Parcel,
    id: &str,
    action: &str,
    subject: &str,
    recipients: &[&(Recipient, String)],
) -> Vec<u8> {
    let (host, date) = (site.host_name(parcel.held_by), mail_date(site.now_ms()));
    let (sender, boundary) = (&parcel.sender, format!("bounce-{id}"));
    let told: String =
        recipients.iter().map(|(recipient, reply)| format!("<{}>: {reply}\r\n", recipient.address)).collect();
    let status: String =
        recipients.iter().map(|(recipient, reply)| per_recipient(recipient, reply, action)).collect();
    let mark = parcel
        .envelope_id
        .as_ref()
        .map(|mark| format!("Original-Envelope-Id: {mark}\r\n"))
        .unwrap_or_default();
    let arrival = mail_date(parcel.queued_ms);
    let mut raw = format!(
        "From: Mail Delivery System <MAILER-DAEMON@{host}>\r\nTo: {sender}\r\nSubject: {subject}\r\nDate: {date}\r\n\
         Message-ID: <{id}@{host}>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"{boundary}\"\r\n\r\n\
         --{boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
         This is the mail system at {host}. Your mail was not delivered ({action}):\r\n\r\n{told}\r\n\
         --{boundary}\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; {host}\r\n{mark}Arrival-Date: {arrival}\r\n\r\n{status}\
         --{boundary}\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    )
    .into_bytes();
    raw.extend_from_slice(&parcel.raw[..header_end(&parcel.raw)]);
    raw.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    raw
}

/// The fields about one recipient (RFC 3464 §2.3).
fn per_recipient(recipient: &Recipient, reply: &str, action: &str) -> String {
    let address = &recipient.address;
    let status = reply.split(' ').nth(1).filter(|word| word.split('.').count() == 3).unwrap_or("5.0.0");
    format!(
        "Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; {reply}\r\n\r\n"
    )
}
