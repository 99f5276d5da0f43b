//! The evidence of a dialogue: who said what and when, short, and without secrets.

use std::fmt;

use super::line::printable;

/// Most lines that are kept.
const MAX_KEPT: usize = 80;
/// Most characters of a line that are kept.
const MAX_CHARS: usize = 200;

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Watchpost.
    Us,
    /// The server.
    Server,
    /// Neither: a note, such as that TLS is up.
    Note,
}

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptLine {
    /// Milliseconds since the connection was begun.
    pub at: u64,
    /// Who spoke.
    pub speaker: Speaker,
    /// What was said, shortened and printable.
    pub text: String,
}

/// The lines of one dialogue, the first [`MAX_KEPT`] of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    lines: Vec<TranscriptLine>,
    dropped: usize,
}

impl Transcript {
    /// Adds a line. What carries a secret is masked by the caller, who alone knows it.
    pub fn push(&mut self, at: u64, speaker: Speaker, text: &[u8]) {
        if self.lines.len() == MAX_KEPT {
            self.dropped += 1;
            return;
        }
        let text = printable(text).chars().take(MAX_CHARS).collect();
        self.lines.push(TranscriptLine { at, speaker, text });
    }

    /// The lines that were kept.
    #[must_use]
    pub fn lines(&self) -> &[TranscriptLine] {
        &self.lines
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            let mark = match line.speaker {
                Speaker::Us => ">",
                Speaker::Server => "<",
                Speaker::Note => "*",
            };
            writeln!(out, "{:>6} ms {mark} {}", line.at, line.text)?;
        }
        if self.dropped > 0 {
            writeln!(out, "          * {} more lines", self.dropped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_bounded_and_printable() {
        let mut transcript = Transcript::default();
        for at in 0..200 {
            transcript.push(at, Speaker::Server, &[b'\x07'; 4000]);
        }
        assert_eq!(transcript.lines().len(), MAX_KEPT);
        assert!(transcript.lines().iter().all(|line| line.text.chars().count() == MAX_CHARS));
        assert!(transcript.to_string().ends_with("120 more lines\n"));
        assert!(!transcript.to_string().contains('\x07'));
    }
}
