//! A hostile peer: the chain of certificates has no end.

use crate::authority::CertificateKind;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "many-certificates",
    seen: "Every mail port sends 10,000 certificates in its TLS handshake.",
    certificate: |at| at.service.is_mail().then_some(CertificateKind::LongChain),
    ..HEALTHY
};
