//! One connection of serenity, joined to one of Discord's gateway.

use std::borrow::Cow;
use std::sync::Arc;

use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, accept_hdr_async_with_config, connect_async_with_config,
};

use super::{Admitted, Shared};
use crate::bot::supervisor::decide::fatal_code;
use crate::bot::supervisor::peek::{self, LARGEST_FRAME, Said};

type Serenity = WebSocketStream<TcpStream>;
type Discord = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A code of our own range, which keeps the session (events/gateway, "Disconnecting": 1000 and 1001 end it).
const KEEP_SESSION: u16 = 4000;

/// Serves one connection to its end.
pub(super) async fn serve(shared: Arc<Shared>, stream: TcpStream) {
    let Some((serenity, client, query)) = greet(&shared, stream).await else {
        return;
    };
    let connection = shared.take_turn();
    let line = Line { shared, connection };
    line.run(serenity, &client, &query).await;
}

async fn greet(shared: &Shared, stream: TcpStream) -> Option<(Serenity, Admitted, String)> {
    let mut admitted = None;
    let door = Door { shared, admitted: &mut admitted };
    let greeting = accept_hdr_async_with_config(stream, door, Some(config()));
    let serenity = timeout(shared.limits.connect, greeting).await.ok()?.ok()?;
    let (client, query) = admitted?;
    Some((serenity, client, query))
}

fn config() -> WebSocketConfig {
    WebSocketConfig {
        max_message_size: Some(LARGEST_FRAME),
        max_frame_size: Some(LARGEST_FRAME),
        ..WebSocketConfig::default()
    }
}

struct Door<'a> {
    shared: &'a Shared,
    admitted: &'a mut Option<(Admitted, String)>,
}

impl Callback for Door<'_> {
    fn on_request(self, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
        let Some(client) = self.shared.client(request.uri().path()) else {
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = http::StatusCode::FORBIDDEN;
            return Err(refusal);
        };
        *self.admitted = Some((client, request.uri().query().unwrap_or_default().to_owned()));
        Ok(response)
    }
}

