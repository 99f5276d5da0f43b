//! Cuts a byte stream into lines, with a limit.

use super::{MAX_LINE, ProtocolFault};

/// Holds the bytes of a line that is not finished yet; never more than [`MAX_LINE`].
#[derive(Debug, Default)]
pub struct LineReader {
    partial: Vec<u8>,
}

impl LineReader {
    /// Takes the next line off `bytes`, without its line end. `None`: more bytes are needed.
    ///
    /// A bare LF ends a line as well: some servers send it, and judging them is not the reader's task.
    ///
    /// # Errors
    /// [`ProtocolFault::LineTooLong`].
    pub fn next_line(&mut self, bytes: &mut &[u8]) -> Result<Option<Vec<u8>>, ProtocolFault> {
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let taken = end.map_or(bytes.len(), |at| at + 1);
        if self.partial.len() + taken > MAX_LINE {
            return Err(ProtocolFault::LineTooLong);
        }
        let (head, rest) = bytes.split_at(taken);
        self.partial.extend_from_slice(head);
        *bytes = rest;
        if end.is_none() {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut self.partial);
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    /// The beginning of a line whose end has not come.
    #[must_use]
    pub fn partial(&self) -> &[u8] {
        &self.partial
    }
}

/// Bytes of a peer as text that can be shown: no control characters, no invalid UTF-8.
#[must_use]
pub fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(chunks: &[&[u8]]) -> Result<Vec<Vec<u8>>, ProtocolFault> {
        let mut reader = LineReader::default();
        let mut found = Vec::new();
        for chunk in chunks {
            let mut rest = *chunk;
            while let Some(line) = reader.next_line(&mut rest)? {
                found.push(line);
            }
        }
        Ok(found)
    }

    #[test]
    fn a_line_has_an_end_and_a_limit() {
        assert_eq!(lines(&[b"220 a\r\n22", b"0 b\n"]), Ok(vec![b"220 a".to_vec(), b"220 b".to_vec()]));
        assert_eq!(lines(&[b"220 a"]), Ok(vec![]));
        assert_eq!(lines(&[&[b'a'; MAX_LINE], b"\n"]), Err(ProtocolFault::LineTooLong));
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_does_not_matter(bytes in prop::collection::vec(any::<u8>(), 0..600), cut in 0usize..600) {
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(lines(&[head, tail]), lines(&[&bytes]));
        }

        #[test]
        fn what_is_shown_holds_no_control_character(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!printable(&bytes).chars().any(char::is_control));
        }
    }
}
