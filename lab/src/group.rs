//! The groups that faults are shown in.

/// What a fault is about, in the order in which a dialogue meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The five that a demonstration begins with.
    First,
    /// Ports and hosts that do not answer, or answer late.
    Network,
    /// Servers that answer and turn the client away.
    Greeting,
    /// Certificates and STARTTLS.
    Tls,
    /// Logins.
    Login,
    /// Disks and mailboxes.
    Storage,
    /// Who may get mail.
    Recipients,
    /// From the queue into the mailbox.
    Delivery,
    /// Mail to other organisations.
    Outbound,
    /// DNS, the registration and policies.
    Names,
    /// The web server.
    Web,
    /// Peers that mean harm, to see whether a client bears it.
    Hostile,
}
