//! What all connections of a lab share: people, mailboxes, queue, switches, certificates, the clock.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

use crate::account::{self, Account};
use crate::authority::Authority;
use crate::board::Board;
use crate::login::{Credentials, Secret};
use crate::mailbox::{Mailbox, Mailboxes};
use crate::options::{Endpoint, Host, LabError, LabOptions, Service};
use crate::personality::{LoginAnswer, LoginMoment};
use crate::queue::Queue;

/// The shared state.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) options: LabOptions,
    pub(crate) accounts: Vec<Account>,
    pub(crate) authority: Authority,
    pub(crate) board: Board,
    pub(crate) queue_changed: Notify,
    endpoints: OnceLock<Vec<Endpoint>>,
    mailboxes: Mutex<Mailboxes>,
    queue: Mutex<Queue>,
    next_id: AtomicU64,
    /// When each (client, sender, recipient) was first seen, for greylisting.
    first_seen: Mutex<HashMap<Triplet, i64>>,
}

/// Who writes to whom from where.
pub(crate) type Triplet = (IpAddr, String, String);

/// How many triplets are remembered; then all are forgotten.
const MOST_TRIPLETS: usize = 10_000;

/// How a login ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// This account is in.
    Granted(String),
    /// The password or token is not the right one, or there is no such account.
    Wrong,
    TemporaryFailure,
    Limit,
    Hang,
}

impl Site {
    pub(crate) fn new(options: LabOptions) -> Result<Self, LabError> {
        let now_ms = options.clock.now_ms();
        let accounts = account::everybody(&options.domain, &options.outside_domain);
        let uid_validity = u32::try_from(now_ms.div_euclid(1000)).unwrap_or(1).max(1);
        let addresses = accounts.iter().map(|account| account.address.clone());
        Ok(Self {
            mailboxes: Mutex::new(Mailboxes::new(addresses, uid_validity)),
            authority: Authority::new(certificate_names(&options), now_ms)?,
            accounts,
            board: Board::default(),
            queue_changed: Notify::new(),
            endpoints: OnceLock::new(),
            queue: Mutex::default(),
            next_id: AtomicU64::new(1),
            first_seen: Mutex::default(),
            options,
        })
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.options.clock.now_ms()
    }

    /// What the clock of this host shows; it may be wrong.
    pub(crate) fn shown_ms(&self, host: Host) -> i64 {
        self.now_ms() + self.board.skew_ms(host)
    }

    /// How long this triplet has been known, in milliseconds; it is from now on.
    pub(crate) fn known_for_ms(&self, triplet: Triplet) -> i64 {
        let now_ms = self.now_ms();
        let mut first_seen = self.first_seen.lock().unwrap_or_else(PoisonError::into_inner);
        if first_seen.len() >= MOST_TRIPLETS {
            first_seen.clear();
        }
        now_ms - *first_seen.entry(triplet).or_insert(now_ms)
    }

    /// How full a mailbox is, in bytes.
    pub(crate) fn used_bytes(&self, address: &str, mailbox: &Mailbox) -> usize {
        mailbox.mail_bytes() + self.board.ballast(address)
    }

    /// The sockets; empty until all are bound.
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        self.endpoints.get().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn set_endpoints(&self, endpoints: Vec<Endpoint>) {
        // Set once, by `Lab::start`; a second call would change nothing.
        let _ = self.endpoints.set(endpoints);
    }

    pub(crate) fn endpoints_of(&self, host: Host, service: Service) -> impl Iterator<Item = &Endpoint> {
        self.endpoints().iter().filter(move |at| at.host == host && at.service == service)
    }

    pub(crate) fn address_of(&self, host: Host) -> Option<IpAddr> {
        match host {
            Host::Mail => self.options.addresses.first().copied(),
            Host::Backup => self.options.backup,
            Host::Outside => self.options.outside,
        }
    }

    pub(crate) fn host_name(&self, host: Host) -> String {
        host_name(&self.options, host)
    }

    /// The domain whose mail this host takes.
    pub(crate) fn domain_of(&self, host: Host) -> &str {
        match host {
            Host::Mail | Host::Backup => &self.options.domain,
            Host::Outside => &self.options.outside_domain,
        }
    }

    pub(crate) fn mailboxes(&self) -> MutexGuard<'_, Mailboxes> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An id for a mail in the queue, unique in this lab.
    pub(crate) fn new_id(&self) -> String {
        format!(
            "{:05X}{:04X}",
            self.now_ms().rem_euclid(0x10_0000),
            self.next_id.fetch_add(1, Ordering::Relaxed)
        )
    }

    /// Whether these credentials open the door at this endpoint.
    pub(crate) fn login(&self, endpoint: &Endpoint, credentials: &Credentials) -> Login {
        let Credentials { login, secret } = credentials;
        let by_token = matches!(secret, Secret::Token(_));
        match self.board.login(&LoginMoment { endpoint, login, by_token }) {
            Some(LoginAnswer::TemporaryFailure) => return Login::TemporaryFailure,
            Some(LoginAnswer::Wrong) => return Login::Wrong,
            Some(LoginAnswer::Limit) => return Login::Limit,
            Some(LoginAnswer::Hang) => return Login::Hang,
            None => {}
        }
        let home = self.domain_of(endpoint.host);
        let known = self.accounts.iter().filter(|account| is_in(&account.address, home));
        match known.into_iter().find(|account| account.answers_to(login, home)) {
            Some(account) if account.opens_with(secret) => Login::Granted(account.address.clone()),
            _ => Login::Wrong,
        }
    }
}

/// Whether a mail address is in this domain.
pub(crate) fn is_in(address: &str, domain: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(_, own)| own.eq_ignore_ascii_case(domain))
}

fn host_name(options: &LabOptions, host: Host) -> String {
    match host {
        Host::Mail => format!("mail.{}", options.domain),
        Host::Backup => format!("mx2.{}", options.domain),
        Host::Outside => format!("mx.{}", options.outside_domain),
    }
}

fn certificate_names(options: &LabOptions) -> HashMap<Host, Vec<String>> {
    let domain = &options.domain;
    let web =
        ["mta-sts", "webmail", "rdap", "autoconfig", "autodiscover"].map(|name| format!("{name}.{domain}"));
    let mut mail = vec![host_name(options, Host::Mail)];
    mail.extend(web);
    HashMap::from([
        (Host::Mail, mail),
        (Host::Backup, vec![host_name(options, Host::Backup)]),
        (Host::Outside, vec![host_name(options, Host::Outside)]),
    ])
}
