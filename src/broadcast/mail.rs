//! Mail through a relay at another provider: the way to readers who have no chat, and no way through what is broken.
//!
//! 1. The relay's addresses are those of the configuration, or what its name says now.
//! 2. Nothing is said before TLS is up with a good certificate: [`Guarded`] ends the dialogue else.
//! 3. One envelope for all readers; none of them sees another. Who reads in a watched domain is left out, and that is said.
//! 4. What the relay says to the final dot decides ([`meaning`]): taken, later, never. No answer to it: not known.
//! 5. The message's number follows from the item's key ([`message`]): sent a second time, it is the same message.

mod message;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use watchpost_texts::say;

use self::message::Letterhead;
use crate::clock::Clock;
use crate::config::{Config, Relay};
use crate::outbox::{Delivery, Item, Proof, Transport};
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Credentials, Plan, Role, TlsPlan, Transaction};
use crate::protocol::smtp::record::{Exchange, LoginSkipped, SmtpRecord};
use crate::protocol::smtp::reply::{Reply, ReplyClass};
use crate::protocol::{Dialogue, Phase, ProtocolFault, Step};
use crate::service::{Limits, LoginMethod, Mailbox, TlsMode};
use crate::transport::{self, Connection, Target, TlsContext};

/// After "not now": servers that greylist want some minutes, and a relay that is full wants peace.
const LATER: Duration = Duration::from_secs(60);
/// How long other addresses of the relay are begun with.
const MOST_TRYING: Duration = Duration::from_secs(8);
/// For the relay's name.
const NAME: Duration = Duration::from_secs(5);

/// One relay.
pub struct MailRelay {
    relay: Relay,
    readers: Vec<Mailbox>,
    skipped: usize,
    letterhead: Letterhead,
    transport: transport::Transport,
    tls: TlsContext,
    clock: Clock,
}

impl MailRelay {
    /// Makes it ready; nothing is connected yet.
    pub fn open(relay: &Relay, config: &Config, clock: Clock) -> Self {
        let (readers, skipped) = relay.readers(config);
        MailRelay {
            skipped: skipped.len(),
            readers,
            letterhead: Letterhead::of(relay, config),
            transport: transport::Transport::default(),
            tls: TlsContext::new(&relay.authorities),
            relay: relay.clone(),
            clock,
        }
    }

    /// Where the relay is: what the configuration says, else what its name says.
    async fn addresses(&self) -> Vec<SocketAddr> {
        if !self.relay.addresses.is_empty() {
            return self.relay.addresses.iter().map(|ip| SocketAddr::new(*ip, self.relay.port)).collect();
        }
        let looked = tokio::net::lookup_host((self.relay.host.as_str(), self.relay.port));
        match tokio::time::timeout(NAME, looked).await {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }

    fn dialogue(&self, item: &Item) -> Guarded {
        let transaction = Transaction {
            sender: Some(self.relay.from.clone()),
            recipients: self.readers.iter().map(|reader| (Role::Reader, reader.clone())).collect(),
            message: Some(message::write(item, &self.letterhead, self.clock.now())),
            envelope_id: None,
        };
        let login = self.relay.login.as_ref().map(|(login, password)| Credentials {
            login: login.clone(),
            secret: password.value().clone(),
            method: LoginMethod::Password,
        });
        let tls = match self.relay.tls {
            TlsMode::Implicit => TlsPlan::Already,
            TlsMode::Starttls => TlsPlan::Required,
        };
        // The name in EHLO is the sender's domain: SPF may be asked about it as well.
        let helo = self.relay.from.domain().to_string();
        Guarded::new(SmtpDialogue::new(Plan { helo, tls, login, transactions: vec![transaction] }))
    }

    async fn hand_in(&self, item: &Item, address: SocketAddr) -> (Connection, Guarded) {
        let target =
            Target { address: transport::relay(address), host: self.relay.host.clone(), tls: self.relay.tls };
        let mut dialogue = self.dialogue(item);
        let (limits, now) = (Limits::default(), self.clock.now().to_utc());
        let connection = self.transport.converse(&target, &mut dialogue, &self.tls, &limits, now).await;
        (connection, dialogue)
    }
}

#[async_trait]
impl Transport for MailRelay {
    async fn deliver(&self, item: &Item) -> Delivery {
        let begun = Instant::now();
        let mut last = later(say!("the name of the relay {} leads nowhere", self.relay.host));
        for address in self.addresses().await {
            let (connection, dialogue) = self.hand_in(item, address).await;
            last = dialogue.meaning(&connection, self.skipped);
            // Another address is tried only where this one was not even reached.
            if connection.connected.is_some() || begun.elapsed() > MOST_TRYING {
                break;
            }
        }
        last
    }

