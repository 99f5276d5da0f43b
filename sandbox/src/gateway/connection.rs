//! One gateway connection, from the upgrade to its end. Heartbeats run in real time, whatever the sandbox's clock says.

use std::io::Write as _;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};

use super::protocol::{self, Peer};
use super::{Outgoing, WAITING};
use crate::core::Shared;
use crate::faults::Welcome;

/// A connection that says nothing this long is one that nobody will ever use.
const IDLE: Duration = Duration::from_secs(600);
/// Bytes of one message that are read at all; above 4,096 the answer is 4002.
const MOST_BYTES: usize = 64 * 1024;

enum End {
    Closed,
    Reset,
}

pub(crate) async fn run(stream: TcpStream, shared: Shared) {
    let _ = stream.set_nodelay(true);
    let welcome = shared.lock().faults.gateway.welcome;
    match welcome {
        Welcome::Refused => return,
        Welcome::BlackHole => return tokio::time::sleep(IDLE).await,
        Welcome::Normal | Welcome::NoHello => {}
    }
    let config = WebSocketConfig {
        max_message_size: Some(MOST_BYTES),
        max_frame_size: Some(MOST_BYTES),
        ..Default::default()
    };
    let mut version = None;
    let upgrade = accept(stream, config, &mut version);
    let Ok(Ok(mut socket)) = tokio::time::timeout(Duration::from_secs(10), upgrade).await else {
        return;
    };
    if version.is_some_and(|version| version != 10) {
        let _ = close(&mut socket, 4012, "Invalid API version.").await;
        return;
    }
    let (sender, receiver) = mpsc::channel(WAITING);
    let line = shared.lock().hub.open(sender);
    let end = converse(&mut socket, receiver, line, &shared, welcome == Welcome::NoHello).await;
    {
        let mut core = shared.lock();
        core.hub.close(line);
        core.touch();
    }
    if matches!(end, End::Reset) {
        let _ = socket.get_ref().set_zero_linger();
    }
}

/// The upgrade; notes the version of the API that the address asks for.
#[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
async fn accept(
    stream: TcpStream,
    config: WebSocketConfig,
    version: &mut Option<u64>,
) -> Result<WebSocketStream<TcpStream>, tokio_tungstenite::tungstenite::Error> {
    let note = |request: &Request, response: Response| {
        let query = request.uri().query().unwrap_or_default();
        let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "v");
        *version = asked.map(|(_, value)| value.parse().unwrap_or(0));
        Ok(response)
    };
    tokio_tungstenite::accept_hdr_async_with_config(stream, note, Some(config)).await
}

async fn converse(
    socket: &mut WebSocketStream<TcpStream>,
    mut receiver: mpsc::Receiver<Outgoing>,
    line: u64,
    shared: &Shared,
    silent: bool,
) -> End {
    let opened = Instant::now();
    let open_ms = || u64::try_from(opened.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (greeting, interval) = {
        let core = shared.lock();
        (protocol::hello(&core), core.settings.heartbeat_ms)
    };
    if !silent && socket.send(Message::Text(greeting)).await.is_err() {
        return End::Closed;
    }
    let mut peer = Peer::new(line);
    loop {
        // Discord closes a connection whose heartbeats stay away; two intervals are its patience here.
        let patience = Duration::from_millis(interval.saturating_mul(2).saturating_add(peer.heartbeat_ms));
        let deadline = if silent { opened + IDLE } else { opened + patience };
        tokio::select! {
            outgoing = receiver.recv() => {
                let Some(outgoing) = outgoing else { return End::Closed };
                if let Some(end) = write(socket, outgoing, shared).await {
                    return end;
                }
            }
            incoming = socket.next() => match incoming {
                Some(Ok(Message::Text(text))) => {
                    protocol::receive(&mut shared.lock(), &mut peer, &text, open_ms());
                }
                Some(Ok(Message::Binary(bytes))) => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    protocol::receive(&mut shared.lock(), &mut peer, &text, open_ms());
                }
                Some(Ok(Message::Close(frame))) => {
                    forget_if_over(shared, line, frame.as_ref());
                    return End::Closed;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return End::Closed,
            },
            () = tokio::time::sleep_until(deadline.into()) => {
                let _ = close(socket, 4009, "Session timed out.").await;
                return End::Closed;
            }
        }
    }
}

/// events/gateway, "Disconnecting": 1000 and 1001 end the session.
fn forget_if_over(shared: &Shared, line: u64, frame: Option<&CloseFrame<'_>>) {
    let code = frame.map(|frame| u16::from(frame.code));
    if matches!(code, Some(1000 | 1001)) {
        let mut core = shared.lock();
        if let Some(id) = core.hub.session_of(line).map(|(id, _)| id.clone()) {
            core.hub.forget(&id);
        }
    }
}

async fn write(socket: &mut WebSocketStream<TcpStream>, outgoing: Outgoing, shared: &Shared) -> Option<End> {
    match outgoing {
        Outgoing::Payload { text, compress } => {
            if shared.lock().faults.gateway.zombie {
                return None;
            }
            let message = if compress { Message::Binary(compressed(&text)) } else { Message::Text(text) };
            socket.send(message).await.is_err().then_some(End::Closed)
        }
        Outgoing::Close(code, reason) => {
            let _ = close(socket, code, reason).await;
            Some(End::Closed)
        }
        Outgoing::Drop => Some(End::Closed),
        Outgoing::Reset => Some(End::Reset),
    }
}

async fn close(
    socket: &mut WebSocketStream<TcpStream>,
    code: u16,
    reason: &'static str,
) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() })).await?;
    // Gives the peer a moment to read the code before the socket goes.
    let drain = async { while let Some(Ok(_)) = socket.next().await {} };
    let _ = tokio::time::timeout(Duration::from_secs(1), drain).await;
    Ok(())
}

/// events/gateway, "Payload Compression": one whole zlib stream a message.
fn compressed(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory cannot fail; if it did, an empty message would end the connection on the other side.
    if encoder.write_all(text.as_bytes()).is_err() {
        return Vec::new();
    }
    encoder.finish().unwrap_or_default()
}
