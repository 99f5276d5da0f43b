//! What the receiving server found when it checked our probe mail: SPF, DKIM, DMARC, in the field that it wrote itself
//! (RFC 8601). Only the topmost one counts; those below may have been in the mail before.

use watchpost_texts::say;

/// Most characters of the field that are read.
const MOST: usize = 4000;

/// The methods that say whether a mail is from whom it says.
const METHODS: [&str; 3] = ["spf", "dkim", "dmarc"];

/// Each method with its result, in the order of the field.
pub(super) fn read(header: &[u8]) -> Vec<(&'static str, String)> {
    let text = String::from_utf8_lossy(header);
    let mut field = String::new();
    let mut lines = text.lines();
    for line in lines.by_ref() {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("authentication-results")
        {
            field.push_str(value);
            break;
        }
    }
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        field.push_str(line);
    }
    let field: String = field.chars().take(MOST).collect();
    // The first part names the server that checked.
    field.split(';').skip(1).filter_map(result).collect()
}

fn result(part: &str) -> Option<(&'static str, String)> {
    let (method, rest) = part.trim().split_once('=')?;
    let method = METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(method.trim()))?;
    let word: String = rest.trim_start().chars().take_while(char::is_ascii_alphabetic).take(20).collect();
    Some((method, word.to_ascii_lowercase()))
}

/// `spf pass, dkim fail`.
pub(super) fn shown(results: &[(&'static str, String)]) -> String {
    let shown: Vec<String> = results.iter().map(|(method, result)| say!("{method} {result}")).collect();
    shown.join(", ")
}

/// Whether a receiver would distrust the mail: DMARC says so, or, where it says nothing, SPF or a signature does.
pub(super) fn failed(results: &[(&'static str, String)]) -> bool {
    let says =
        |wanted: &str| results.iter().find(|(method, _)| *method == wanted).map(|(_, word)| word.as_str());
    match says("dmarc") {
        Some("pass") => false,
        Some("fail") => true,
        _ => says("spf") == Some("fail") || says("dkim") == Some("fail"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(header: &str, expected: &str, distrusted: bool) {
        let results = read(header.as_bytes());
        assert_eq!((shown(&results).as_str(), failed(&results)), (expected, distrusted));
    }

    #[test]
    fn the_topmost_field_is_read() {
        let good = "Received: by b\r\nAuthentication-Results: mx.b.example;\r\n\tspf=pass smtp.mailfrom=a@a.example;\r\n \
                    dkim=pass (2048-bit key) header.d=a.example; dmarc=pass\r\nSubject: x\r\n";
        check(good, "spf pass, dkim pass, dmarc pass", false);
        check("authentication-results: b; dkim=fail; dmarc=pass\r\n", "dkim fail, dmarc pass", false);
        check("Authentication-Results: b; spf=pass; dmarc=fail\r\n", "spf pass, dmarc fail", true);
        check("Authentication-Results: b; spf=fail\r\n", "spf fail", true);
        check("Authentication-Results: b; none\r\n", "", false);
        check(
            "Authentication-Results: b; spf=pass\r\nAuthentication-Results: a; spf=fail\r\n",
            "spf pass",
            false,
        );
        check("Subject: Authentication-Results: b; spf=fail\r\n", "", false);
    }

    proptest! {
        #[test]
        fn any_header_is_read_or_passed_over(header in prop::collection::vec(any::<u8>(), 0..500)) {
            let _ = read(&header);
        }
    }
}
