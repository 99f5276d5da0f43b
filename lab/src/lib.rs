//! A mail service on your own machine: SMTP, IMAP, POP3, DNS and HTTPS in process, on real loopback sockets, with
//! faults to switch on. It knows nothing of Watchpost.
//!
//! The modules in reading order: `options` (what there is), `site` (what all share), `listener` (the only sockets),
//! `dialogue` (what every protocol is), `smtp`, `imap`, `pop3`, `sieve`, `dns`, `web` (the protocols, without sockets),
//! `queue`, `delivery`, `exchange`, `relay`, `bounce`, `mailbox` (where mail goes), `fault`, `personality` and `board` (what can be
//! broken, where, and what is), `authority` (certificates), [`status`] (what can be seen of it all).
//!
//! The way of one mail:
//! 1. Somebody logs in on 587 or 465, or a server connects on 25 (`smtp`), and the mail goes into the queue.
//! 2. The delivery task takes it: into a mailbox, or through the dialogue of the next host (`delivery`, `relay`).
//! 3. IMAP and POP3 show the mailbox; what cannot be delivered goes back to its sender (`bounce`).
//!
//! ```
//! # async fn example() -> Result<(), watchpost_lab::LabError> {
//! use watchpost_lab::{Fault, Host, Lab, LabOptions, Service, Switch};
//!
//! let lab = Lab::start(LabOptions::default()).await?;
//! let imaps = lab.endpoint(Host::Mail, Service::Imaps);
//! lab.switch(Fault::CertificateExpired, Switch::On).await;
//! # Ok(()) }
//! ```

mod account;
mod authority;
mod board;
mod bounce;
mod clock;
mod delivery;
mod dialogue;
mod dns;
mod exchange;
mod fault;
mod group;
mod imap;
mod lab;
mod listener;
mod login;
mod mailbox;
mod options;
mod personality;
mod pop3;
mod queue;
mod relay;
mod sieve;
mod site;
mod smtp;
pub mod status;
mod web;

pub use account::Account;
pub use board::{Place, Switch};
pub use clock::Clock;
pub use fault::Fault;
pub use group::Group;
pub use lab::Lab;
pub use options::{Endpoint, Host, LabError, LabOptions, Ports, Service};
pub use status::Status;
