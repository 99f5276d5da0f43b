//! The only file that opens a connection to a mail host.
//!
//! 1. The address was vetted ([`address::vet`]) and is pinned: no name is resolved here.
//! 2. One connection at a time to an address and port, and a limited number at all.
//! 3. Connect; TLS first where the port wants it; then the dialogue does what its state machine says.
//! 4. Every phase has its deadline, and the whole one more; bytes are counted; nothing that a peer sends is waited for
//!    or kept without end.
//! 5. The certificate is recorded whatever it is ([`certificate`]).

pub mod address;
pub mod certificate;
mod ending;
mod lanes;
mod stream;
#[cfg(test)]
mod tests;
mod tls;
mod via;
pub mod web;

use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::net::TcpStream;
use tokio::time::Instant;

pub use self::address::{Forbidden, Vetted, relay, vet, vet_name_server};
pub use self::certificate::{Certificate, CertificateFlaw};
pub use self::ending::{Ending, TlsFault};
use self::lanes::Lanes;
use self::stream::Stream;
pub use self::tls::{TlsContext, TlsRecord, TlsVersions};
use crate::protocol::{Dialogue, Phase, Step};
use crate::service::{HostName, Limits, TlsMode};

/// How long a goodbye may take: everything that was wanted is known by then.
const GOODBYE: Duration = Duration::from_secs(1);
/// Most bytes that are read in one dialogue.
const MAX_BYTES: usize = 512 * 1024;

/// Where and how to connect.
#[derive(Debug, Clone)]
pub struct Target {
    /// The pinned address and port.
    pub address: Vetted,
    /// The host's name, for SNI and to judge the certificate.
    pub host: HostName,
    /// How TLS begins.
    pub tls: TlsMode,
}

/// What a connection was like, beside what its dialogue says.
#[derive(Debug, Clone)]
pub struct Connection {
    /// How and in which phase it ended.
    pub ending: Ending,
    /// The phase in which it ended.
    pub phase: Phase,
    /// Milliseconds until TCP was connected.
    pub connected: Option<u64>,
    /// What TLS was like, if it came so far.
    pub tls: Option<TlsRecord>,
    /// Milliseconds from the beginning to the end, the wait for our turn left out.
    pub millis: u64,
}

/// Opens connections, politely.
#[derive(Debug, Default)]
pub struct Transport {
    lanes: Lanes,
    /// The proxy that connects for us; `None`: we do.
    via: Option<SocketAddr>,
}

impl Transport {
    /// A transport whose connections are made by a SOCKS proxy on another machine.
    #[must_use]
    pub(crate) fn through(proxy: SocketAddr) -> Self {
        Self { via: Some(proxy), ..Self::default() }
    }

    /// Holds one conversation, from the connection to its end. Never fails: how it ended is part of the answer.
    pub async fn converse(
        &self,
        target: &Target,
        dialogue: &mut dyn Dialogue,
        tls: &TlsContext,
        limits: &Limits,
        now: DateTime<Utc>,
    ) -> Connection {
        let _turn = self.lanes.turn(target.address.socket(), limits.at_once).await;
        self.hold(target, dialogue, tls, limits, now).await
    }

    /// The same, unless `wanted` says no when it is our turn: others may have found out meanwhile that nobody answers.
    pub(crate) async fn converse_if(
        &self,
        wanted: impl Fn() -> bool + Send,
        target: &Target,
        dialogue: &mut dyn Dialogue,
        tls: &TlsContext,
        (limits, now): (&Limits, DateTime<Utc>),
    ) -> Option<Connection> {
        let _turn = self.lanes.turn(target.address.socket(), limits.at_once).await;
        if !wanted() {
            return None;
        }
        Some(self.hold(target, dialogue, tls, limits, now).await)
    }

    async fn hold(
        &self,
        target: &Target,
        dialogue: &mut dyn Dialogue,
        tls: &TlsContext,
        limits: &Limits,
        now: DateTime<Utc>,
    ) -> Connection {
        let mut talk = Talk::new(target, self.via, tls, limits, now);
        let mut phase = Phase::Connect;
        let ending = talk.hold(dialogue, &mut phase).await.unwrap_or_else(|ending| ending);
        let (millis, (held, resumed)) = (millis_since(talk.begun), talk.held);
        tracing::debug!(address = %target.address.socket(), millis, held, resumed, %ending, at = phase.words(), "a conversation is over");
        Connection { ending, phase, connected: talk.connected, tls: talk.record, millis }
    }
}

