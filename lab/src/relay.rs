//! Mail from one host of the lab to another, through the receiver's own dialogue, so that its faults and rules hold.

use std::sync::Arc;

use crate::authority::CertificateKind;
use crate::dialogue::{Dialogue, Next, Turn, text};
use crate::options::{Endpoint, Host, Service};
use crate::personality::{Conduct, Greeting, Listening};
use crate::queue::{Parcel, Recipient};
use crate::site::Site;
use crate::smtp::Session;

/// Hands a mail to another host of the lab, through that host's own dialogue. Returns, for each recipient, the reply
/// that decided its fate.
pub(crate) fn hand_over(site: &Arc<Site>, parcel: &Parcel, to: Endpoint) -> Vec<(Recipient, String)> {
    let client = site.address_of(parcel.held_by).unwrap_or(to.address.ip());
    let mut client =
        Client { session: Session::new(Arc::clone(site), to, client, false), last: String::new() };
    let refused = |client: &Client| {
        parcel.recipients.iter().map(|recipient| (recipient.clone(), client.last.clone())).collect::<Vec<_>>()
    };
    client.opened();
    let hello = format!("EHLO {}", site.host_name(parcel.held_by));
    if !client.accepted() || !client.say(&hello) || !client.begin_tls() || !client.say(&hello) {
        return refused(&client);
    }
    let mark = parcel.envelope_id.as_ref().map(|mark| format!(" ENVID={mark}")).unwrap_or_default();
    if !client.say(&format!("MAIL FROM:<{}>{mark}", parcel.sender)) {
        return refused(&client);
    }
    let mut replies = Vec::new();
    for recipient in &parcel.recipients {
        client.say(&format!("RCPT TO:<{}>{}", recipient.address, recipient.notify()));
        replies.push((recipient.clone(), client.last.clone()));
    }
    if replies.iter().any(|(_, reply)| reply.starts_with('2')) {
        let verdict = client.mail(&parcel.raw);
        for (_, reply) in replies.iter_mut().filter(|(_, reply)| reply.starts_with('2')) {
            reply.clone_from(&verdict);
        }
    }
    replies
}

/// The sending side of [`hand_over`].
struct Client {
    session: Session,
    last: String,
}

impl Client {
    fn opened(&mut self) {
        let (site, endpoint) = (self.session.site(), self.session.endpoint());
        let fault = site.board.greeting(&Greeting { endpoint: &endpoint });
        let turn = fault.unwrap_or_else(|| self.session.open());
        self.note(&turn);
    }

    fn say(&mut self, line: &str) -> bool {
        let turn = self.session.line(format!("{line}\r\n").as_bytes());
        self.note(&turn);
        self.accepted()
    }

    fn begin_tls(&mut self) -> bool {
        // Opportunistic, as between servers on the Internet: without an offer it goes on in clear text.
        if self.session.may_start_tls() && self.say("STARTTLS") {
            self.session.secured();
        }
        true
    }

    fn mail(&mut self, raw: &[u8]) -> String {
        if !self.say("DATA") {
            return self.last.clone();
        }
        for line in raw.split_inclusive(|&byte| byte == b'\n') {
            let stuffed = if line.starts_with(b".") { [b".", line].concat() } else { line.to_vec() };
            let whole = if stuffed.ends_with(b"\r\n") { stuffed } else { [&stuffed, &b"\r\n"[..]].concat() };
            self.session.line(&whole);
        }
        self.say(".");
        self.last.clone()
    }

    fn accepted(&self) -> bool {
        self.last.starts_with(['2', '3'])
    }

    fn note(&mut self, turn: &Turn) {
        self.last = match turn.next {
            Next::Hang | Next::Forever(_) => "450 4.4.2 The other server does not answer".to_owned(),
            _ => last_line(&turn.bytes),
        };
    }
}

/// The last line of a reply, of a length that can be kept; a reply of several lines has its verdict in each.
fn last_line(reply: &[u8]) -> String {
    let reply = text(reply);
    reply.lines().next_back().unwrap_or_default().chars().take(512).collect()
}

/// The port at which `to` takes mail now, or the reply that a sender would note.
///
/// The domain's MTA-STS policy is in force, so that the other organisation delivers only over TLS with a good
/// certificate (RFC 8461 §4.1); the domain's own hosts are content with any.
pub(crate) fn open_door(site: &Site, from: Host, to: Host) -> Result<Endpoint, &'static str> {
    let mut reason = "450 4.4.1 Connection refused";
    for at in site.endpoints_of(to, Service::Mx) {
        match obstacle(site, at, from) {
            None => return Ok(*at),
            Some(found) => reason = found,
        }
    }
    Err(reason)
}

/// What keeps a sender from this port.
fn obstacle(site: &Site, at: &Endpoint, from: Host) -> Option<&'static str> {
    match (site.board.listening(at), site.board.conduct(at)) {
        (Listening::Closed, _) => Some("450 4.4.1 Connection refused"),
        (Listening::Dropped, _) => Some("450 4.4.1 Connection timed out"),
        (Listening::Open, Conduct::Silent) => Some("450 4.4.2 Timed out while waiting for the greeting"),
        (Listening::Open, Conduct::CloseAtOnce) => Some("450 4.4.2 Lost the connection before the greeting"),
        (Listening::Open, _) if from == Host::Outside => distrust(site, at),
        (Listening::Open, _) => None,
    }
}

/// Why a sender that obeys the policy does not deliver here.
fn distrust(site: &Site, at: &Endpoint) -> Option<&'static str> {
    if site.board.hides_starttls(at) {
        return Some("450 4.7.4 TLS is required, but was not offered");
    }
    if site.board.old_tls(at) {
        return Some("450 4.7.5 Cannot start TLS: handshake failure");
    }
    match site.board.certificate(at).0 {
        CertificateKind::Good | CertificateKind::Soon => None,
        _ => Some("450 4.7.5 Server certificate not trusted"),
    }
}
