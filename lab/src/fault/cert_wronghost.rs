//! The certificate is for another host: a copy from a neighbour, or a wrong name in the order.

use crate::authority::CertificateKind;
use crate::personality::{HEALTHY, Personality};

pub(super) const PERSONALITY: Personality = Personality {
    name: "cert-wronghost",
    aliases: &["certificate-name"],
    seen: "The certificate on every mail port is for `other.<domain>`.",
    certificate: |at| at.service.is_mail().then_some(CertificateKind::WrongHost),
    ..HEALTHY
};
