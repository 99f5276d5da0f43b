//! The server dies in the middle of its first sentence.

use crate::dialogue::{Next, Turn};
use crate::personality::{HEALTHY, Personality, is_first_mx};

pub(super) const PERSONALITY: Personality = Personality {
    name: "halfopen",
    seen: "Port 25 of the first MX sends `220 mail` without a line end, then nothing.",
    greeting: |greeting| {
        is_first_mx(greeting.endpoint).then(|| Turn { bytes: b"220 mail".to_vec(), next: Next::Hang })
    },
    ..HEALTHY
};
