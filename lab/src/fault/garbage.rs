//! Something that is not a mail server answers on port 25.

use crate::dialogue::{Next, Turn};
use crate::personality::{HEALTHY, Personality, is_first_mx};

pub(super) const PERSONALITY: Personality = Personality {
    name: "garbage",
    seen: "Port 25 of the first MX sends 512 bytes that mean nothing in place of a banner.",
    greeting: |greeting| is_first_mx(greeting.endpoint).then(|| Turn { bytes: noise(), next: Next::Hang }),
    ..HEALTHY
};

/// Bytes that look random and are the same each time, without a line end.
fn noise() -> Vec<u8> {
    let next = |seed: &mut u32| {
        // The multiplier and increment of Numerical Recipes; the high byte is the most random.
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some(seed.to_be_bytes()[0])
    };
    let mut seed = 1_u32;
    std::iter::from_fn(|| next(&mut seed)).filter(|byte| !matches!(byte, b'\r' | b'\n')).take(512).collect()
}
