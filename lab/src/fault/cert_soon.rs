//! The certificate is still good, and nobody has renewed it.

use crate::authority::CertificateKind;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "cert-soon",
    aliases: &["certificate-expiring"],
    seen: "The certificate on every mail port expires two days after the fault was switched on.",
    certificate: |at| at.service.is_mail().then_some(CertificateKind::Soon),
    ..HEALTHY
};
