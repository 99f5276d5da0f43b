//! Sets of numbers, as in `UID FETCH 3,5:9,12:*` (RFC 9051 §9 `sequence-set`).

/// A set of message numbers or UIDs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers(Vec<(u32, u32)>);

impl Numbers {
    /// Reads a set; `*` stands for `highest`, and `n:*` therefore always holds it (RFC 9051 §6.4.8).
    pub(super) fn parse(text: &str, highest: u32) -> Option<Self> {
        let number = |text: &str| match text {
            "*" => Some(highest),
            _ => text.parse::<u32>().ok().filter(|number| *number > 0),
        };
        let range = |part: &str| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            let (from, to) = (number(from)?, number(to)?);
            Some((from.min(to), from.max(to)))
        };
        text.split(',').map(range).collect::<Option<Vec<_>>>().map(Self)
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[u32]>) {
        let found =
            Numbers::parse(text, 9).map(|set| (1..=20).filter(|n| set.contains(*n)).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn sets_are_read() {
        check("3", Some(&[3]));
        check("1,4:6", Some(&[1, 4, 5, 6]));
        check("6:4", Some(&[4, 5, 6]));
        check("8:*", Some(&[8, 9]));
        check("12:*", Some(&[9, 10, 11, 12]));
        check("*", Some(&[9]));
        check("0", None);
        check("1:", None);
        check("a", None);
        check("99999999999", None);
    }
}
