//! Puts values into a translated text.

use std::fmt::{Display, Write as _};

/// The text with each `{name}` replaced by its value; `{{` is a brace. A name that has no value stays as it is.
pub fn filled(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(text.len() + 16 * values.len());
    let (mut rest, mut number) = (text, 0);
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        if rest[at + 1..].starts_with(&rest[at..=at]) {
            out.push_str(&rest[at..=at]);
            rest = &rest[at + 2..];
            continue;
        }
        let inside = &rest[at + 1..];
        let Some(end) = inside.find('}') else {
            rest = &rest[at..];
            break;
        };
        let name = place(&inside[..end], &mut number);
        match values.iter().find(|(known, _)| *known == name) {
            // Writing to a String does not fail.
            Some((_, value)) => _ = write!(out, "{value}"),
            None => out.push_str(&rest[at..at + end + 2]),
        }
        rest = &inside[end + 1..];
    }
    out.push_str(rest);
    out
}

/// The name of a place; one without a name has its number.
fn place(inside: &str, number: &mut usize) -> String {
    match inside.split(':').next().unwrap_or_default() {
        "" => {
            *number += 1;
            (*number - 1).to_string()
        }
        name => name.to_owned(),
    }
}

/// The names of all places of a text, sorted; the same for a text and its translation.
pub(crate) fn places(text: &str) -> Vec<String> {
    let (mut rest, mut number, mut found) = (text, 0, Vec::new());
    while let Some(at) = rest.find(['{', '}']) {
        if rest[at + 1..].starts_with(&rest[at..=at]) {
            rest = &rest[at + 2..];
            continue;
        }
        let inside = &rest[at + 1..];
        let Some(end) = inside.find('}') else { break };
        found.push(place(&inside[..end], &mut number));
        rest = &inside[end + 1..];
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_where_their_names_stand_in_any_order() {
        let values: [(&str, &dyn Display); 2] = [("service", &"mail"), ("count", &3)];
        assert_eq!(filled("{count:>2} von {service}: {{x}}", &values), "3 von mail: {x}");
        assert_eq!(filled("{} nach {}", &[("0", &"a"), ("1", &"b")]), "a nach b");
        assert_eq!(filled("{1} nach {0}", &[("0", &"a"), ("1", &"b")]), "b nach a");
        assert_eq!(filled("{unknown} bleibt, {", &[]), "{unknown} bleibt, {");
    }

    #[test]
    fn places_are_named_or_numbered() {
        assert_eq!(places("{b} {a:?} {} {{no}} {a}"), ["0", "a", "b"]);
    }
}
