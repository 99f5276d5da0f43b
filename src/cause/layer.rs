//! The order in which a mail dialogue breaks.

use serde::{Deserialize, Serialize};

/// What must work before the next can: a cause on an earlier layer explains failures on the later ones, so the earliest
/// broken layer holds the root. `Own` comes first: when the watcher itself is cut off, nothing else can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The watcher's own side: its network, clock, address or probe password.
    Own,
    /// Names: the domain, its mail exchangers and the resolvers.
    Dns,
    /// Reaching a host and a port.
    Network,
    /// What the server says first, and whether it answers as the protocol demands.
    Greeting,
    /// Encryption and certificates.
    Tls,
    /// Who may log in.
    Login,
    /// Where mail is kept and read.
    Storage,
    /// The way from acceptance to the mailbox.
    Delivery,
    /// Permission: reputation, authentication of mail, relaying, rules of the receiver.
    Policy,
    /// One address, one message or one device: the service itself may be healthy.
    User,
}

impl Layer {
    /// Every layer, in the order in which a dialogue breaks.
    pub const fn all() -> &'static [Layer] {
        &[
            Layer::Own,
            Layer::Dns,
            Layer::Network,
            Layer::Greeting,
            Layer::Tls,
            Layer::Login,
            Layer::Storage,
            Layer::Delivery,
            Layer::Policy,
            Layer::User,
        ]
    }
}
