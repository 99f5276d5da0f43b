//! The lab's own certificate authority, and the certificates of its hosts, good and bad.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData,
};
use ring::digest::{SHA256, digest};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;

use crate::options::{Host, LabError};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// How many certificates a hostile peer sends.
const LONG_CHAIN: usize = 10_000;
/// How many configurations are kept; switching faults to and fro for a night must not grow memory.
const MOST_CONFIGURATIONS: usize = 16;

/// Which certificate a port shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CertificateKind {
    /// Valid for another 90 days.
    Good,
    /// Expired an hour ago.
    Expired,
    /// Valid from tomorrow.
    Future,
    /// Valid for another two days.
    Soon,
    /// Signed by itself.
    SelfSigned,
    /// For another host.
    WrongHost,
    /// Good, with a chain of [`LONG_CHAIN`] certificates.
    LongChain,
}

/// The authority: its key, its certificate, and what it has issued.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    names: HashMap<Host, Vec<String>>,
    started_ms: i64,
    issued: Mutex<HashMap<(Host, CertificateKind, i64), Issued>>,
    /// The key under which the lab publishes that it signs its mail.
    dkim: KeyPair,
}

/// A certificate in use.
#[derive(Clone)]
struct Issued {
    config: Arc<ServerConfig>,
    /// The SHA-256 of the public key, for TLSA.
    key_digest: Vec<u8>,
}

impl Authority {
    /// An authority that is valid from the day before `now_ms` for ten years.
    pub(crate) fn new(names: HashMap<Host, Vec<String>>, now_ms: i64) -> Result<Self, LabError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "Lab Certificate Authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = (moment(now_ms - DAY_MS), moment(now_ms + 3650 * DAY_MS));
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
            names,
            started_ms: now_ms,
            issued: Mutex::default(),
            dkim: KeyPair::generate_for(&rcgen::PKCS_ED25519)?,
        })
    }

    /// The authority's certificate, for clients to trust.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// When the lab was started, in milliseconds since the Unix epoch.
    pub(crate) fn started_ms(&self) -> i64 {
        self.started_ms
    }

    /// What a TLS server of `host` needs to show a certificate of this kind, as of `since_ms`.
    pub(crate) fn server(
        &self,
        host: Host,
        kind: CertificateKind,
        since_ms: i64,
    ) -> Result<Arc<ServerConfig>, LabError> {
        self.issued(host, kind, since_ms).map(|issued| issued.config)
    }

    /// The SHA-256 of the public key in that certificate.
    pub(crate) fn key_digest(
        &self,
        host: Host,
        kind: CertificateKind,
        since_ms: i64,
    ) -> Result<Vec<u8>, LabError> {
        self.issued(host, kind, since_ms).map(|issued| issued.key_digest)
    }

    /// The DKIM key as it stands in DNS (RFC 8463 §3: the bare 32 bytes).
    pub(crate) fn dkim_record(&self) -> String {
        format!("v=DKIM1; k=ed25519; p={}", BASE64_STANDARD.encode(self.dkim.public_key_raw()))
    }

    fn issued(&self, host: Host, kind: CertificateKind, since_ms: i64) -> Result<Issued, LabError> {
        let since_ms = if kind == CertificateKind::Good { self.started_ms } else { since_ms };
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = issued.get(&(host, kind, since_ms)) {
            return Ok(known.clone());
        }
        if issued.len() >= MOST_CONFIGURATIONS {
            // The good ones stay: their keys are published in DNS.
            issued.retain(|(_, kind, _), _| *kind == CertificateKind::Good);
        }
        let fresh = self.issue(host, kind, since_ms)?;
        issued.insert((host, kind, since_ms), fresh.clone());
        Ok(fresh)
    }

    fn issue(&self, host: Host, kind: CertificateKind, since_ms: i64) -> Result<Issued, LabError> {
        let key = KeyPair::generate()?;
        let params = self.params(host, kind, since_ms)?;
        let own = match kind {
            CertificateKind::SelfSigned => params.self_signed(&key)?,
            _ => params.signed_by(&key, &self.issuer)?,
        };
        let further = match kind {
            CertificateKind::SelfSigned => 0,
            CertificateKind::LongChain => LONG_CHAIN - 1,
            _ => 1,
        };
        let mut chain = vec![own.der().clone()];
        chain.extend(std::iter::repeat_n(self.certificate.clone(), further));
        let key_digest = digest(&SHA256, &key.subject_public_key_info()).as_ref().to_vec();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Issued { config: Arc::new(config), key_digest })
    }

    fn params(
        &self,
        host: Host,
        kind: CertificateKind,
        since_ms: i64,
    ) -> Result<CertificateParams, LabError> {
        let mut names = self.names.get(&host).cloned().unwrap_or_default();
        if kind == CertificateKind::WrongHost {
            names = names.first().map(|name| other_host(name)).into_iter().collect();
        }
        let mut params = CertificateParams::new(names.clone())?;
        if let Some(name) = names.first() {
            params.distinguished_name.push(DnType::CommonName, name.as_str());
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let (from, until) = match kind {
            CertificateKind::Good
            | CertificateKind::SelfSigned
            | CertificateKind::WrongHost
            | CertificateKind::LongChain => (since_ms - DAY_MS, since_ms + 90 * DAY_MS),
            CertificateKind::Soon => (since_ms - 88 * DAY_MS, since_ms + 2 * DAY_MS),
            CertificateKind::Future => (since_ms + DAY_MS, since_ms + 90 * DAY_MS),
            CertificateKind::Expired => (since_ms - 90 * DAY_MS, since_ms - HOUR_MS),
        };
        (params.not_before, params.not_after) = (moment(from), moment(until));
        Ok(params)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("names", &self.names).finish_non_exhaustive()
    }
}

fn moment(at_ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The name of a neighbour: `other` in the place of the first label.
fn other_host(name: &str) -> String {
    format!("other.{}", name.split_once('.').map_or(name, |(_, domain)| domain))
}
