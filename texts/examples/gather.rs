//! Prints the catalogue's template from the source; run at the root: `… --example gather > texts/watchpost.pot`.

use std::io::Write as _;
use std::path::Path;

use watchpost_texts::gather;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let findings = gather::gather(&root, &gather::READ)?;
    std::io::stdout().write_all(gather::template(&findings.texts).as_bytes())?;
    Ok(())
}
