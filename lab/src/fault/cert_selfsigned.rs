//! The certificate is not from an authority that anybody knows.

use crate::authority::CertificateKind;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "cert-selfsigned",
    aliases: &["certificate-untrusted"],
    seen: "The certificate on every mail port is signed by itself.",
    certificate: |at| at.service.is_mail().then_some(CertificateKind::SelfSigned),
    ..HEALTHY
};
