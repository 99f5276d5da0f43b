//! The certificate was not renewed, or was renewed and not loaded.

use crate::authority::CertificateKind;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "certificate-expired",
    aliases: &["cert-expired"],
    seen: "The certificate on every mail port expired one hour before the fault was switched on.",
    certificate: |at| at.service.is_mail().then_some(CertificateKind::Expired),
    ..HEALTHY
};
