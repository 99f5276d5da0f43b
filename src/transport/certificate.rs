//! The certificate of a server: recorded whatever it is, judged afterwards.
//!
//! A verifier that refuses would throw away what people want to know: until when it was valid, for which names, by
//! whom. So the handshake is let through with a verifier that records ([`Recorder`]); [`judge`] then asks for chain,
//! name and time apart. A login is sent only where all three are good.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// Most names of a certificate that are kept.
const MAX_NAMES: usize = 20;

/// What a server's certificate says, and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Valid from.
    pub not_before: DateTime<Utc>,
    /// Valid until.
    pub not_after: DateTime<Utc>,
    /// The host names that it is for; the first [`MAX_NAMES`].
    pub names: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub fingerprint: String,
    /// SHA-256 of its public key, hexadecimal: what a TLSA record `3 1 1` holds.
    pub key_fingerprint: String,
    /// Whether a trusted authority stands behind it, whatever the date.
    pub trusted: bool,
    /// Whether it is for the host that was asked.
    pub name_matches: bool,
}

/// What is wrong with a certificate, or will be soon. The order is that of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFlaw {
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// For other hosts.
    Name,
    /// No trusted authority behind it.
    Untrusted,
}

impl Certificate {
    /// What is wrong with it at this time; `None` if nothing is.
    #[must_use]
    pub fn flaw(&self, now: DateTime<Utc>) -> Option<CertificateFlaw> {
        if now > self.not_after {
            Some(CertificateFlaw::Expired)
        } else if now < self.not_before {
            Some(CertificateFlaw::NotYetValid)
        } else if !self.trusted {
            Some(CertificateFlaw::Untrusted)
        } else if !self.name_matches {
            Some(CertificateFlaw::Name)
        } else {
            None
        }
    }
}

/// Lets every certificate through and keeps it.
#[derive(Debug)]
pub(super) struct Recorder {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Vec<CertificateDer<'static>>>,
}

impl Recorder {
    pub fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, chain: Mutex::new(Vec::new()) }
    }

    pub fn into_chain(self: Arc<Self>) -> Vec<CertificateDer<'static>> {
        std::mem::take(&mut *self.chain.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = std::iter::once(end_entity).chain(intermediates.iter().take(MAX_CHAIN));
        let chain = chain.map(|certificate| certificate.clone().into_owned()).collect();
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Most certificates behind the server's own that are looked at; real chains have at most four.
const MAX_CHAIN: usize = 9;

/// Reads a chain and finds out what it is worth. `None` if the server's own certificate cannot be read.
pub(super) fn judge(
    chain: &[CertificateDer<'static>],
    name: &ServerName<'_>,
    roots: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Option<Certificate> {
    let (own, intermediates) = chain.split_first()?;
    let (_, parsed) = X509Certificate::from_der(own).ok()?;
    let validity = parsed.validity();
    let time = |time: x509_parser::time::ASN1Time| DateTime::from_timestamp(time.timestamp(), 0);
    let (not_before, not_after) = (time(validity.not_before)?, time(validity.not_after)?);
    let name_matches =
        ParsedCertificate::try_from(own).is_ok_and(|own| verify_server_name(&own, name).is_ok());
    Some(Certificate {
        not_before,
        not_after,
        names: names_of(&parsed),
        issuer: parsed.issuer().to_string().chars().take(200).collect(),
        fingerprint: hex(&Sha256::digest(own)),
        key_fingerprint: hex(&Sha256::digest(parsed.public_key().raw)),
        trusted: is_trusted(own, intermediates, name, not_after, roots, provider),
        name_matches,
    })
}

/// Asks for the chain alone: at a time when the certificate was valid, and without regard to the name.
fn is_trusted(
    own: &CertificateDer<'static>,
    intermediates: &[CertificateDer<'static>],
    name: &ServerName<'_>,
    not_after: DateTime<Utc>,
    roots: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> bool {
    let Ok(verifier) =
        WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider)).build()
    else {
        return false; // No root at all: nothing can be trusted.
    };
    let seconds = u64::try_from(not_after.timestamp()).unwrap_or_default();
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    match verifier.verify_server_cert(own, intermediates, name, &[], time) {
        // The name is looked at only after the chain was found good.
        Ok(_) => true,
        Err(rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => true,
        Err(_) => false,
    }
}

fn names_of(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names = alternative.iter().flat_map(|extension| extension.value.general_names.iter());
    let names = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.chars().filter(|c| !c.is_control()).take(253).collect()),
        _ => None,
    });
    names.take(MAX_NAMES).collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

    fn authority() -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new(vec![]).expect("params");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority")
    }

    fn leaf(ca: &CertifiedIssuer<'static, KeyPair>, from: i32, to: i32) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec!["mail.example.org".into()]).expect("params");
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().expect("a key");
        params.signed_by(&key, ca).expect("a certificate").der().clone()
    }

    #[track_caller]
    fn check(from: i32, to: i32, host: &str, known: bool, expected: Option<CertificateFlaw>) {
        let (ours, other) = (authority(), authority());
        let mut roots = RootCertStore::empty();
        roots.add(if known { ours.der().clone() } else { other.der().clone() }).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let name = ServerName::try_from(host.to_owned()).expect("a name");
        let judged = judge(&[leaf(&ours, from, to)], &name, &Arc::new(roots), &provider).expect("readable");
        assert_eq!(judged.names, ["mail.example.org"]);
        let now = DateTime::parse_from_rfc3339("2026-06-01T00:00:00Z").expect("a time").to_utc();
        assert_eq!(judged.flaw(now), expected);
    }

    #[test]
    fn chain_name_and_time_are_judged_apart() {
        let host = "mail.example.org";
        check(2026, 2027, host, true, None);
        check(2025, 2026, host, true, Some(CertificateFlaw::Expired));
        check(2027, 2028, host, true, Some(CertificateFlaw::NotYetValid));
        check(2026, 2027, host, false, Some(CertificateFlaw::Untrusted));
        check(2026, 2027, "other.example.org", true, Some(CertificateFlaw::Name));
        check(2025, 2026, "other.example.org", false, Some(CertificateFlaw::Expired));
    }

    #[test]
    fn noise_is_no_certificate() {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let name = ServerName::try_from("a.example").expect("a name");
        let noise = [CertificateDer::from(vec![0x30, 0x82, 0xff, 0xff, 0])];
        assert_eq!(judge(&noise, &name, &Arc::new(RootCertStore::empty()), &provider), None);
        assert_eq!(judge(&[], &name, &Arc::new(RootCertStore::empty()), &provider), None);
    }

    proptest! {
        #[test]
        fn a_damaged_certificate_is_read_or_none(
            places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
            length in any::<prop::sample::Index>(), whole in any::<bool>(),
        ) {
            static GOOD: std::sync::LazyLock<Vec<u8>> =
                std::sync::LazyLock::new(|| leaf(&authority(), 2026, 2027).as_ref().to_vec());
            let mut bytes = GOOD.clone();
            for (place, byte) in places {
                let at = place.index(bytes.len());
                bytes[at] = byte;
            }
            if !whole {
                bytes.truncate(length.index(bytes.len()));
            }
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let name = ServerName::try_from("mail.example.org").expect("a name");
            let chain = [CertificateDer::from(bytes)];
            if let Some(found) = judge(&chain, &name, &Arc::new(RootCertStore::empty()), &provider) {
                prop_assert!(!found.trusted, "nobody stands behind it");
                prop_assert!(found.issuer.chars().count() <= 200);
            }
        }
    }
}
