//! `glisten`: renders, checks and documents programs from a terminal. Needs no window, no sound
//! card and no host.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
