//! The lab as its users hold it: start, look, break, mend.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::account::Account;
use crate::board::{Place, Switch};
use crate::delivery;
use crate::dns::zone;
use crate::fault::Fault;
use crate::listener::{self, Applied, datagram};
use crate::options::{Endpoint, Host, LabError, LabOptions, Ports, Service};
use crate::site::Site;
use crate::status::{self, Status};

/// The highest port base that leaves room for every well-known port.
const MOST_BASE: u16 = u16::MAX - 4190;
/// How often a free port is looked for that is free on every address.
const MOST_TRIES: usize = 50;
/// How long a turned switch may take to come into force at a port.
const MOST_SETTLING: Duration = Duration::from_secs(5);

/// A running mail service. It stops when it is dropped, a moment later; [`Lab::stop`] waits until it has.
#[derive(Debug)]
pub struct Lab {
    site: Arc<Site>,
    switched: watch::Sender<u64>,
    applied: Vec<(Endpoint, watch::Receiver<Applied>)>,
    tasks: JoinSet<()>,
}

impl Lab {
    /// Starts every server on its address and port, and the delivery of mail.
    ///
    /// # Errors
    /// When the options contradict each other, or the system does not let the lab listen there.
    pub async fn start(options: LabOptions) -> Result<Self, LabError> {
        check(&options)?;
        let sockets = bind_all(&options).await?;
        let site = Arc::new(Site::new(options)?);
        site.set_endpoints(sockets.iter().map(|socket| socket.endpoint).collect());
        let (switched, _) = watch::channel(0);
        let (mut tasks, mut applied) = (JoinSet::new(), Vec::new());
        tasks.spawn(delivery::run(Arc::clone(&site)));
        for Socket { endpoint, stream, datagrams } in sockets {
            let (done, seen) = watch::channel(Applied { generation: 0, open: true });
            applied.push((endpoint, seen));
            tasks.spawn(listener::watch(Arc::clone(&site), endpoint, stream, switched.subscribe(), done));
            if let Some(socket) = datagrams {
                let (done, seen) = watch::channel(Applied { generation: 0, open: true });
                applied.push((endpoint, seen));
                tasks.spawn(datagram::watch(Arc::clone(&site), endpoint, socket, switched.subscribe(), done));
            }
        }
        Ok(Self { site, switched, applied, tasks })
    }

    /// Stops everything. When this returns, every port is free again.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }

    /// Turns a fault on or off in the watched domain. It is in force when this returns, for new connections.
    pub async fn switch(&self, fault: Fault, to: Switch) {
        self.switch_at(fault, Place::default(), to).await;
    }

    /// Turns a fault on or off in one place. It is in force when this returns, for new connections.
    pub async fn switch_at(&self, fault: Fault, place: Place, to: Switch) {
        self.site.board.switch(fault, place, to, self.site.now_ms());
        self.announce().await;
    }

    /// Turns every fault off.
    pub async fn clear(&self) {
        self.site.board.clear();
        self.announce().await;
    }

    /// Tells every port that the switches have moved, and waits until each has done what they ask.
    async fn announce(&self) {
        self.switched.send_modify(|generation| *generation += 1);
        let generation = *self.switched.borrow();
        for (endpoint, applied) in &self.applied {
            let mut applied = applied.clone();
            let settled = applied.wait_for(|seen| seen.generation >= generation);
            if timeout(MOST_SETTLING, settled).await.is_err() {
                tracing::warn!(%endpoint, "the port cannot be bound again: another program may have taken it");
            }
        }
        // What waited for the fault to go is tried at once, as an administrator would do.
        self.site.queue().flush();
        self.site.queue_changed.notify_one();
    }

    /// Everything that can be seen at this moment.
    pub fn status(&self) -> Status {
        let open = |at: &Endpoint| self.applied.iter().all(|(own, seen)| own != at || seen.borrow().open);
        status::of(&self.site, open)
    }

