//! Asks a web server for the time: one HEAD request, of whose answer only the `Date` field is read (RFC 9110 section
//! 6.6.1).

use chrono::{DateTime, Utc};

use super::line::LineReader;
use super::{Dialogue, MAX_LINES, Phase, ProtocolFault, Step};
use crate::service::HostName;

/// A web client's side of one connection.
#[derive(Debug)]
pub struct HttpDate {
    host: HostName,
    reader: LineReader,
    asked: bool,
    over: bool,
    lines: usize,
    date: Option<DateTime<Utc>>,
}

impl HttpDate {
    /// Asks the server of this host. TLS comes first.
    #[must_use]
    pub fn new(host: HostName) -> Self {
        Self { host, reader: LineReader::default(), asked: false, over: false, lines: 0, date: None }
    }

    /// The time by the server's clock.
    #[must_use]
    pub fn date(&self) -> Option<DateTime<Utc>> {
        self.date
    }

    fn take(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        if line.is_empty() {
            self.over = true; // The head is over; a body is not read.
        }
        if let Some((name, value)) =
            line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("date"))
        {
            debug_assert_eq!(name.len(), 4);
            self.date = DateTime::parse_from_rfc2822(value.trim()).ok().map(|date| date.to_utc());
            self.over = true;
        }
    }
}

impl Dialogue for HttpDate {
    fn step(&mut self) -> Step {
        if self.over {
            return Step::Done;
        }
        if self.asked {
            return Step::Read;
        }
        self.asked = true;
        let request = format!("HEAD / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.host);
        Step::Send(request.into_bytes())
    }

    fn receive(&mut self, mut bytes: &[u8], _at: u64) -> Result<(), ProtocolFault> {
        while let Some(line) = self.reader.next_line(&mut bytes)? {
            self.lines += 1;
            if self.lines == 1 && !line.starts_with(b"HTTP/") {
                return Err(ProtocolFault::NotAReply);
            }
            if self.lines > MAX_LINES {
                return Err(ProtocolFault::ReplyTooLong);
            }
            self.take(&line);
            if self.over {
                break;
            }
        }
        Ok(())
    }

    fn secured(&mut self, _trusted: bool, _at: u64) {}

    fn phase(&self) -> Phase {
        Phase::Greeting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(answer: &[u8]) -> Result<Option<DateTime<Utc>>, ProtocolFault> {
        let mut dialogue = HttpDate::new(HostName::parse("example.org").expect("a name"));
        assert!(
            matches!(dialogue.step(), Step::Send(request) if request.starts_with(b"HEAD / HTTP/1.1\r\n"))
        );
        dialogue.receive(answer, 1)?;
        Ok(dialogue.date())
    }

    #[test]
    fn the_date_is_read_and_nothing_else() {
        let date = told(b"HTTP/1.1 301 Moved\r\nServer: x\r\nDate: Mon, 30 Nov 2026 18:00:00 GMT\r\n\r\n");
        assert_eq!(date.expect("valid").map(|date| date.timestamp()), Some(1_796_061_600));
        assert_eq!(told(b"HTTP/1.1 200 OK\r\n\r\nDate: Mon, 30 Nov 2026 18:00:00 GMT\r\n"), Ok(None));
        assert_eq!(told(b"HTTP/1.1 200 OK\r\nDate: yesterday\r\n"), Ok(None));
        assert_eq!(told(b"220 mail.example.org\r\n"), Err(ProtocolFault::NotAReply));
    }

    proptest! {
        #[test]
        fn any_bytes_end_or_wait(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let _ = told(&bytes);
        }
    }
}
