//! A whole mail is there: judge it, write the trace on it, put it into the queue.

use std::net::IpAddr;

use super::Session;
use super::command::Sender;
use super::data::{Data, Unfit};
use super::reply::Reply;
use crate::clock::mail_date;
use crate::dialogue::Turn;
use crate::personality::SmtpStage;
use crate::queue::{Parcel, Recipient};

impl Session {
    pub(super) fn end_of_data(&mut self, data: Data) -> Turn {
        let sender = self.sender.take().unwrap_or_default();
        let recipients = std::mem::take(&mut self.recipients);
        if let Some(turn) = self.fault(SmtpStage::EndOfData, &sender.address) {
            return turn;
        }
        match data.finish() {
            Ok(raw) => self.accept(sender, recipients, raw),
            Err(Unfit::TooBig) => self.error(Reply::new(552, "5.3.4", "Message size exceeds the limit")),
            Err(Unfit::BareLineFeed) => self.error(Reply::new(550, "5.5.2", "Bare line feed is not allowed")),
            Err(Unfit::LineTooLong) => {
                self.error(Reply::new(550, "5.6.0", "Line longer than 998 characters"))
            }
            Err(Unfit::TooManyHops) => self.error(Reply::new(554, "5.4.6", "Too many hops: mail is looping")),
        }
    }

    fn accept(&mut self, sender: Sender, recipients: Vec<Recipient>, raw: Vec<u8>) -> Turn {
        let (id, now_ms) = (self.site.new_id(), self.site.now_ms());
        let mut whole = self.received(&id, &recipients, self.site.shown_ms(self.endpoint.host)).into_bytes();
        whole.extend_from_slice(&raw);
        self.site.queue().add(Parcel {
            id: id.clone(),
            held_by: self.endpoint.host,
            sender: sender.address,
            envelope_id: sender.envelope_id,
            recipients,
            raw: whole.into(),
            queued_ms: now_ms,
            attempts: 0,
            next_attempt_ms: now_ms,
            reason: None,
            delay_told: false,
        });
        self.site.queue_changed.notify_one();
        self.say(Reply::new(250, "2.0.0", format!("Ok: queued as {id}")))
    }

    /// The trace field (RFC 5321 §4.4). `for` is written only for a single recipient, so that nobody in a blind copy
    /// is given away (§7.2).
    fn received(&self, id: &str, recipients: &[Recipient], now_ms: i64) -> String {
        let (name, extended) = self.greeted.clone().unwrap_or_default();
        let secured = if self.secured { "S" } else { "" };
        let trusted = if self.account.is_some() { "A" } else { "" };
        // RFC 3848: ESMTP, ESMTPS, ESMTPSA …
        let with = if extended { format!("ESMTP{secured}{trusted}") } else { "SMTP".to_owned() };
        let by = self.site.host_name(self.endpoint.host);
        let client = match self.client {
            IpAddr::V4(address) => format!("[{address}]"),
            IpAddr::V6(address) => format!("[IPv6:{address}]"),
        };
        let wanted = match recipients {
            [only] => format!("\r\n\tfor <{}>", only.address),
            _ => String::new(),
        };
        format!(
            "Received: from {name} ({client})\r\n\tby {by} with {with} id {id}{wanted};\r\n\t{}\r\n",
            mail_date(now_ms)
        )
    }
}