    /// The lab's time, in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        self.site.now_ms()
    }

    /// Every port.
    pub fn endpoints(&self) -> &[Endpoint] {
        self.site.endpoints()
    }

    /// The first address and port of a service; `None` where that host does not offer it or is not there.
    pub fn endpoint(&self, host: Host, service: Service) -> Option<SocketAddr> {
        self.site.endpoints_of(host, service).next().map(|at| at.address)
    }

    /// The name server to ask about the lab's domains.
    pub fn dns(&self) -> SocketAddr {
        self.endpoint(Host::Mail, Service::Dns).expect("the mail host always offers DNS")
    }

    /// The domain whose mail is served.
    pub fn domain(&self) -> &str {
        &self.site.options.domain
    }

    /// The address that mail leaves from, as SPF and blocklists know it.
    pub fn outbound(&self) -> IpAddr {
        self.site.options.outbound
    }

    /// The zone of the lab's blocklist (RFC 5782).
    pub fn blocklist(&self) -> String {
        zone::blocklist_name(&self.site)
    }

    /// The name of a host, for instance `mail.lab.example`: its certificate is good for it.
    pub fn host_name(&self, host: Host) -> String {
        self.site.host_name(host)
    }

    /// The certificate of the lab's authority in PEM, for clients to trust.
    pub fn ca_pem(&self) -> &str {
        self.site.authority.pem()
    }

    /// The account of this name (`alice`, `bob`, `probe`, `postmaster`; outside `echo`, `notices`, `board`) or address.
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.site.accounts.iter().find(|account| account.name() == name || account.address == name)
    }

    /// The mail in somebody's INBOX as it arrived, oldest first, each with the moment of its arrival in milliseconds.
    pub fn inbox(&self, address: &str) -> Vec<(i64, Vec<u8>)> {
        let mailboxes = self.site.mailboxes();
        let inbox = mailboxes.get(address).and_then(|mailbox| mailbox.folder("INBOX"));
        let mail = inbox.into_iter().flat_map(|folder| &folder.messages);
        mail.map(|stored| (stored.arrived_ms, stored.raw.to_vec())).collect()
    }

    /// Everybody with a mailbox.
    pub fn accounts(&self) -> &[Account] {
        &self.site.accounts
    }
}

/// A bound port, before anybody serves it.
struct Socket {
    endpoint: Endpoint,
    stream: TcpListener,
    datagrams: Option<UdpSocket>,
}

fn addresses(options: &LabOptions) -> Vec<(Host, IpAddr)> {
    let mail = options.addresses.iter().map(|address| (Host::Mail, *address));
    let backup = options.backup.map(|address| (Host::Backup, address));
    let outside = options.outside.map(|address| (Host::Outside, address));
    mail.chain(backup).chain(outside).collect()
}

fn check(options: &LabOptions) -> Result<(), LabError> {
    if options.addresses.is_empty() {
        return Err(LabError::NoAddress);
    }
    let all: Vec<_> = addresses(options).into_iter().map(|(_, address)| address).collect();
    for (at, address) in all.iter().enumerate() {
        if !address.is_loopback() {
            return Err(LabError::NotLoopback(*address));
        }
        if all[..at].contains(address) {
            return Err(LabError::AddressTwice(*address));
        }
    }
    match options.ports {
        Ports::Base(base) if base > MOST_BASE => Err(LabError::BaseTooHigh(base)),
        _ => Ok(()),
    }
}

async fn bind_all(options: &LabOptions) -> Result<Vec<Socket>, LabError> {
    let mut sockets = Vec::new();
    for service in Service::ALL {
        let mut hosts = addresses(options);
        hosts.retain(|(host, _)| host.services().contains(&service));
        sockets.extend(bind_service(service, &hosts, options.ports).await?);
    }
    Ok(sockets)
}

/// Binds a service on all its addresses, on the same port.
async fn bind_service(
    service: Service,
    hosts: &[(Host, IpAddr)],
    ports: Ports,
) -> Result<Vec<Socket>, LabError> {
    let port = match ports {
        Ports::Free => 0,
        Ports::Base(base) => base + service.well_known_port(),
    };
    let mut tries = 1;
    loop {
        match bind_port(service, hosts, port).await {
            // A port that is free here may be taken there: look for another.
            Err(LabError::Bind { .. }) if port == 0 && tries < MOST_TRIES => tries += 1,
            bound => return bound,
        }
    }
}

async fn bind_port(
    service: Service,
    hosts: &[(Host, IpAddr)],
    mut port: u16,
) -> Result<Vec<Socket>, LabError> {
    let mut sockets = Vec::new();
    for (host, ip) in hosts {
        let wanted = SocketAddr::new(*ip, port);
        let refused = |source| LabError::Bind { address: wanted, source };
        let stream = listener::bind(wanted).await?;
        let address = stream.local_addr().map_err(refused)?;
        port = address.port();
        let datagrams = match service {
            Service::Dns => Some(UdpSocket::bind(address).await.map_err(refused)?),
            _ => None,
        };
        sockets.push(Socket { endpoint: Endpoint { host: *host, service, address }, stream, datagrams });
    }
    Ok(sockets)
}
