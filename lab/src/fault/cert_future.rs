//! The certificate is not valid yet: installed too early, or the clock is wrong.

use crate::authority::CertificateKind;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "cert-future",
    aliases: &["certificate-not-yet-valid"],
    seen: "The certificate on every mail port becomes valid one day after the fault was switched on.",
    certificate: |at| at.service.is_mail().then_some(CertificateKind::Future),
    ..HEALTHY
};
