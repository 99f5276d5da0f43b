//! Secrets: the bot's token, and those of interactions and webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore as _;

use crate::id::Id;

/// A token of the shape that Discord gives to bots.
pub(crate) fn bot(application: Id) -> String {
    format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(application.to_string()), random(4), random(28))
}

/// An opaque secret for an address.
pub(crate) fn opaque() -> String {
    random(48)
}

fn random(bytes: usize) -> String {
    let mut secret = vec![0; bytes];
    rand::rng().fill_bytes(&mut secret);
    URL_SAFE_NO_PAD.encode(secret)
}
