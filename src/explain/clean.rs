//! What leaves is masked, in one line and bounded.

use super::mask::mask_addresses;

/// The longest quoted text, in characters.
pub(super) const LONGEST_QUOTE: usize = 400;

/// The longest name of a host or a domain, in characters (RFC 1035 section 2.3.4).
pub(super) const LONGEST_NAME: usize = 255;

/// One line, without control characters, masked, of at most `most` characters.
pub(super) fn clean(text: &str, most: usize) -> String {
    // More is cut after masking; this bound only keeps the work small.
    let text = &text[..text.floor_char_boundary(most.saturating_mul(8))];
    let printable: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    let masked = mask_addresses(&line);
    if masked.chars().count() <= most {
        return masked;
    }
    let mut cut: String = masked.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_one_masked_line() {
        assert_eq!(
            clean("550 <anna@example.org>:\r\n\tno\u{7} such user", 100),
            "550 <a…@example.org>: no such user"
        );
        assert_eq!(clean("abcdef", 4), "abc…");
    }
}
