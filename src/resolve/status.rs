//! One question in its wire form, for what the library does not show: whether the name server has checked the
//! signatures (the AD bit, RFC 4035 section 3.2.3), and what it says when it is told not to check (the CD bit, section
//! 3.2.2). A name that answers only then has broken signatures.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hickory_resolver::proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::net::UdpSocket;

use super::{DnsFault, PATIENCE};

/// The largest answer that is read: what fits through any path (the DNS flag day of 2020) and a little more.
const MOST_BYTES: usize = 4096;

/// What a name server says about its own answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Whether there is an answer at all, and not a refusal or a failure.
    pub answers: bool,
    /// Whether it has checked the signatures and found them good.
    pub authentic: bool,
}

/// Asks one name server over UDP.
///
/// # Errors
/// [`DnsFault`] if there is no reply that can be read.
pub(super) async fn ask(
    server: SocketAddr,
    name: &str,
    kind: RecordType,
    unchecked: bool,
) -> Result<Status, DnsFault> {
    let id = rand::random();
    let question = question(id, name, kind, unchecked).ok_or(DnsFault::NoSuchName)?;
    let asked = tokio::time::timeout(PATIENCE, exchange(server, id, &question));
    asked.await.map_err(|_| DnsFault::Timeout)?.ok_or(DnsFault::Unreachable)
}

fn question(id: u16, name: &str, kind: RecordType, unchecked: bool) -> Option<Vec<u8>> {
    let mut name = Name::from_ascii(name).ok()?;
    name.set_fqdn(true);
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.metadata.checking_disabled = unchecked;
    // RFC 6840 section 5.7: who sets this bit wants to know whether the signatures were checked.
    message.metadata.authentic_data = true;
    message.add_query(Query::query(name, kind));
    message.to_vec().ok()
}

async fn exchange(server: SocketAddr, id: u16, question: &[u8]) -> Option<Status> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    socket.connect(server).await.ok()?;
    socket.send(question).await.ok()?;
    let mut buffer = vec![0; MOST_BYTES];
    loop {
        let length = socket.recv(&mut buffer).await.ok()?;
        // Somebody else's answer, or noise, is waited past; the limit is the caller's.
        if let Some(status) = buffer.get(..length).and_then(|bytes| read(id, bytes)) {
            return Some(status);
        }
    }
}

fn read(id: u16, bytes: &[u8]) -> Option<Status> {
    let reply = Message::from_vec(bytes).ok()?;
    let metadata = &reply.metadata;
    let ours = metadata.id == id && metadata.message_type == MessageType::Response;
    ours.then_some(Status {
        answers: matches!(metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain),
        authentic: metadata.authentic_data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reply(id: u16, code: ResponseCode, authentic: bool) -> Vec<u8> {
        let mut message = Message::new(id, MessageType::Response, OpCode::Query);
        message.metadata.response_code = code;
        message.metadata.authentic_data = authentic;
        message.to_vec().expect("a message")
    }

    #[test]
    fn what_a_reply_says_about_itself() {
        let status = |answers, authentic| Some(Status { answers, authentic });
        assert_eq!(read(7, &reply(7, ResponseCode::NoError, true)), status(true, true));
        assert_eq!(read(7, &reply(7, ResponseCode::NXDomain, false)), status(true, false));
        assert_eq!(read(7, &reply(7, ResponseCode::ServFail, false)), status(false, false));
        assert_eq!(read(7, &reply(8, ResponseCode::NoError, true)), None, "somebody else's");
        let asked = question(7, "example.org", RecordType::MX, true).expect("a question");
        assert_eq!(read(7, &asked), None, "a question is no answer");
        assert!(Message::from_vec(&asked).expect("readable").metadata.checking_disabled);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_noise(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(7, &bytes);
        }
    }
}
