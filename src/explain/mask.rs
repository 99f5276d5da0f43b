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
    let mut done = 0;
    for (position, sign) in signs(text) {
        let before = &text[done..position];
        let start = local_part_start(before);
        masked.push_str(&before[..start]);
        push_masked(&mut masked, &before[start..]);
        masked.push_str(sign);
        done = position + sign.len();
    }
    masked.push_str(&text[done..]);
    masked
}

/// The signs that separate a local part from a domain. `＠` is the full-width form, `%40` that of URLs.
fn signs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices(['@', '＠', '%']).filter_map(|(at, sign)| match sign {
        "%" => text[at..].starts_with("%40").then(|| (at, &text[at..at + 3])),
        _ => Some((at, sign)),
    })
}

/// Where the local part begins that ends `before`.
fn local_part_start(before: &str) -> usize {
    let mut end = before.len();
    while let Some(quote) = quoted_part_start(&before[..end]) {
        end = quote;
    }
    let delimiter = before[..end].char_indices().rev().find(|(_, c)| ends_local_part(*c));
    delimiter.map_or(0, |(at, c)| at + c.len_utf8())
}

/// Where the quoted part begins that ends `before`.
fn quoted_part_start(before: &str) -> Option<usize> {
    let quote = before.strip_suffix('"')?.rfind('"')?;
    (before.len() - quote <= LONGEST_QUOTED).then_some(quote)
}

/// Whether `c` cannot stand in an unquoted local part. RFC 6531 allows every character beyond ASCII.
fn ends_local_part(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '"' | '\\')
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
        assert_eq!(mask_addresses(expected), expected, "masking twice changes something");
    }

    #[test]
    fn the_local_part_is_hidden_and_the_domain_stays() {
        check("anna@example.org", "a…@example.org");
        check("RCPT TO:<anna.b+list@example.org> SIZE=1", "RCPT TO:<a…@example.org> SIZE=1");
        check("rfc822;anna@example.org", "rfc822;a…@example.org");
        check("a@b.example, b@b.example", "a…@b.example, b…@b.example");
        check("bounces+anna=example.org@list.example", "b…@list.example");
        check("\"anna b\"@example.org said no", "…@example.org said no");
        check("https://x.example/?to=anna%40example.org", "https:/…%40example.org");
        check("jörg@example.org and 用户@例子.example", "j…@example.org and 用…@例子.example");
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
