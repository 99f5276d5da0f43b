//! A peer that speaks line protocols, in clear text and over TLS, and hides nothing of what it hears.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use watchpost_lab::{Host, Lab, Service};

/// No answer of the lab takes this long; a test that waits so long has found a fault.
pub const PATIENCE: Duration = Duration::from_secs(10);

pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// An open connection.
pub struct Client {
    pub wire: BufReader<Box<dyn Io>>,
    /// What the peer showed, when TLS is in use.
    pub certificate: Option<Vec<u8>>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        Ok(Self { wire: BufReader::new(Box::new(stream)), certificate: None })
    }

    /// Connects to a service of the mail host and, where it begins with TLS, begins it.
    pub async fn to(lab: &Lab, service: Service) -> Self {
        Self::to_host(lab, Host::Mail, service).await
    }

    pub async fn to_host(lab: &Lab, host: Host, service: Service) -> Self {
        let address = lab.endpoint(host, service).expect("the service is there");
        let client = Self::connect(address).await.expect("the port is open");
        if service.is_implicit_tls() {
            client.secure(lab, &lab.host_name(host)).await.expect("TLS")
        } else {
            client
        }
    }

    pub async fn secure(self, lab: &Lab, name: &str) -> std::io::Result<Self> {
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        let stream = connector(lab).connect(name, self.wire.into_inner()).await?;
        let certificate =
            stream.get_ref().1.peer_certificates().and_then(<[_]>::first).map(|own| own.to_vec());
        Ok(Self { wire: BufReader::new(Box::new(stream)), certificate })
    }

    /// One line, without its end; empty when the peer has gone.
    pub async fn hear(&mut self) -> String {
        let mut line = Vec::new();
        tokio::time::timeout(PATIENCE, self.wire.read_until(b'\n', &mut line))
            .await
            .expect("a line")
            .expect("a line");
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    pub async fn tell(&mut self, text: &str) {
        self.wire.write_all(text.as_bytes()).await.expect("sent");
        self.wire.flush().await.expect("sent");
    }

    /// Sends a line and hears a whole SMTP or POP3 reply; returns its last line.
    pub async fn say(&mut self, line: &str) -> String {
        self.tell(&format!("{line}\r\n")).await;
        self.reply().await
    }

    /// The last line of a reply of SMTP.
    pub async fn reply(&mut self) -> String {
        loop {
            let line = self.hear().await;
            if line.as_bytes().get(3) != Some(&b'-') || line.starts_with('-') {
                return line;
            }
        }
    }

    /// Sends an IMAP command and hears everything up to its tagged answer, literals included.
    pub async fn command(&mut self, command: &str) -> String {
        self.tell(&format!("t {command}\r\n")).await;
        self.until("t ").await
    }

    /// Everything up to and with the line that begins with `start`.
    pub async fn until(&mut self, start: &str) -> String {
        let mut all = String::new();
        loop {
            let line = self.hear().await;
            assert!(!(line.is_empty() && all.ends_with("\n\n\n\n")), "the peer has gone: {all}");
            all.push_str(&line);
            all.push('\n');
            if line.starts_with(start) {
                return all;
            }
        }
    }

    /// Everything up to the end of the connection.
    pub async fn rest(&mut self) -> String {
        let mut all = Vec::new();
        tokio::time::timeout(PATIENCE, self.wire.read_to_end(&mut all)).await.expect("an end").ok();
        String::from_utf8_lossy(&all).into_owned()
    }

    /// Whether nothing at all is heard for a moment.
    pub async fn is_silent(&mut self) -> bool {
        let mut byte = [0];
        tokio::time::timeout(Duration::from_millis(150), self.wire.read(&mut byte)).await.is_err()
    }
}

/// Certificates are judged by the lab's time.
#[derive(Debug)]
struct FixedTime(UnixTime);

impl TimeProvider for FixedTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

pub fn connector(lab: &Lab) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let pem = lab.ca_pem().as_bytes();
    for certificate in rustls::pki_types::CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.expect("a certificate")).expect("a root");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let now = UnixTime::since_unix_epoch(Duration::from_millis(lab.now_ms().unsigned_abs()));
    let config = ClientConfig::builder_with_details(provider, Arc::new(FixedTime(now)))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// An IMAP connection of this account, logged in.
pub async fn reader(lab: &Lab, name: &str) -> Client {
    let account = lab.account(name).expect("an account");
    let host = if account.address.ends_with(lab.domain()) { Host::Mail } else { Host::Outside };
    let mut imap = Client::to_host(lab, host, Service::Imaps).await;
    assert!(imap.hear().await.starts_with("* OK"));
    let answer = imap.command(&format!("LOGIN {} {}", account.address, account.password)).await;
    assert!(answer.starts_with("t OK"), "{answer}");
    imap
}

/// A submission connection of this account, logged in.
pub async fn sender(lab: &Lab, name: &str) -> Client {
    use base64::Engine;
    let account = lab.account(name).expect("an account");
    let host = if account.address.ends_with(lab.domain()) { Host::Mail } else { Host::Outside };
    let mut smtp = Client::to_host(lab, host, Service::Submissions).await;
    smtp.reply().await;
    smtp.say("EHLO client.lab.example").await;
    let plain = format!("\0{}\0{}", account.address, account.password);
    let response = base64::prelude::BASE64_STANDARD.encode(plain);
    assert!(smtp.say(&format!("AUTH PLAIN {response}")).await.starts_with("235"));
    smtp
}

/// Sends one mail over an open SMTP connection and returns the reply after the final dot, or the first refusal.
pub async fn send(smtp: &mut Client, from: &str, to: &str, subject: &str) -> String {
    for line in
        [format!("MAIL FROM:<{from}> ENVID=mark-{subject}"), format!("RCPT TO:<{to}>"), "DATA".to_owned()]
    {
        let reply = smtp.say(&line).await;
        if !reply.starts_with(['2', '3']) {
            return reply;
        }
    }
    let mail = format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{subject}@client>\r\n\r\n..dot\r\n"
    );
    smtp.tell(&mail).await;
    smtp.say(".").await
}

/// Waits until this account's folder holds a mail with this text in it, and returns the mail.
pub async fn await_mail(lab: &Lab, name: &str, folder: &str, text: &str) -> String {
    let mut imap = reader(lab, name).await;
    imap.command(&format!("EXAMINE {folder}")).await;
    for _ in 0..200 {
        let found = imap.command(&format!("UID SEARCH TEXT \"{text}\"")).await;
        let hits = found.lines().find_map(|line| line.strip_prefix("* SEARCH ")).map(str::to_owned);
        if let Some(uid) = hits.as_deref().and_then(|hits| hits.split(' ').next()) {
            return imap.command(&format!("UID FETCH {uid} BODY.PEEK[]")).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no mail with {text} reached {name}");
}

/// The answer of the web server at this host and path, head and body.
pub async fn page(lab: &Lab, host: &str, path: &str) -> String {
    let address = lab.endpoint(Host::Mail, Service::Https).expect("the service");
    let client = Client::connect(address).await.expect("the port is open");
    let mut client = client.secure(lab, host).await.expect("TLS");
    client
        .wire
        .write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
        .await
        .expect("sent");
    client.wire.flush().await.expect("sent");
    client.rest().await
}
