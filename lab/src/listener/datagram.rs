//! DNS over UDP: one datagram asks, one answers.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::sync::watch;

use super::{Applied, BIND_AGAIN, NOISE};
use crate::dns;
use crate::options::Endpoint;
use crate::personality::{Conduct, Listening};
use crate::site::Site;

/// Keeps the socket as the switches want it, and answers.
pub(crate) async fn watch(
    site: Arc<Site>,
    endpoint: Endpoint,
    first: UdpSocket,
    mut switched: watch::Receiver<u64>,
    applied: watch::Sender<Applied>,
) {
    let mut socket = Some(first);
    let mut question = [0; 4096];
    loop {
        let generation = *switched.borrow_and_update();
        let wanted = site.board.listening(&endpoint) == Listening::Open;
        match &socket {
            Some(_) if !wanted => socket = None,
            None if wanted => socket = UdpSocket::bind(endpoint.address).await.ok(),
            _ => {}
        }
        let settled = socket.is_some() == wanted;
        if settled {
            applied.send_replace(Applied { generation, open: wanted });
        }
        tokio::select! {
            changed = switched.changed() => if changed.is_err() { return },
            asked = receive(socket.as_ref(), &mut question) => {
                if let (Ok((length, peer)), Some(socket)) = (asked, &socket) {
                    reply(&site, &endpoint, socket, &question[..length], peer).await;
                }
            }
            () = tokio::time::sleep(BIND_AGAIN), if !settled => {}
        }
    }
}

async fn receive(socket: Option<&UdpSocket>, question: &mut [u8]) -> std::io::Result<(usize, SocketAddr)> {
    match socket {
        Some(socket) => socket.recv_from(question).await,
        None => std::future::pending().await,
    }
}

async fn reply(site: &Site, endpoint: &Endpoint, socket: &UdpSocket, question: &[u8], peer: SocketAddr) {
    let answer = match site.board.conduct(endpoint) {
        Conduct::Silent => None,
        Conduct::Garbage => Some(NOISE.to_vec()),
        _ => dns::answer(&dns::zone::zones(site), question, usize::from(dns::MOST_UDP_BYTES)),
    };
    if let Some(answer) = answer
        && let Err(error) = socket.send_to(&answer, peer).await
    {
        tracing::debug!(%peer, %error, "DNS answer not sent");
    }
}