/// How a joined line ends.
enum End {
    Discord(Option<CloseFrame<'static>>),
    Serenity(Option<CloseFrame<'static>>),
    Lost,
    TurnOver,
}

struct Line {
    shared: Arc<Shared>,
    connection: u64,
}

impl Line {
    async fn run(&self, mut serenity: Serenity, client: &Admitted, query: &str) {
        let Ok(first) = self.first_word(&mut serenity).await else {
            return;
        };
        let resumes = first.as_ref().is_some_and(|message| peek::said(message) == Said::Resume);
        let discord = tokio::select! {
            discord = self.reach(client, resumes, query) => discord,
            () = self.turn_over() => return,
            () = self.left(&mut serenity) => return,
        };
        let Some(mut discord) = discord else {
            self.shared.observe(self.connection, |state, _| state.gateway.unreached());
            return;
        };
        self.shared.observe(self.connection, |state, now| state.gateway.begun(now));
        let end = match first {
            Some(message) => self.speak(message, &mut discord).await,
            None => Ok(()),
        };
        let end = match end {
            Ok(()) => self.join(&mut serenity, &mut discord).await,
            Err(end) => end,
        };
        self.finish(end, serenity, discord).await;
    }

    /// What serenity says before it hears anything: RESUME, or nothing.
    async fn first_word(&self, serenity: &mut Serenity) -> Result<Option<Message>, ()> {
        match timeout(self.shared.limits.first_word, serenity.next()).await {
            Ok(Some(Ok(message))) => Ok(Some(message)),
            Ok(_) => Err(()),
            Err(_) => Ok(None),
        }
    }

    /// Waits until this connection may go on, and connects it.
    async fn reach(&self, client: &Admitted, resumes: bool, query: &str) -> Option<Discord> {
        let forbidden = self.shared.state().gateway.closed_with.and_then(fatal_code).is_some();
        let until = (!forbidden).then(|| self.shared.not_before(self.connection, resumes));
        sleep_until_some(until).await;
        self.connect(client, resumes, query).await
    }

    /// Until serenity takes leave. What else it says meanwhile is a heartbeat that nobody could answer.
    async fn left(&self, serenity: &mut Serenity) {
        while let Some(Ok(message)) = serenity.next().await {
            if message.is_close() {
                let _ = timeout(self.shared.limits.goodbye, serenity.next()).await;
                return;
            }
        }
    }

    /// Until a newer connection, or nobody, may speak.
    async fn turn_over(&self) {
        let mut turn = self.shared.turn.subscribe();
        // The sender is alive as long as this line holds it.
        let _ = turn.wait_for(|turn| turn.connection != self.connection).await;
    }

    async fn connect(&self, client: &Admitted, resumes: bool, query: &str) -> Option<Discord> {
        let mut url = self.shared.address(client, resumes);
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        let connecting = connect_async_with_config(url.as_str(), Some(config()), true);
        match timeout(self.shared.limits.connect, connecting).await {
            Ok(Ok((discord, _))) => Some(discord),
            // The text of the error could hold an address with a secret; its kind is enough.
            Ok(Err(_)) => {
                tracing::warn!("the gateway of Discord cannot be reached");
                None
            }
            Err(_) => {
                tracing::warn!("the gateway of Discord did not answer in time");
                None
            }
        }
    }

    async fn join(&self, serenity: &mut Serenity, discord: &mut Discord) -> End {
        loop {
            let deadline = self.shared.deadline();
            let passed = tokio::select! {
                message = discord.next() => match message {
                    Some(Ok(Message::Close(frame))) => Err(End::Discord(frame)),
                    Some(Ok(message)) => {
                        self.shared.heard(self.connection, &peek::heard(&message));
                        self.pass_on(message, serenity).await
                    }
                    _ => Err(End::Lost),
                },
                message = serenity.next() => match message {
                    Some(Ok(Message::Close(frame))) => Err(End::Serenity(frame)),
                    Some(Ok(message)) => self.speak(message, discord).await,
                    _ => Err(End::Serenity(None)),
                },
                () = sleep_until_some(deadline) => {
                    tracing::warn!("the gateway of Discord has fallen silent; the line is broken to be resumed");
                    Err(End::Lost)
                }
                () = self.turn_over() => Err(End::TurnOver),
            };
            if let Err(end) = passed {
                return end;
            }
        }
    }

    async fn speak(&self, message: Message, discord: &mut Discord) -> Result<(), End> {
        let said = peek::said(&message);
        self.pass_on(message, discord).await?;
        self.shared.said(self.connection, said);
        Ok(())
    }

    /// Hands a frame to the other side. Pings and pongs are each side's own.
    async fn pass_on<Side>(&self, message: Message, side: &mut Side) -> Result<(), End>
    where
        Side: SinkExt<Message> + Unpin,
    {
        if !message.is_text() && !message.is_binary() {
            return Ok(());
        }
        match timeout(self.shared.limits.hello, side.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Lost),
        }
    }

    async fn finish(&self, end: End, mut serenity: Serenity, mut discord: Discord) {
        let code = match &end {
            End::Discord(frame) => frame.as_ref().map(|frame| u16::from(frame.code)),
            _ => None,
        };
        self.shared.observe(self.connection, |state, now| state.gateway.ended(code, now));
        match end {
            // serenity resumes or starts anew by the code. Without one it would spin, and where Discord forbids another
            // try it would make one: it then only sees that the line is gone.
            End::Discord(frame) => {
                match frame.filter(|frame| is_understood(frame.code.into())) {
                    Some(frame) => self.leave(&mut serenity, Some(frame)).await,
                    None => drop(serenity),
                }
                // Its goodbye is answered (RFC 6455 section 5.5.1) while the stream is read.
                let _ = timeout(self.shared.limits.goodbye, discord.next()).await;
            }
            End::Serenity(frame) => {
                let leaving = self.leave(&mut discord, Some(keeping_session(frame)));
                let answering = timeout(self.shared.limits.goodbye, serenity.next());
                let _ = tokio::join!(leaving, answering);
            }
            End::Lost => self.leave(&mut discord, Some(keeping_session(None))).await,
            End::TurnOver if self.shared.turn.borrow().goodbye => {
                self.leave(&mut discord, Some(keeping_session(None))).await;
            }
            // A newer connection goes on with the session.
            End::TurnOver => {}
        }
    }

    async fn leave<Stream>(&self, side: &mut WebSocketStream<Stream>, frame: Option<CloseFrame<'static>>)
    where
        Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let goodbye = async {
            if side.close(frame).await.is_ok() {
                while let Some(Ok(_)) = side.next().await {}
            }
        };
        let _ = timeout(self.shared.limits.goodbye, goodbye).await;
    }
}

/// 4003 and the fatal codes leave serenity 0.12.5 in a loop over a closed stream.
fn is_understood(code: u16) -> bool {
    code != 4003 && fatal_code(code).is_none()
}

fn keeping_session(frame: Option<CloseFrame<'static>>) -> CloseFrame<'static> {
    let code = frame.map(|frame| u16::from(frame.code)).filter(|code| (4000..5000).contains(code));
    CloseFrame { code: CloseCode::from(code.unwrap_or(KEEP_SESSION)), reason: Cow::Borrowed("") }
}

async fn sleep_until_some(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}
