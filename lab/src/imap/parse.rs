//! Reads IMAP commands (RFC 9051 §9): words, quoted strings, literals, lists.

/// One part of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A word, with what stands in its square brackets: `BODY.PEEK[HEADER.FIELDS (SUBJECT)]` is one.
    Word(String),
    /// A quoted string or a literal.
    Text(Vec<u8>),
    Open,
    Close,
}

impl Token {
    /// The characters of a word or string; nothing for a parenthesis.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word.clone()),
            Self::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Self::Open | Self::Close => None,
        }
    }
}

/// The literal that a line announces at its end: its length, and whether the client awaits our "+" (RFC 7888).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) length: usize,
    pub(crate) awaits_us: bool,
}

/// The literal that this line announces, if any.
pub(crate) fn announced(line: &[u8]) -> Option<Announced> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line).strip_suffix(b"}")?;
    let open = line.iter().rposition(|&byte| byte == b'{')?;
    let digits = std::str::from_utf8(&line[open + 1..]).ok()?;
    let (digits, awaits_us) = match digits.strip_suffix('+') {
        Some(digits) => (digits, false),
        None => (digits, true),
    };
    let length = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some(Announced { length, awaits_us })
}

/// Takes a whole command apart; `None` where it breaks the grammar.
pub(crate) fn tokens(command: &[u8]) -> Option<Vec<Token>> {
    let mut rest = command;
    let mut tokens = Vec::new();
    loop {
        let (token, after) = match rest.first() {
            None | Some(b'\r' | b'\n') => return Some(tokens),
            Some(b' ') => {
                rest = &rest[1..];
                continue;
            }
            Some(b'(') => (Token::Open, &rest[1..]),
            Some(b')') => (Token::Close, &rest[1..]),
            Some(b'"') => quoted(&rest[1..])?,
            Some(b'{') => literal(rest)?,
            Some(_) => word(rest)?,
        };
        tokens.push(token);
        rest = after;
    }
}

fn quoted(rest: &[u8]) -> Option<(Token, &[u8])> {
    let mut text = Vec::new();
    let mut at = 0;
    loop {
        match rest.get(at)? {
            b'"' => return Some((Token::Text(text), &rest[at + 1..])),
            b'\\' => {
                text.push(*rest.get(at + 1)?);
                at += 1;
            }
            b'\r' | b'\n' => return None,
            byte => text.push(*byte),
        }
        at += 1;
    }
}

fn literal(rest: &[u8]) -> Option<(Token, &[u8])> {
    let end = rest.iter().position(|&byte| byte == b'\n')?;
    let length = announced(&rest[..=end])?.length;
    let after = &rest[end + 1..];
    Some((Token::Text(after.get(..length)?.to_vec()), &after[length..]))
}

fn word(rest: &[u8]) -> Option<(Token, &[u8])> {
    let mut bracketed = false;
    let mut end = 0;
    while let Some(byte) = rest.get(end) {
        match byte {
            b'[' => bracketed = true,
            b']' => bracketed = false,
            b'\r' | b'\n' => break,
            b' ' | b'(' | b')' | b'"' if !bracketed => break,
            _ => {}
        }
        end += 1;
    }
    let word = std::str::from_utf8(&rest[..end]).ok().filter(|_| !bracketed)?;
    Some((Token::Word(word.to_owned()), &rest[end..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(text: &str) -> Token {
        Token::Word(text.into())
    }

    fn text(text: &str) -> Token {
        Token::Text(text.into())
    }

    #[track_caller]
    fn check(command: &str, expected: Option<Vec<Token>>) {
        assert_eq!(tokens(command.as_bytes()), expected, "{command}");
    }

    #[test]
    fn commands_are_taken_apart() {
        check("a1 NOOP\r\n", Some(vec![word("a1"), word("NOOP")]));
        check(
            "a LOGIN \"x \\\"y\" {3}\r\na\nb\r\n",
            Some(vec![word("a"), word("LOGIN"), text("x \"y"), text("a\nb")]),
        );
        let items = "BODY.PEEK[HEADER.FIELDS (A B)]";
        check(&format!("({items} UID)"), Some(vec![Token::Open, word(items), word("UID"), Token::Close]));
        check("a \"open", None);
        check("a BODY[", None);
        check("{9}\r\nshort", None);
        check("", Some(vec![]));
    }

    #[test]
    fn announced_literals_are_seen() {
        let seen = |line: &str| announced(line.as_bytes()).map(|literal| (literal.length, literal.awaits_us));
        assert_eq!(seen("a APPEND x {310}\r\n"), Some((310, true)));
        assert_eq!(seen("a APPEND x {310+}\r\n"), Some((310, false)));
        assert_eq!(seen("a APPEND x {-1}\r\n"), None);
        assert_eq!(seen("a APPEND x {}\r\n"), None);
        assert_eq!(seen("a APPEND x {99999999999999999999999}\r\n"), None);
        assert_eq!(seen("a NOOP\r\n"), None);
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_breaks_the_reader(command in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (tokens(&command), announced(&command));
        }
    }
}
