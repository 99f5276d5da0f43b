//! `watchpost texts`: begins a translation, or says what one lacks.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use watchpost::config::{Config, Environment};
use watchpost_texts::{Catalogue, TEMPLATE, say};

/// What was typed behind `texts`.
#[derive(Debug, clap::Args)]
pub struct Texts {
    /// A translation to look at. Without it: everything that can be translated, as a PO file to begin with.
    file: Option<PathBuf>,
}

/// Speaks the language of the configuration, if it names a catalogue. What is wrong with either is said by the verb that
/// needs the configuration, in English.
pub fn speak(config: &Path, environment: &Environment) {
    let catalogue = Config::load(config, environment).ok().and_then(|config| config.organisation.catalogue);
    if let Some(catalogue) = catalogue {
        // Only a second start in one process, in a test, finds a language spoken.
        let _ = watchpost_texts::speak(catalogue);
    }
}

/// Prints the template, or what the file lacks.
///
/// # Errors
/// Where standard output cannot be written.
pub fn run(asked: &Texts, out: &mut dyn Write) -> io::Result<ExitCode> {
    let Some(file) = &asked.file else {
        out.write_all(TEMPLATE.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            writeln!(out, "{}", say!("{} cannot be read: {error}", file.display()))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    match Catalogue::read(&text) {
        Ok(catalogue) => show_lacking(&catalogue.lacks(), out),
        Err(flaws) => {
            flaws.iter().try_for_each(|flaw| writeln!(out, "{flaw}"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn show_lacking(lacking: &[String], out: &mut dyn Write) -> io::Result<ExitCode> {
    match lacking {
        [] => writeln!(out, "{}", say!("It has every text."))?,
        lacking => {
            writeln!(
                out,
                "{}",
                say!("{} texts are not translated yet; they are said in English:", lacking.len())
            )?;
            lacking.iter().try_for_each(|text| writeln!(out, "  {text}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("de.po");
        std::fs::write(&file, text).expect("written");
        let mut out = Vec::new();
        run(&Texts { file: Some(file) }, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_translation_is_begun_from_the_template_and_judged() {
        let mut out = Vec::new();
        run(&Texts { file: None }, &mut out).expect("written");
        let template = String::from_utf8(out).expect("text");
        assert!(template.contains("msgid \"No incident is open."), "{template}");
        assert!(says(&template).contains("texts are not translated yet"));
        let head = "msgid \"\"\nmsgstr \"Language: de\\n\"\n\n";
        assert!(says(&format!("{head}msgid \"a {{b}}\"\nmsgstr \"c\"\n")).contains("has the values"));
    }
}
