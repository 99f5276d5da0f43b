//! The binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    watchpost_commands::cli::carry_out(std::env::args_os())
}