    /// A relay cannot be asked what it took. Sent again it has the same Message-ID, by which mailboxes drop the second.
    async fn find(&self, _item: &Item) -> Option<Proof> {
        None
    }
}

/// A dialogue that goes on only under TLS with a good certificate.
struct Guarded {
    inner: SmtpDialogue,
    trusted: Option<bool>,
}

impl Guarded {
    fn new(inner: SmtpDialogue) -> Self {
        Guarded { inner, trusted: None }
    }

    fn meaning(self, connection: &Connection, skipped: usize) -> Delivery {
        let record = self.inner.into_record();
        match self.trusted {
            Some(false) => {
                later(say!("the certificate of the relay is not good, so nothing was said to it").to_owned())
            }
            _ => meaning(connection, &record, skipped),
        }
    }
}

impl Dialogue for Guarded {
    fn step(&mut self) -> Step {
        match self.trusted {
            Some(false) => Step::Done,
            _ => self.inner.step(),
        }
    }

    fn receive(&mut self, bytes: &[u8], at: u64) -> Result<(), ProtocolFault> {
        self.inner.receive(bytes, at)
    }

    fn secured(&mut self, trusted: bool, at: u64) {
        self.trusted = Some(trusted);
        if trusted {
            self.inner.secured(trusted, at);
        }
    }

    fn phase(&self) -> Phase {
        self.inner.phase()
    }
}

/// What a dialogue with the relay means for the item.
fn meaning(connection: &Connection, record: &SmtpRecord, skipped: usize) -> Delivery {
    if let Some(taken) = record.reply(Phase::Message).filter(|reply| reply.is_done()) {
        return Delivery::Sent(Proof::Answer(proof(taken, record, skipped)));
    }
    if let Some(refused) = record.exchanges.iter().rev().find(|exchange| is_refusal(&exchange.reply)) {
        return refusal(refused);
    }
    if record.login_skipped == Some(LoginSkipped::NotOffered) {
        return dead(say!("the relay offers no way to log in that Watchpost has. Look at its documentation"));
    }
    if record.clear_hello.as_ref().is_some_and(|hello| !hello.offers("STARTTLS")) {
        return dead(say!("the relay offers no TLS, and nothing is sent in clear text. Use its port 465"));
    }
    match connection.phase {
        Phase::Message => {
            Delivery::Uncertain { why: say!("the relay took the mail and did not answer").to_owned() }
        }
        _ => later(say!("the relay cannot be used: {}", connection.ending)),
    }
}

fn is_refusal(reply: &Reply) -> bool {
    matches!(reply.class(), ReplyClass::Later | ReplyClass::Refused)
}

fn refusal(exchange: &Exchange) -> Delivery {
    let said = say!("the relay says to {}: {}", exchange.phase.words(), exchange.reply);
    match exchange.reply.class() {
        ReplyClass::Later => later(said),
        _ => Delivery::Dead { why: say!("{said}. Look at sender, recipients and login of this destination") },
    }
}

/// What the relay said to the final dot, and who was left out.
fn proof(taken: &Reply, record: &SmtpRecord, skipped: usize) -> String {
    let named: Vec<&Exchange> =
        record.exchanges.iter().filter(|exchange| exchange.phase == Phase::Recipient).collect();
    let refused = named.iter().filter(|exchange| is_refusal(&exchange.reply)).count();
    let mut said = taken.to_string();
    if refused > 0 {
        said.push_str(&say!("; the relay did not take {refused} of {} readers", named.len()));
    }
    if skipped > 0 {
        said.push_str(&say!("; {skipped} left out: their mailbox is at a watched domain"));
    }
    said
}

fn later(why: String) -> Delivery {
    Delivery::Retry { after: LATER, why }
}

fn dead(why: &str) -> Delivery {
    Delivery::Dead { why: why.to_owned() }
}