/// The address that this machine would connect from. A UDP socket is only given its way; no packet leaves.
#[must_use]
pub fn local_address_towards(address: Vetted) -> Option<std::net::IpAddr> {
    let any: std::net::IpAddr = match address.socket() {
        SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = std::net::UdpSocket::bind((any, 0)).ok()?;
    socket.connect(address.socket()).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn millis_since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// One conversation under way.
struct Talk<'a> {
    target: &'a Target,
    via: Option<SocketAddr>,
    tls: &'a TlsContext,
    limits: &'a Limits,
    now: DateTime<Utc>,
    begun: Instant,
    /// How long we have paused of our own will; the peer is not charged for it.
    paused: Duration,
    record: Option<TlsRecord>,
    connected: Option<u64>,
    bytes: usize,
    /// How long a [`Step::Hold`] took, and when it was over, in milliseconds; zeros without one.
    held: (u64, u64),
}

impl<'a> Talk<'a> {
    fn new(
        target: &'a Target,
        via: Option<SocketAddr>,
        tls: &'a TlsContext,
        limits: &'a Limits,
        now: DateTime<Utc>,
    ) -> Self {
        let (begun, paused) = (Instant::now(), Duration::ZERO);
        let (record, connected) = (None, None);
        Self { target, via, tls, limits, now, begun, paused, record, connected, bytes: 0, held: (0, 0) }
    }

    async fn hold(&mut self, dialogue: &mut dyn Dialogue, phase: &mut Phase) -> Result<Ending, Ending> {
        let mut stream = self.connect().await?;
        self.connected = Some(millis_since(self.begun));
        if self.target.tls == TlsMode::Implicit {
            *phase = Phase::Handshake;
            stream = self.begin_tls(stream).await?;
            dialogue.secured(self.trusted(), millis_since(self.begun));
        }
        loop {
            let step = dialogue.step();
            *phase = dialogue.phase();
            let done = match step {
                Step::Done => return Ok(Ending::Finished),
                Step::Send(bytes) => self.within(*phase, stream.write(&bytes)).await.map(|()| false),
                Step::Read => self.read(&mut stream, dialogue, *phase).await,
                Step::Pause(time) => {
                    tokio::time::sleep(time).await;
                    self.paused += time;
                    dialogue.woken(millis_since(self.begun));
                    Ok(false)
                }
                Step::Hold => self.hold_on(dialogue).await.map(|()| false),
                Step::StartTls => {
                    stream = self.begin_tls(stream).await?;
                    dialogue.secured(self.trusted(), millis_since(self.begun));
                    Ok(false)
                }
            };
            match done {
                Ok(_) => {}
                // Nobody is blamed for how he hangs up: everything is known by then.
                Err(_) if *phase == Phase::Quit => return Ok(Ending::Finished),
                Err(ending) => return Err(ending),
            }
        }
    }

    /// Waits until the dialogue's news have come, but not for ever; nobody else is charged for it.
    async fn hold_on(&mut self, dialogue: &mut dyn Dialogue) -> Result<(), Ending> {
        let begun = Instant::now();
        if let Some(news) = dialogue.held_by() {
            // Whoever makes the news has a few dialogues of his own to hold first.
            let limit = self.limits.whole * 3;
            tokio::time::timeout(limit, news.wait()).await.map_err(|_| Ending::Timeout)?;
        }
        self.paused += begun.elapsed();
        self.held = (millis_since(begun), millis_since(self.begun));
        dialogue.woken(self.held.1);
        Ok(())
    }

    async fn connect(&self) -> Result<Stream, Ending> {
        let limit = self.limits.connect.min(self.left());
        let address = self.target.address.socket();
        let connecting = async {
            match self.via {
                Some(proxy) => via::connect(proxy, address).await,
                None => TcpStream::connect(address).await,
            }
        };
        match tokio::time::timeout(limit, connecting).await {
            Err(_) => Err(Ending::ConnectTimeout),
            Ok(Err(error)) => Err(Ending::of_connect(&error)),
            Ok(Ok(tcp)) => {
                // Small commands must not wait for each other: the dialogue already sends a group as one write.
                let _ = tcp.set_nodelay(true);
                Ok(Stream::Clear(tcp))
            }
        }
    }

    async fn begin_tls(&mut self, stream: Stream) -> Result<Stream, Ending> {
        let Stream::Clear(tcp) = stream else {
            return Err(Ending::Tls(TlsFault::Twice));
        };
        let limit = self.limits.reply.min(self.left());
        let begun = Instant::now();
        let handshake = self.tls.handshake(tcp, &self.target.host);
        let outcome = tokio::time::timeout(limit, handshake).await;
        let (result, mut record) = outcome.map_err(|_| Ending::Timeout)?;
        record.millis = millis_since(begun);
        self.record = Some(record);
        result.map(|tls| Stream::Tls(Box::new(tls))).map_err(Ending::Tls)
    }

    fn trusted(&self) -> bool {
        self.record
            .as_ref()
            .and_then(|record| record.certificate.as_ref())
            .is_some_and(|c| c.flaw(self.now).is_none())
    }

    async fn read(
        &mut self,
        stream: &mut Stream,
        dialogue: &mut dyn Dialogue,
        phase: Phase,
    ) -> Result<bool, Ending> {
        let mut buffer = [0; 4096];
        let count = self.within(phase, stream.read(&mut buffer)).await?;
        self.bytes += count;
        if count == 0 {
            return Err(Ending::Closed);
        }
        if self.bytes > MAX_BYTES {
            return Err(Ending::TooMuch);
        }
        dialogue.receive(&buffer[..count], millis_since(self.begun)).map_err(Ending::Broken)?;
        Ok(false)
    }

    /// Runs one step under the deadline of its phase and of the whole.
    async fn within<T>(
        &self,
        phase: Phase,
        work: impl Future<Output = std::io::Result<T>>,
    ) -> Result<T, Ending> {
        let limit = match phase {
            Phase::Greeting => self.limits.greeting,
            Phase::Quit => GOODBYE,
            // RFC 5321 section 4.5.3.2.6 grants ten minutes behind the final dot; the whole has its own limit.
            Phase::Message => self.limits.whole,
            _ => self.limits.reply,
        };
        match tokio::time::timeout(limit.min(self.left()), work).await {
            Err(_) => Err(Ending::Timeout),
            Ok(Err(error)) => Err(Ending::of_stream(&error)),
            Ok(Ok(value)) => Ok(value),
        }
    }

    fn left(&self) -> Duration {
        (self.limits.whole + self.paused).saturating_sub(self.begun.elapsed())
    }
}
