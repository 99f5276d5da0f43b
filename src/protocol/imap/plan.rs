//! What an IMAP dialogue is to ask.

use super::search::Wanted;
use crate::protocol::smtp::plan::Credentials;
use crate::service::TlsMode;

/// The whole plan of one connection.
#[derive(Debug, Clone)]
pub struct ImapPlan {
    /// How TLS begins.
    pub tls: TlsMode,
    /// The account to log in with, once TLS is up and the certificate is good.
    pub login: Option<Credentials>,
    /// What to do after the login.
    pub mailbox: Mailbox,
}

/// What to do with the mailbox.
#[derive(Debug, Clone)]
pub enum Mailbox {
    /// Nothing.
    Closed,
    /// Open it read-only, and ask for its quota.
    Examine,
    /// Wait for one probe mail, and delete it.
    Search(Wanted),
}
