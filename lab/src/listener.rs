//! The only file with sockets: it listens, accepts, speaks TLS, and carries lines between a peer and a dialogue.
//!
//! 1. [`watch`] keeps one port in the state that the switches ask for: open or closed.
//! 2. Each connection gets a task; the switches say how it is treated ([`serve`]).
//! 3. [`converse`] carries lines and blocks to the dialogue and its answers back, until one side is done.
//!
//! All of it is bounded: connections per port, bytes per line and block, idle time.

pub(crate) mod datagram;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::dialogue::{Dialogue, MOST_LINE_BYTES, Next, Turn};
use crate::options::{Endpoint, LabError, Service};
use crate::personality::{Conduct, Listening};
use crate::site::Site;
use crate::{dns, imap, pop3, smtp, web};

/// How many connections a port serves at once; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 512;
/// How long a peer may say nothing. RFC 5321 §4.5.3.2.7 asks for five minutes.
const MOST_IDLE: Duration = Duration::from_secs(300);
/// How long a TLS handshake may take.
const MOST_HANDSHAKE: Duration = Duration::from_secs(30);
/// How long a port that could not be bound again is left alone.
const BIND_AGAIN: Duration = Duration::from_millis(100);

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}
type Wire = BufReader<Box<dyn Io>>;

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
    applied: watch::Sender<u64>,
) {
    let mut listener = Some(first);
    let mut connections = JoinSet::new();
    loop {
        let generation = *switched.borrow_and_update();
        match site.board.listening(&endpoint) {
            Listening::Open if listener.is_none() => {
                listener = TcpListener::bind(endpoint.address).await.ok()
            }
            Listening::Open => {}
            Listening::Closed => {
                // A stopped server does not go on with the connections that it had.
                listener = None;
                connections.shutdown().await;
            }
        }
        let settled = listener.is_some() == (site.board.listening(&endpoint) == Listening::Open);
        if settled {
            applied.send_replace(generation);
        }
        tokio::select! {
            changed = switched.changed() => if changed.is_err() { return },
            accepted = accept(listener.as_ref()), if connections.len() < MOST_CONNECTIONS => {
                if let Ok((stream, peer)) = accepted {
                    connections.spawn(serve(Arc::clone(&site), endpoint, stream, peer));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = tokio::time::sleep(BIND_AGAIN), if !settled => {}
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// One connection, from the first byte to the last. What goes wrong on it is the peer's affair.
async fn serve(site: Arc<Site>, endpoint: Endpoint, stream: TcpStream, peer: SocketAddr) {
    let conduct = site.board.conduct(&endpoint);
    let ended = match conduct {
        Conduct::Silent => hold(BufReader::new(Box::new(stream))).await,
        Conduct::Serve => speak(&site, endpoint, stream, peer, Duration::ZERO).await,
        Conduct::Slow(late) => speak(&site, endpoint, stream, peer, late).await,
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
    late: Duration,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut wire: Wire = BufReader::new(Box::new(stream));
    if endpoint.service.is_implicit_tls() {
        wire = secure(site, &endpoint, wire).await?;
    }
    let secured = endpoint.service.is_implicit_tls();
    let mut dialogue: Box<dyn Dialogue> = match endpoint.service {
        Service::Mx | Service::Submission | Service::Submissions => {
            Box::new(smtp::Session::new(Arc::clone(site), endpoint, peer.ip(), secured))
        }
        Service::Imap | Service::Imaps => Box::new(imap::Session::new(Arc::clone(site), endpoint, secured)),
        Service::Pop3 | Service::Pop3s => Box::new(pop3::Session::new(Arc::clone(site), endpoint, secured)),
        Service::Https => Box::new(web::Session::new(Arc::clone(site))),
        Service::Dns => Box::new(dns::Session::new(Arc::clone(site))),
    };
    converse(site, endpoint, wire, dialogue.as_mut(), late).await
}

async fn converse(
    site: &Arc<Site>,
    endpoint: Endpoint,
    mut wire: Wire,
    dialogue: &mut dyn Dialogue,
    late: Duration,
) -> io::Result<()> {
    let mut turn = dialogue.open();
    loop {
        if !turn.bytes.is_empty() {
            tokio::time::sleep(late).await;
            wire.write_all(&turn.bytes).await?;
            wire.flush().await?;
        }
        turn = match turn.next {
            Next::Close => return wire.shutdown().await,
            Next::Hang => return hold(wire).await,
            Next::StartTls => {
                wire = secure(site, &endpoint, wire).await?;
                dialogue.secured()
            }
            Next::Block(length) => {
                let mut block = vec![0; length];
                within(MOST_IDLE, wire.read_exact(&mut block)).await?;
                dialogue.block(block)
            }
            Next::Line => match within(MOST_IDLE, read_line(&mut wire, dialogue)).await? {
                Some(turn) => turn,
                None => return Ok(()),
            },
        };
    }
}

/// Reads a line and answers it; `None` when the peer has gone.
async fn read_line(wire: &mut Wire, dialogue: &mut dyn Dialogue) -> io::Result<Option<Turn>> {
    let mut line = Vec::new();
    let most = MOST_LINE_BYTES as u64;
    (&mut *wire).take(most).read_until(b'\n', &mut line).await?;
    Ok(match line.last() {
        Some(b'\n') => Some(dialogue.line(&line)),
        Some(_) if line.len() == MOST_LINE_BYTES => Some(dialogue.too_long()),
        _ => None,
    })
}

/// Puts TLS on a connection. Clear text that was sent ahead of the handshake is thrown away (RFC 3207 §4.2).
async fn secure(site: &Site, endpoint: &Endpoint, wire: Wire) -> io::Result<Wire> {
    let (kind, since_ms) = site.board.certificate(endpoint);
    let config = site.authority.server(endpoint.host, kind, since_ms).map_err(io::Error::other)?;
    let stream = within(MOST_HANDSHAKE, TlsAcceptor::from(config).accept(wire.into_inner())).await?;
    Ok(BufReader::new(Box::new(stream)))
}

/// Reads and never answers, until the peer gives up or the idle time is over.
async fn hold(mut wire: Wire) -> io::Result<()> {
    let mut scratch = [0; 512];
    while within(MOST_IDLE, wire.read(&mut scratch)).await? > 0 {}
    Ok(())
}

async fn within<T>(most: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(most, work).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}
