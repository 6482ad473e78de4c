//! `cargo xtask`: every developer verb of Glisten in one place.
//!
//! A verb is one module with a `run` function; this file only tells them apart.

mod bench;
mod bundle;
mod corpus;
mod display;
mod doctor;
mod documents;
mod fuzz;
mod generate;
mod install;
mod layers;
mod licences;
mod oracle;
mod packages;
mod render;
mod run;
mod shell;
mod sources;
mod steps;
mod test;
mod tokens;
mod venv;

use std::process::ExitCode;

const HELP: &str = "\
Developer verbs of Glisten.

usage: cargo xtask VERB [OPTIONS]

  run                 Build, bundle, play the demo and open the editor
  test [STEP…]        Check everything that CI checks; `test --list` names the steps
  bundle [--release]  Build the CLAP and VST3 bundles into target/bundled
  install [--debug]   Build the bundles and copy them to your plugin folders
  render ARGS…        Render a program to a WAV file: `glisten render ARGS…`
  bench [ARGS…]       Compare the speed with the glicol crate
  corpus FOLDER       Try a folder of other people's programs
  fuzz [TARGET…]      Feed random texts and programs to parser, resolver and engine
  oracle              Compare what the glicol crate accepts and when it triggers
  gen [--check]       Write docs/nodes.md from the node registry, or check that it is current
  doctor              Say which system packages are missing, and what for

`cargo xtask VERB --help` says more about a verb.
";

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.is_empty() {
        eprint!("{HELP}");
        return ExitCode::from(2);
    }
    let verb = args.remove(0);
    // `render` hands its help request on to the program it runs.
    if verb != "render" && args.iter().any(|a| a == "--help" || a == "-h") {
        match help_of(&verb) {
            Some(text) => print!("{text}"),
            None => print!("{HELP}"),
        }
        return ExitCode::SUCCESS;
    }
    let result = match verb.as_str() {
        "run" => run::run(&args),
        "test" => test::run(&args),
        "bundle" => bundle::run(&args),
        "install" => install::run(&args),
        "render" => render::run(&args),
        "bench" => bench::run(&args),
        "corpus" => corpus::run(&args),
        "fuzz" => fuzz::run(&args),
        "oracle" => oracle::run(&args),
        "gen" => generate::run(&args),
        "doctor" => doctor::run(&args),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => {
            eprintln!("error: There is no verb `{other}`.\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn help_of(verb: &str) -> Option<&'static str> {
    Some(match verb {
        "run" => run::HELP,
        "test" => test::HELP,
        "bundle" => bundle::HELP,
        "install" => install::HELP,
        "bench" => bench::HELP,
        "corpus" => corpus::HELP,
        "fuzz" => fuzz::HELP,
        "oracle" => oracle::HELP,
        "gen" => generate::HELP,
        "doctor" => doctor::HELP,
        _ => return None,
    })
}
