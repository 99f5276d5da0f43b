//! Connections against small listeners in this process: real sockets and real TLS on loopback.

use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::protocol::smtp::SmtpDialogue;
use crate::protocol::smtp::plan::{Plan, TlsPlan};
use crate::protocol::smtp::record::SmtpRecord;
use crate::protocol::{MAX_REPLY, ProtocolFault};
use crate::service::Service;

const HOST: &str = "mail.example.org";

/// A listener's port, with a task that serves each connection.
async fn serve<F, W>(serve: F) -> u16
where
    F: Fn(TcpStream) -> W + Send + 'static,
    W: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(serve(tcp));
        }
    });
    port
}

fn target(port: u16, tls: TlsMode) -> Target {
    let host = HostName::parse(HOST).unwrap();
    let mut service = Service::new("acme", host.clone());
    service.allow = vec!["127.0.0.0/8".parse().unwrap()];
    service.allow_ports = vec![port];
    Target { address: vet(IpAddr::from([127, 0, 0, 1]), port, &service).unwrap(), host, tls }
}

fn limits() -> Limits {
    let (short, whole) = (Duration::from_millis(300), Duration::from_millis(800));
    Limits { connect: short, greeting: short, reply: short, whole, ..Limits::default() }
}

async fn talk(port: u16, tls: TlsMode, context: &TlsContext) -> (Connection, SmtpRecord) {
    let plan = match tls {
        TlsMode::Starttls => TlsPlan::WhereOffered,
        TlsMode::Implicit => TlsPlan::Already,
    };
    let plan = Plan { helo: "watch.example.net".into(), tls: plan, login: None, transactions: vec![] };
    let mut dialogue = SmtpDialogue::new(plan);
    let transport = Transport::default();
    let connection =
        transport.converse(&target(port, tls), &mut dialogue, context, &limits(), Utc::now()).await;
    (connection, dialogue.into_record())
}

/// Says these lines, one after each line from the client.
async fn script(mut tcp: TcpStream, lines: &'static [&'static str]) -> std::io::Result<()> {
    let mut buffer = [0; 512];
    for line in lines {
        tcp.write_all(line.as_bytes()).await?;
        if tcp.read(&mut buffer).await? == 0 {
            break;
        }
    }
    Ok(())
}

/// How a conversation with this server ends, and where.
async fn ending(lines: &'static [&'static str]) -> (Ending, Phase) {
    let port = serve(move |tcp| script(tcp, lines)).await;
    let (connection, _) = talk(port, TlsMode::Starttls, &TlsContext::new(&[])).await;
    (connection.ending, connection.phase)
}

#[tokio::test]
async fn each_way_to_break_off_has_its_name_and_phase() {
    assert_eq!(ending(&["220 m\r\n", "250 m\r\n", "221 bye\r\n"]).await, (Ending::Finished, Phase::Quit));
    assert_eq!(ending(&["220 m\r\n", "250 m\r\n"]).await, (Ending::Finished, Phase::Quit));
    assert_eq!(ending(&[]).await, (Ending::Closed, Phase::Greeting));
    assert_eq!(ending(&["220 unfinished"]).await, (Ending::Timeout, Phase::Greeting));
    assert_eq!(ending(&["220 m\r\n"]).await, (Ending::Closed, Phase::Hello));
    let broken = |fault| (Ending::Broken(fault), Phase::Greeting);
    assert_eq!(ending(&["\u{7}noise"]).await, broken(ProtocolFault::NotAReply));
    assert_eq!(ending(&["\u{16}\u{3}\u{1}"]).await, broken(ProtocolFault::TlsWhereClearText));
}

#[tokio::test]
async fn a_closed_port_is_refused_at_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (connection, _) = talk(port, TlsMode::Starttls, &TlsContext::new(&[])).await;
    assert_eq!((connection.ending, connection.phase), (Ending::Refused, Phase::Connect));
    assert_eq!(connection.connected, None);
}

