//! The mark of a probe mail: 128 random bits with a signature, so that nobody else's mail can pass for proof.

use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;

/// The key that signs; a new one in each process.
pub(super) struct ProbeKey([u8; 32]);

impl Default for ProbeKey {
    fn default() -> Self {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        Self(key)
    }
}

impl std::fmt::Debug for ProbeKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ProbeKey(masked)")
    }
}

impl ProbeKey {
    /// A new token: `<id>.<signature>`, hexadecimal.
    pub fn token(&self) -> String {
        let mut id = [0; 16];
        rand::rng().fill_bytes(&mut id);
        let id = hex(&id);
        let signature = self.sign(&id);
        format!("{id}.{signature}")
    }

    fn sign(&self, id: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(id.as_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_carry_their_signature() {
        let key = ProbeKey::default();
        let (one, two) = (key.token(), key.token());
        assert_ne!(one, two);
        let (id, signature) = one.split_once('.').expect("two parts");
        assert_eq!((id.len(), signature.len()), (32, 32));
        assert_eq!(key.sign(id), signature);
        assert_ne!(ProbeKey::default().sign(id), signature);
    }
}
