//! The only files with sockets: they listen, accept, speak TLS, and carry lines between a peer and a dialogue.
//!
//! 1. [`watch`] keeps one port in the state that the switches ask for: open, closed, or dropping packets.
//! 2. Each connection gets a task; the switches say how it is treated (`serve`).
//! 3. `listener/wire.rs` carries lines and blocks to the dialogue and its answers back, until one side is done.
//!
//! `listener/datagram.rs` does the same for DNS over UDP. All of it is bounded: connections per port, bytes per line
//! and block, idle time.

pub(crate) mod datagram;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::dialogue::Dialogue;
use crate::options::{Endpoint, LabError, Service};
use crate::personality::{Conduct, Listening};
use crate::site::Site;
use crate::{dns, imap, pop3, sieve, smtp, web};
use wire::{Pace, Wire};

/// How many connections a port serves at once; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 512;
/// How long a port that could not be bound again is left alone.
const BIND_AGAIN: Duration = Duration::from_millis(100);
/// How many connections fill the shortest queue that a listener can have; a few more do no harm.
const FILLING: usize = 4;
/// How long a connection of a [`Port::Full`] may take until it counts as waiting.
const FILLING_TIME: Duration = Duration::from_millis(50);

/// What [`Conduct::Garbage`] answers: a reader of DNS takes the first two bytes for an id.
const NOISE: &[u8] = b"\x00\x20This is not the server you want.";

/// What a port has come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applied {
    /// Up to which turn of the switches it is as they ask.
    pub(crate) generation: u64,
    /// Whether it accepts connections.
    pub(crate) open: bool,
}

/// A port in one of its three states.
enum Port {
    Open(TcpListener),
    Closed,
    /// Nobody accepts and the queue of connections is full, so that the system throws away each further packet: a
    /// client waits until it gives up. It needs no rights, as a rule of the firewall would.
    Full {
        _listener: TcpListener,
        _waiting: Vec<TcpStream>,
    },
}

impl Port {
    fn is(&self, wanted: Listening) -> bool {
        matches!(
            (self, wanted),
            (Self::Open(_), Listening::Open)
                | (Self::Closed, Listening::Closed)
                | (Self::Full { .. }, Listening::Dropped)
        )
    }

    /// The port as wanted, or closed when the system does not let us.
    async fn turn(wanted: Listening, address: SocketAddr) -> Self {
        let turned = match wanted {
            Listening::Open => TcpListener::bind(address).await.map(Self::Open),
            Listening::Closed => Ok(Self::Closed),
            Listening::Dropped => fill(address).await,
        };
        turned.unwrap_or(Self::Closed)
    }

    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        match self {
            Self::Open(listener) => listener.accept().await,
            Self::Closed | Self::Full { .. } => std::future::pending().await,
        }
    }
}

/// Listens with the shortest queue there is and fills it.
async fn fill(address: SocketAddr) -> io::Result<Port> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(0)?;
    let mut waiting = Vec::new();
    for _ in 0..FILLING {
        match tokio::time::timeout(FILLING_TIME, TcpStream::connect(address)).await {
            Ok(stream) => waiting.push(stream?),
            // The first packet that is thrown away: the queue is full.
            Err(_) => break,
        }
    }
    Ok(Port::Full { _listener: listener, _waiting: waiting })
}

/// Listens on `address`; port 0 takes a free one.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, LabError> {
    TcpListener::bind(address).await.map_err(|source| LabError::Bind { address, source })
}

/// Keeps one port as the switches want it, and tells `applied` which state of the switches is in force.
pub(crate) async fn watch(
    site: Arc<Site>,
    endpoint: Endpoint,
    first: TcpListener,
    mut switched: watch::Receiver<u64>,
    applied: watch::Sender<Applied>,
) {
    let mut port = Port::Open(first);
    let mut connections = JoinSet::new();
    loop {
        let generation = *switched.borrow_and_update();
        let wanted = site.board.listening(&endpoint);
        if !port.is(wanted) {
            // A stopped server does not go on with the connections that it had, and frees its port first.
            drop(std::mem::replace(&mut port, Port::Closed));
            connections.shutdown().await;
            port = Port::turn(wanted, endpoint.address).await;
        }
        let settled = port.is(wanted);
        if settled {
            applied.send_replace(Applied { generation, open: matches!(port, Port::Open(_)) });
        }
        tokio::select! {
            changed = switched.changed() => if changed.is_err() { return },
            accepted = port.accept(), if connections.len() < MOST_CONNECTIONS => {
                if let Ok((stream, peer)) = accepted {
                    connections.spawn(serve(Arc::clone(&site), endpoint, stream, peer));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = tokio::time::sleep(BIND_AGAIN), if !settled => {}
        }
    }
}

/// One connection, from the first byte to the last. What goes wrong on it is the peer's affair.
async fn serve(site: Arc<Site>, endpoint: Endpoint, stream: TcpStream, peer: SocketAddr) {
    let delay = site.options.delay;
    let ended = match site.board.conduct(&endpoint) {
        Conduct::Silent => wire::hold(stream).await,
        // DNS over TCP: a length and so many bytes, which any line of text is as good as.
        Conduct::Garbage => wire::say_and_hold(stream, NOISE).await,
        Conduct::CloseAtOnce => Ok(()),
        Conduct::Serve => speak(&site, endpoint, stream, peer, Pace::Quick).await,
        Conduct::Slow => speak(&site, endpoint, stream, peer, Pace::Late(delay)).await,
        Conduct::LateGreeting => {
            tokio::time::sleep(delay * 6).await;
            speak(&site, endpoint, stream, peer, Pace::Quick).await
        }
        Conduct::Drip => speak(&site, endpoint, stream, peer, Pace::Drip(delay / 2)).await,
    };
    if let Err(error) = ended {
        tracing::debug!(%endpoint, %peer, %error, "connection ended");
    }
}

async fn speak(
    site: &Arc<Site>,
    endpoint: Endpoint,
    stream: TcpStream,
    peer: SocketAddr,
    pace: Pace,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let secured = endpoint.service.is_implicit_tls();
    let mut dialogue: Box<dyn Dialogue> = match endpoint.service {
        Service::Mx | Service::Submission | Service::Submissions => {
            Box::new(smtp::Session::new(Arc::clone(site), endpoint, peer.ip(), secured))
        }
        Service::Imap | Service::Imaps => Box::new(imap::Session::new(Arc::clone(site), endpoint, secured)),
        Service::Pop3 | Service::Pop3s => Box::new(pop3::Session::new(Arc::clone(site), endpoint, secured)),
        Service::Sieve => Box::new(sieve::Session::new(Arc::clone(site), endpoint)),
        Service::Https => Box::new(web::Session::new(Arc::clone(site))),
        Service::Dns => Box::new(dns::Session::new(Arc::clone(site))),
    };
    let mut wire = Wire::new(Arc::clone(site), endpoint, stream, pace);
    if secured {
        wire = wire.secure().await?;
    }
    wire.converse(dialogue.as_mut()).await
}