#[tokio::test]
async fn a_peer_without_end_costs_no_more_than_its_limits() {
    let endless = serve(|mut tcp| async move {
        loop {
            tcp.write_all(&b"220-still not the end of it\r\n".repeat(200)).await?;
        }
    })
    .await;
    let (connection, _) = talk(endless, TlsMode::Starttls, &TlsContext::new(&[])).await;
    assert_eq!(connection.ending, Ending::Broken(ProtocolFault::ReplyTooLong));

    let banner = serve(|mut tcp| async move { tcp.write_all(&vec![b'2'; 2 * MAX_REPLY]).await }).await;
    let (connection, _) = talk(banner, TlsMode::Starttls, &TlsContext::new(&[])).await;
    assert_eq!(connection.ending, Ending::Broken(ProtocolFault::LineTooLong));

    // One byte now and then never runs into the limit of a phase, but into that of the whole.
    let drip = serve(|mut tcp| async move {
        loop {
            tcp.write_all(b"2").await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let (connection, _) = talk(drip, TlsMode::Starttls, &TlsContext::new(&[])).await;
    assert_eq!((connection.ending, connection.phase), (Ending::Timeout, Phase::Greeting));
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn context(&self) -> TlsContext {
        TlsContext::new(&[self.0.der().clone()])
    }

    /// A server's side of TLS for a certificate valid until the first day of this year.
    fn acceptor(&self, until: i32) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap().der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// An SMTP server with STARTTLS; `behind` is sent in clear text behind the 220 to STARTTLS.
async fn starttls_server(acceptor: TlsAcceptor, behind: &'static str) -> u16 {
    serve(move |mut tcp| {
        let acceptor = acceptor.clone();
        async move {
            let mut buffer = [0; 512];
            for said in ["220 m\r\n", "250-m\r\n250 STARTTLS\r\n"] {
                tcp.write_all(said.as_bytes()).await?;
                let _ = tcp.read(&mut buffer).await?;
            }
            tcp.write_all(format!("220 go\r\n{behind}").as_bytes()).await?;
            let mut tls = acceptor.accept(tcp).await?;
            for said in ["250-m\r\n250 SIZE\r\n", "221 bye\r\n"] {
                let _ = tls.read(&mut buffer).await?;
                tls.write_all(said.as_bytes()).await?;
            }
            Ok(())
        }
    })
    .await
}

#[tokio::test]
async fn starttls_reports_the_certificate_good_or_not() {
    for (until, flaw) in [(2100, None), (2021, Some(CertificateFlaw::Expired))] {
        let authority = Authority::new();
        let port = starttls_server(authority.acceptor(until), "").await;
        let (connection, record) = talk(port, TlsMode::Starttls, &authority.context()).await;
        assert_eq!(connection.ending, Ending::Finished);
        let tls = connection.tls.expect("TLS came about");
        assert_eq!(tls.version, Some("TLS 1.3"));
        assert_eq!(tls.certificate.expect("a certificate").flaw(Utc::now()), flaw);
        assert_eq!(record.hello.expect("offers").summary(), "SIZE");
    }
}

#[tokio::test]
async fn clear_text_behind_starttls_ends_it_before_tls() {
    let authority = Authority::new();
    let port = starttls_server(authority.acceptor(2100), "250-evil\r\n250 AUTH PLAIN\r\n").await;
    let (connection, record) = talk(port, TlsMode::Starttls, &authority.context()).await;
    assert_eq!(connection.ending, Ending::Broken(ProtocolFault::ClearTextBehindStartTls));
    assert!(connection.tls.is_none());
    assert!(record.hello.is_none_or(|hello| hello.logins().is_empty()));
}

#[tokio::test]
async fn clear_text_on_a_tls_port_is_named() {
    let port = serve(|tcp| script(tcp, &["220 mail.example.org ESMTP\r\n"])).await;
    let (connection, _) = talk(port, TlsMode::Implicit, &TlsContext::new(&[])).await;
    assert_eq!(connection.ending, Ending::Tls(TlsFault::ClearText));
}

#[tokio::test]
async fn a_version_that_the_server_does_not_have_is_too_old_or_refused() {
    let authority = Authority::new();
    let port = starttls_server(authority.acceptor(2100), "").await;
    let only13 = authority.context().offering(TlsVersions::Only13);
    let (connection, _) = talk(port, TlsMode::Starttls, &only13).await;
    assert_eq!(connection.tls.and_then(|tls| tls.version), Some("TLS 1.3"));
}
