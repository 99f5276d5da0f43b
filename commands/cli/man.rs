//! `watchpost man FOLDER`: the manual pages, one for each verb, made from what `--help` says.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use watchpost_texts::say;

use super::Line;

/// What was typed behind `man`.
#[derive(Debug, clap::Args)]
pub struct Man {
    /// Where the pages are written, such as /usr/local/share/man/man1.
    folder: PathBuf,
}

impl Man {
    /// Where the pages are written.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Writes the pages.
///
/// # Errors
/// Where the folder or a page cannot be written.
pub fn run(asked: &Man, out: &mut dyn Write) -> io::Result<()> {
    std::fs::create_dir_all(&asked.folder)?;
    let pages = write_all(&asked.folder)?;
    writeln!(
        out,
        "{}",
        say!("{pages} pages in {}. Read the first with: man -l {0}/watchpost.1", asked.folder.display())
    )
}

fn write_all(folder: &Path) -> io::Result<usize> {
    let mut command = Line::command();
    command.build();
    clap_mangen::generate_to(command, folder)?;
    std::fs::read_dir(folder)?.try_fold(0, |count, page| page.map(|_| count + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_for_each_verb_and_it_says_what_help_says() {
        let folder = tempfile::tempdir().expect("a folder");
        write_all(folder.path()).expect("written");
        for verb in Line::command().get_subcommands() {
            let page = folder.path().join(format!("watchpost-{}.1", verb.get_name()));
            let text = std::fs::read_to_string(&page).unwrap_or_else(|_| panic!("no {}", page.display()));
            let about = verb.get_about().expect("every verb says what it does").to_string();
            let first = about.split([',', ':', '`', '.', '\'', '-']).next().expect("words");
            assert!(text.contains(first), "{}: {text}", page.display());
        }
    }
}
