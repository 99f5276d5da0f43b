//! Addresses are masked before anything is shown or stored: `anna@example.org` becomes `a…@example.org`.
//!
//! The way: 1. find each at sign, also in its URL form `%40`; 2. walk back over what can be a local part (RFC 5321
//! section 4.1.2), a quoted one as a whole; 3. keep its first character and the domain. Rather too much is masked than too
//! little: message identifiers look like addresses and are masked too.

/// Stands for the hidden part of an address.
const HIDDEN: char = '…';

/// RFC 5321 section 4.5.3.1.1 allows 64 octets; a quoted part that is longer is not one.
const LONGEST_QUOTED: usize = 320;

/// Masks every address in `text`. Masking twice changes nothing.
///
/// ```
/// let masked = watchpost::explain::mask_addresses("<anna.b@example.org>: unknown user");
/// assert_eq!(masked, "<a…@example.org>: unknown user");
/// ```
pub fn mask_addresses(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((position, sign)) = next_sign(rest) {
        let before = &rest[..position];
        let start = local_part_start(before);
        masked.push_str(&before[..start]);
        push_masked(&mut masked, &before[start..]);
        masked.push_str(sign);
        rest = &rest[position + sign.len()..];
    }
    masked.push_str(rest);
    masked
}

/// The next sign that separates a local part from a domain, and where it stands. `＠` is the full-width form.
fn next_sign(text: &str) -> Option<(usize, &'static str)> {
    ["@", "%40", "＠"]
        .into_iter()
        .filter_map(|sign| text.find(sign).map(|at| (at, sign)))
        .min()
}

/// Where the local part begins that ends `before`.
fn local_part_start(before: &str) -> usize {
    if let Some(inner) = before.strip_suffix('"')
        && let Some(quote) = inner.rfind('"')
        && before.len() - quote <= LONGEST_QUOTED
    {
        return local_part_start(&before[..quote]);
    }
    before
        .rfind(ends_local_part)
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))
}

/// Whether `c` cannot stand in an unquoted local part. RFC 6531 allows every character beyond ASCII.
fn ends_local_part(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '"' | '\\'
        )
}

fn push_masked(masked: &mut String, local: &str) {
    if local.starts_with('"') {
        masked.push(HIDDEN);
    } else if let Some(first) = local.chars().next() {
        masked.push(first);
        if first != HIDDEN {
            masked.push(HIDDEN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(mask_addresses(text), expected);
        assert_eq!(
            mask_addresses(expected),
            expected,
            "masking twice changes something"
        );
    }

    #[test]
    fn the_local_part_is_hidden_and_the_domain_stays() {
        check("anna@example.org", "a…@example.org");
        check(
            "RCPT TO:<anna.b+list@example.org> SIZE=1",
            "RCPT TO:<a…@example.org> SIZE=1",
        );
        check("rfc822;anna@example.org", "rfc822;a…@example.org");
        check("a@b.example, b@b.example", "a…@b.example, b…@b.example");
        check("bounces+anna=example.org@list.example", "b…@list.example");
        check("\"anna b\"@example.org said no", "…@example.org said no");
        check(
            "https://x.example/?to=anna%40example.org",
            "https:/…%40example.org",
        );
        check(
            "jörg@example.org and 用户@例子.example",
            "j…@example.org and 用…@例子.example",
        );
        check("one@two@three.example", "o…@t…@three.example");
        check("mixed\"quoted part\"@example.org", "m…@example.org");
        check("nobody here", "nobody here");
        check("@example.org", "@example.org");
    }

    proptest! {
        #[test]
        fn no_address_survives(before in "\\PC{0,40}", local in "[a-z0-9.+_-]{2,20}", after in "\\PC{0,40}") {
            let masked = mask_addresses(&format!("{before} {local}@example.org {after}"));
            let address = format!("{local}@");
            prop_assert!(!masked.contains(&address), "{}", masked);
            prop_assert_eq!(mask_addresses(&masked), masked.clone());
        }
    }
}
