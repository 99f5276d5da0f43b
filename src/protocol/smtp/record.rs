//! What is known after an SMTP dialogue, whole or broken.

use super::hello::Hello;
use super::plan::Role;
use super::reply::Reply;
use crate::protocol::Phase;
use crate::protocol::transcript::Transcript;

/// Everything that a server said in one dialogue.
#[derive(Debug, Clone, Default)]
pub struct SmtpRecord {
    /// The replies in the order in which they came.
    pub exchanges: Vec<Exchange>,
    /// What EHLO offered before TLS; `None` on a port where TLS comes first.
    pub clear_hello: Option<Hello>,
    /// What EHLO offered at last.
    pub hello: Option<Hello>,
    /// Why no login was tried although one was planned.
    pub login_skipped: Option<LoginSkipped>,
    /// A reply that nobody asked for.
    pub unasked: Option<Reply>,
    /// Who said what.
    pub transcript: Transcript,
    /// Where the exchanges of the current envelope begin.
    transaction_from: usize,
}

/// One reply with what it answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The step that it belongs to.
    pub phase: Phase,
    /// For a recipient: why it was named.
    pub role: Option<Role>,
    /// What the server said.
    pub reply: Reply,
    /// When it came, in milliseconds since the connection was begun.
    pub at: u64,
}

/// Why a planned login was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginSkipped {
    /// The connection is in clear text.
    NoTls,
    /// The certificate is not good: the secret could go to anybody.
    CertificateNotGood,
    /// The server offers no way to log in that we can use.
    NotOffered,
}

impl SmtpRecord {
    pub(super) fn note(&mut self, phase: Phase, role: Option<Role>, reply: Reply, at: u64) {
        self.exchanges.push(Exchange { phase, role, reply, at });
    }

    pub(super) fn begin_transaction(&mut self) {
        self.transaction_from = self.exchanges.len();
    }

    fn transaction(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().skip(self.transaction_from)
    }

    pub(super) fn recipients_asked(&self) -> usize {
        self.transaction().filter(|exchange| exchange.phase == Phase::Recipient).count()
    }

    pub(super) fn any_recipient_taken(&self) -> bool {
        self.transaction().any(|exchange| exchange.phase == Phase::Recipient && exchange.reply.is_done())
    }

    /// The last reply of this phase.
    #[must_use]
    pub fn reply(&self, phase: Phase) -> Option<&Reply> {
        self.exchanges.iter().rev().find(|exchange| exchange.phase == phase).map(|exchange| &exchange.reply)
    }

    /// The reply to this recipient.
    #[must_use]
    pub fn recipient(&self, role: Role) -> Option<&Reply> {
        self.exchanges.iter().find(|exchange| exchange.role == Some(role)).map(|exchange| &exchange.reply)
    }

    /// When each step was answered: `the greeting 12 ms, EHLO 14 ms`.
    #[must_use]
    pub fn phases(&self) -> String {
        let steps =
            self.exchanges.iter().map(|exchange| format!("{} {} ms", exchange.phase.words(), exchange.at));
        steps.collect::<Vec<_>>().join(", ")
    }

    /// How long the server took over its replies, the greeting left out, in milliseconds, in order.
    #[must_use]
    pub fn waits(&self) -> Vec<u64> {
        let times = self.exchanges.windows(2).map(|pair| pair[1].at.saturating_sub(pair[0].at));
        times.collect()
    }
}
