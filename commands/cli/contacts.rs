//! `watchpost contacts`: who outside can help, from the configuration alone. For the wall, and for the night without network.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use watchpost::config::{Config, Contact, Environment};
use watchpost_texts::say;

/// "Something was found in an unconfigured or misconfigured state", as sysexits.h has it.
const CONFIGURATION: u8 = 78;

/// Prints the contacts.
///
/// # Errors
/// Where they cannot be written.
pub fn run(
    path: &Path,
    environment: &Environment,
    out: &mut dyn Write,
    problems: &mut dyn Write,
) -> std::io::Result<ExitCode> {
    let config = match Config::load(path, environment) {
        Ok(config) => config,
        Err(error) => {
            writeln!(problems, "{}", say!("watchpost: {error}"))?;
            return Ok(ExitCode::from(CONFIGURATION));
        }
    };
    if config.contacts.is_empty() {
        writeln!(problems, "{}", say!("No [[contact]] is configured: add vendor, registrar and provider."))?;
    }
    for contact in &config.contacts {
        write!(out, "{}", page(contact))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn page(contact: &Contact) -> String {
    let contract = contact.contract.as_ref().map(|number| say!("  contract   {number}\n"));
    say!(
        "{}\n  telephone  {}\n  helps with {}\n{}\n",
        contact.name,
        contact.telephone,
        contact.helps_with,
        contract.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contacts_are_printed_without_any_network() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("watchpost.toml");
        let text = "[organisation]\nname = \"Example\"\n[[contact]]\nname = \"Hosting\"\nhelps_with = \"power\"\n\
                    telephone = \"+49 30 5678\"\ncontract = \"C-4711\"\n";
        std::fs::write(&file, text).expect("written");
        let (mut out, mut problems) = (Vec::new(), Vec::new());
        let code = run(&file, &Environment::default(), &mut out, &mut problems).expect("printed");
        let out = String::from_utf8(out).expect("UTF-8");
        assert_eq!(code, ExitCode::SUCCESS);
        assert_eq!(out, "Hosting\n  telephone  +49 30 5678\n  helps with power\n  contract   C-4711\n\n");
    }
}
