//! One connection: bytes in, lines and blocks to the dialogue, answers back, TLS where it is due.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::dialogue::{Dialogue, MOST_LINE_BYTES, Next, Turn};
use crate::options::Endpoint;
use crate::personality::Greeting;
use crate::site::Site;

/// How long a peer may say nothing. RFC 5321 §4.5.3.2.7 asks for five minutes.
const MOST_IDLE: Duration = Duration::from_secs(300);
/// How long a TLS handshake may take.
const MOST_HANDSHAKE: Duration = Duration::from_secs(30);
/// How much a hostile answer without end sends before even it gives up, in bytes.
const MOST_FOREVER: usize = 64 * 1024 * 1024;
/// How much of an answer without end is written at once, in bytes.
const FOREVER_AT_ONCE: usize = 16 * 1024;
/// The fatal alert `protocol_version` in a record of TLS 1.0 (RFC 8446 §6).
const TOO_NEW: [u8; 7] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46];

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// How fast answers go out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    Quick,
    /// Each answer after this long.
    Late(Duration),
    /// One byte in each of these.
    Drip(Duration),
}

/// An open connection on the server's side.
pub(super) struct Wire {
    site: Arc<Site>,
    endpoint: Endpoint,
    io: BufReader<Box<dyn Io>>,
    pace: Pace,
}

impl Wire {
    pub(super) fn new(site: Arc<Site>, endpoint: Endpoint, stream: TcpStream, pace: Pace) -> Self {
        Self { site, endpoint, io: BufReader::new(Box::new(stream)), pace }
    }

    /// Puts TLS on the connection. Clear text that was sent ahead of the handshake is thrown away (RFC 3207 §4.2).
    pub(super) async fn secure(mut self) -> io::Result<Self> {
        if self.site.board.old_tls(&self.endpoint) {
            within(MOST_HANDSHAKE, self.io.fill_buf()).await?;
            self.io.write_all(&TOO_NEW).await?;
            self.io.shutdown().await?;
            return Err(io::Error::other("the peer's TLS is too new for the fault that is on"));
        }
        let (kind, since_ms) = self.site.board.certificate(&self.endpoint);
        let config =
            self.site.authority.server(self.endpoint.host, kind, since_ms).map_err(io::Error::other)?;
        let accept = TlsAcceptor::from(config).accept(self.io.into_inner());
        let stream = within(MOST_HANDSHAKE, accept).await?;
        Ok(Self { io: BufReader::new(Box::new(stream)), ..self })
    }

    /// Carries the dialogue until one side is done.
    pub(super) async fn converse(mut self, dialogue: &mut dyn Dialogue) -> io::Result<()> {
        let fault = self.site.board.greeting(&Greeting { endpoint: &self.endpoint });
        let mut turn = fault.unwrap_or_else(|| dialogue.open());
        loop {
            self.write(&turn.bytes).await?;
            turn = match turn.next {
                Next::Close => return self.io.shutdown().await,
                Next::Hang => return hold(self.io).await,
                Next::Forever(bytes) => return self.write_forever(bytes).await,
                Next::StartTls => {
                    self = self.secure().await?;
                    dialogue.secured()
                }
                Next::Block(length) => {
                    let mut block = vec![0; length];
                    within(MOST_IDLE, self.io.read_exact(&mut block)).await?;
                    dialogue.block(block)
                }
                Next::Line => match within(MOST_IDLE, self.read_line(dialogue)).await? {
                    Some(turn) => turn,
                    None => return Ok(()),
                },
            };
        }
    }

    /// Reads a line and answers it; `None` when the peer has gone.
    async fn read_line(&mut self, dialogue: &mut dyn Dialogue) -> io::Result<Option<Turn>> {
        let mut line = Vec::new();
        (&mut self.io).take(MOST_LINE_BYTES as u64).read_until(b'\n', &mut line).await?;
        Ok(match line.last() {
            Some(b'\n') => Some(dialogue.line(&line)),
            Some(_) if line.len() == MOST_LINE_BYTES => Some(dialogue.too_long()),
            _ => None,
        })
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        match self.pace {
            Pace::Quick => self.io.write_all(bytes).await?,
            Pace::Late(late) => {
                tokio::time::sleep(late).await;
                self.io.write_all(bytes).await?;
            }
            Pace::Drip(each) => {
                for byte in bytes {
                    self.io.write_all(&[*byte]).await?;
                    self.io.flush().await?;
                    tokio::time::sleep(each).await;
                }
            }
        }
        self.io.flush().await
    }

    async fn write_forever(&mut self, bytes: &[u8]) -> io::Result<()> {
        let chunk = bytes.repeat(FOREVER_AT_ONCE.div_ceil(bytes.len().max(1)));
        for _ in 0..MOST_FOREVER / FOREVER_AT_ONCE {
            within(MOST_IDLE, self.io.write_all(&chunk)).await?;
        }
        self.io.shutdown().await
    }
}

/// Reads and never answers, until the peer gives up or the idle time is over.
pub(super) async fn hold(mut stream: impl AsyncRead + Unpin) -> io::Result<()> {
    let mut scratch = [0; 512];
    while within(MOST_IDLE, stream.read(&mut scratch)).await? > 0 {}
    Ok(())
}

async fn within<T>(most: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(most, work).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Says one thing, whatever the peer says, then reads and never answers.
pub(super) async fn say_and_hold(mut stream: TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    hold(stream).await
}
