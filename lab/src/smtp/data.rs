//! The mail itself, between 354 and the final dot (RFC 5321 §4.1.1.4).

/// The largest mail that is taken, in bytes; announced as SIZE (RFC 1870).
pub(crate) const MOST_MAIL_BYTES: usize = 10 * 1024 * 1024;
/// More `Received` fields than this are a loop (RFC 5321 §6.3 asks for at least 100 to be allowed).
const MOST_HOPS: usize = 100;

/// What has come so far.
#[derive(Debug, Default)]
pub(crate) struct Data {
    raw: Vec<u8>,
    too_big: bool,
    bare_line_feed: bool,
    line_too_long: bool,
}

/// Why a complete mail is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    TooBig,
    BareLineFeed,
    LineTooLong,
    TooManyHops,
}

impl Data {
    /// Takes one line with its line end. Returns true when it was the final dot.
    pub(crate) fn line(&mut self, line: &[u8]) -> bool {
        if line == b".\r\n" {
            return true;
        }
        // Bare line feeds are how mails are smuggled past a filter; the dot must stand between two CRLF.
        self.bare_line_feed |= !line.ends_with(b"\r\n");
        // RFC 5321 §4.5.3.1.6: 1,000 bytes with the line end; a stuffed dot does not count.
        let line = line.strip_prefix(b".").unwrap_or(line);
        self.line_too_long |= line.len() > 1000;
        self.too_big |= self.raw.len() + line.len() > MOST_MAIL_BYTES;
        if !self.too_big {
            self.raw.extend_from_slice(line);
        }
        false
    }

    /// A line came that was too long to read: the mail will be refused at its end.
    pub(crate) fn too_long(&mut self) {
        self.line_too_long = true;
    }

    /// The whole mail, or why it is refused.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Unfit> {
        let hops = crate::mailbox::fields(&self.raw[..crate::mailbox::header_end(&self.raw)])
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("Received"))
            .count();
        match self {
            Self { too_big: true, .. } => Err(Unfit::TooBig),
            Self { bare_line_feed: true, .. } => Err(Unfit::BareLineFeed),
            Self { line_too_long: true, .. } => Err(Unfit::LineTooLong),
            _ if hops > MOST_HOPS => Err(Unfit::TooManyHops),
            Self { raw, .. } => Ok(raw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&[u8]], expected: Result<&[u8], Unfit>) {
        let mut data = Data::default();
        let (last, before) = lines.split_last().expect("a final dot");
        assert!(before.iter().all(|line| !data.line(line)), "ended early");
        assert!(data.line(last), "did not end");
        assert_eq!(data.finish().as_deref(), expected.as_ref().map(|raw| *raw));
    }

    #[test]
    fn mail_is_read_to_the_final_dot() {
        let long = [&[b'x'; 998][..], b"\r\n"].concat();
        let longer = [&[b'x'; 999][..], b"\r\n"].concat();
        check(&[b".\r\n"], Ok(b""));
        check(&[b"a\r\n", b"..\r\n", b"..b\r\n", b".\r\n"], Ok(b"a\r\n.\r\n.b\r\n"));
        check(&[b"a\n", b".\r\n"], Err(Unfit::BareLineFeed));
        check(&[b"a\r\n", b".\n", b"b\r\n", b".\r\n"], Err(Unfit::BareLineFeed));
        check(&[&long, b".\r\n"], Ok(&long));
        check(&[&longer, b".\r\n"], Err(Unfit::LineTooLong));
    }

    #[test]
    fn a_mail_that_is_too_big_or_loops_is_refused() {
        let line = [&[b'x'; 998][..], b"\r\n"].concat();
        let mut data = Data::default();
        (0..=MOST_MAIL_BYTES / 1000).for_each(|_| assert!(!data.line(&line)));
        assert!(data.raw.len() <= MOST_MAIL_BYTES);
        assert_eq!(data.finish(), Err(Unfit::TooBig));
        let mut data = Data::default();
        (0..=MOST_HOPS).for_each(|_| assert!(!data.line(b"Received: from a by b; date\r\n")));
        assert_eq!(data.finish(), Err(Unfit::TooManyHops));
    }
}
