//! `watchpost explain [FILE] [--json]`: what a reply, a bounce, headers, a queue or log lines mean.
//!
//! It reads no configuration and asks nobody: it works on a machine without network.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use watchpost::clock::UtcMs;
use watchpost::explain::{self, MOST_BYTES};
use watchpost_texts::say;

/// "An input file did not exist or was not readable", as sysexits.h has it.
const NO_INPUT: u8 = 66;

/// What to explain.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Explain {
    /// A file with the text or the mail (.eml); without it, standard input is read. The first mebibyte counts.
    file: Option<PathBuf>,
    /// Print JSON for programs instead of sentences.
    #[arg(long)]
    json: bool,
}

/// Explains the file, or `input` where none is named.
///
/// # Errors
/// Only when `out` or `problems` cannot be written.
pub fn run(
    arguments: &Explain,
    input: &mut dyn Read,
    now: UtcMs,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> io::Result<ExitCode> {
    let read = match &arguments.file {
        Some(path) => File::open(path).and_then(|mut file| read_bounded(&mut file)),
        None => read_bounded(input),
    };
    match read {
        Ok(text) => {
            writeln!(out, "{}", explain::run(&text, arguments.json, now.to_utc()))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            let name = arguments
                .file
                .as_ref()
                .map_or(say!("standard input").into(), |path| path.display().to_string());
            writeln!(
                problems,
                "{}",
                say!("{name} cannot be read: {error}. Name a file with the text, or pipe the text in.")
            )?;
            Ok(ExitCode::from(NO_INPUT))
        }
    }
}

fn read_bounded(input: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(MOST_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_795_435_200_000);

    /// What is printed for these arguments when this text is piped in.
    fn printed(arguments: &Explain, piped: &[u8]) -> (String, String, ExitCode) {
        let (mut out, mut problems, mut input) = (Vec::new(), Vec::new(), piped);
        let code = run(arguments, &mut input, NOW, &mut out, &mut problems).unwrap();
        (String::from_utf8(out).unwrap(), String::from_utf8(problems).unwrap(), code)
    }

    #[test]
    fn a_reply_that_is_piped_in_is_told_in_sentences() {
        let arguments = Explain { file: None, json: false };
        let (out, problems, code) = printed(&arguments, b"452 4.2.2 <anna@example.org>: mailbox full");
        assert_eq!((problems.as_str(), code), ("", ExitCode::SUCCESS));
        insta::assert_snapshot!(out, @r"
        The recipient's mailbox is full.
        The message waits and is tried again by itself: do not send it again.
        It is for the recipient's side to repair.
        Next: Tell the recipient by another way to make room; then send again.
        ");
    }

    #[test]
    fn a_file_is_told_as_json() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bounce.eml");
        std::fs::write(&path, "550 5.1.1 <anna@example.org>: unknown user").unwrap();
        let (out, _, code) = printed(&Explain { file: Some(path), json: true }, b"");
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (json["reason"].as_str(), json["fate"].as_str(), code),
            (Some("userunknown"), Some("failed"), ExitCode::SUCCESS)
        );
        assert!(!out.contains("anna@"), "{out}");
    }

    #[test]
    fn a_file_that_is_not_there_is_said() {
        let arguments = Explain { file: Some("no/such/file.eml".into()), json: false };
        let (out, problems, code) = printed(&arguments, b"");
        assert_eq!((out.as_str(), code), ("", ExitCode::from(NO_INPUT)));
        assert!(problems.starts_with("no/such/file.eml cannot be read: "), "{problems}");
    }
}
