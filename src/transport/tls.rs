//! The TLS handshake with a certificate recorder.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, ClientConfig, InvalidMessage, ProtocolVersion, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use watchpost_texts::say;

use super::certificate::{Certificate, Recorder, judge};
use super::ending::TlsFault;
use crate::service::HostName;

/// Which TLS versions are offered to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TlsVersions {
    /// 1.2 and 1.3.
    Both,
    /// Only 1.2, to see whether the server has it.
    Only12,
    /// Only 1.3, to see whether the server has it.
    Only13,
}

/// What is needed for handshakes: the trusted authorities and the one crypto provider, ring.
#[derive(Debug, Clone)]
pub struct TlsContext {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
    versions: TlsVersions,
}

/// What a handshake was like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsRecord {
    /// `TLS 1.3`, if it came about.
    pub version: Option<&'static str>,
    /// The server's certificate, also of a handshake that failed later.
    pub certificate: Option<Certificate>,
    /// How long it took.
    pub millis: u64,
}

impl TlsContext {
    /// The bundled public authorities and these beside.
    #[must_use]
    pub fn new(authorities: &[CertificateDer<'static>]) -> Self {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        // What is no authority certificate was refused when the configuration was read, or trusts nothing here.
        roots.add_parsable_certificates(authorities.iter().cloned());
        Self {
            roots: Arc::new(roots),
            provider: Arc::new(rustls::crypto::ring::default_provider()),
            versions: TlsVersions::Both,
        }
    }

    /// The same, offering only these versions.
    #[must_use]
    pub fn offering(&self, versions: TlsVersions) -> Self {
        Self { versions, ..self.clone() }
    }

    pub(super) async fn handshake(
        &self,
        tcp: TcpStream,
        host: &HostName,
    ) -> (Result<TlsStream<TcpStream>, TlsFault>, TlsRecord) {
        let mut record = TlsRecord { version: None, certificate: None, millis: 0 };
        let Ok(name) = ServerName::try_from(host.as_str().to_owned()) else {
            let fault = TlsFault::Failed(say!("the host's name cannot stand in a certificate").to_owned());
            return (Err(fault), record);
        };
        let recorder = Arc::new(Recorder::new(Arc::clone(&self.provider)));
        let config = match self.config(Arc::clone(&recorder)) {
            Ok(config) => config,
            Err(error) => return (Err(TlsFault::Failed(error.to_string())), record),
        };
        let outcome = TlsConnector::from(Arc::new(config)).connect(name.clone(), tcp).await;
        record.certificate = judge(&recorder.into_chain(), &name, &self.roots, &self.provider);
        let result = outcome.map_err(|error| fault_of(&error));
        record.version =
            result.as_ref().ok().and_then(|tls| version_name(tls.get_ref().1.protocol_version()));
        (result, record)
    }

    fn config(&self, recorder: Arc<Recorder>) -> Result<ClientConfig, rustls::Error> {
        let versions: &[&rustls::SupportedProtocolVersion] = match self.versions {
            TlsVersions::Both => &[&rustls::version::TLS13, &rustls::version::TLS12],
            TlsVersions::Only12 => &[&rustls::version::TLS12],
            TlsVersions::Only13 => &[&rustls::version::TLS13],
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_protocol_versions(versions)?;
        // The recorder lets everything through on purpose; see certificate.rs for who judges then.
        let mut config = builder.dangerous().with_custom_certificate_verifier(recorder).with_no_client_auth();
        // Each probe is a whole handshake: a resumed one would show no certificate.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }
}

fn version_name(version: Option<ProtocolVersion>) -> Option<&'static str> {
    match version? {
        ProtocolVersion::TLSv1_2 => Some("TLS 1.2"),
        ProtocolVersion::TLSv1_3 => Some("TLS 1.3"),
        _ => None,
    }
}

fn fault_of(error: &std::io::Error) -> TlsFault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)) => TlsFault::TooOld,
        Some(rustls::Error::PeerIncompatible(
            rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13
            | rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        )) => TlsFault::TooOld,
        // The first byte of a TLS record says what it is; a letter is none of these.
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => TlsFault::ClearText,
        Some(other) => TlsFault::Failed(other.to_string().chars().take(200).collect()),
        None => TlsFault::Closed,
    }
}
