//! What a server offers in its reply to EHLO.

use super::reply::Reply;

/// The words of an EHLO reply, in upper case, without the first line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hello {
    words: Vec<String>,
}

impl Hello {
    /// Reads a reply. RFC 5321 section 4.1.1.1: the first line is a greeting, the others one keyword each, and case
    /// does not matter.
    #[must_use]
    pub fn read(reply: &Reply) -> Self {
        Self { words: reply.lines.iter().skip(1).map(|line| line.trim().to_ascii_uppercase()).collect() }
    }

    /// Whether this extension is offered.
    #[must_use]
    pub fn offers(&self, keyword: &str) -> bool {
        self.words.iter().any(|line| line.split([' ', '=']).next() == Some(keyword))
    }

    /// The ways to log in that are offered. Some servers write `AUTH=PLAIN`, an older form.
    #[must_use]
    pub fn logins(&self) -> Vec<&str> {
        let lines = self.words.iter().filter_map(|line| line.strip_prefix("AUTH"));
        lines.flat_map(|rest| rest.split([' ', '=']).filter(|word| !word.is_empty())).collect()
    }

    /// The keywords in one line, sorted, to compare them with another day's.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut words: Vec<&str> =
            self.words.iter().filter_map(|line| line.split([' ', '=']).next()).collect();
        words.sort_unstable();
        words.dedup();
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(lines: &[&str]) -> Hello {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Hello::read(&Reply { code: 250, enhanced: None, lines })
    }

    #[test]
    fn keywords_stand_in_any_order_and_case() {
        let offered = hello(&["mail", "SIZE 100", "starttls", "AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN"]);
        assert!(offered.offers("STARTTLS") && offered.offers("SIZE") && !offered.offers("PIPELINING"));
        assert_eq!(offered.logins(), ["PLAIN", "LOGIN", "PLAIN", "LOGIN"]);
        assert_eq!(offered.summary(), "AUTH SIZE STARTTLS");
    }

    #[test]
    fn the_first_line_is_a_name_and_no_offer() {
        assert!(!hello(&["STARTTLS"]).offers("STARTTLS"));
    }
}
