//! The command-line program: dispatch, errors, exit codes.
//!
//! Exit code 0: done. 1: the program has errors, or a file could not be read or written.
//! 2: the command line makes no sense.

mod check;
mod files;
mod inputs;
mod midi_file;
mod nodes;
mod options;
mod render;
mod report;
mod sounds;
mod values;
mod wav;

use std::io::Write;
use std::process::ExitCode;

use lexopt::prelude::*;

const HELP: &str = "\
glisten: renders, checks and documents Glicol programs

  glisten render PROGRAM.glicol -o OUT.wav [options]
  glisten check PROGRAM.glicol [--format json] [--samples DIR]
  glisten nodes [NAME] [--format markdown|json]

Render options:
  -o, --output OUT.wav      where to write (32-bit float, stereo)
      --input IN.wav        what ~input hears
      --samples DIR         where samples lie: DIR/kick.wav is \\kick
      --bpm N               tempo (120)
      --start-beat N        song position of the first frame, in quarter notes (0)
      --bars N              length in bars of four beats (4, or as long as the input, and as
                            the MIDI file with 4 seconds for its tail)
      --seconds S           length in seconds
      --rate N              frames per second (48000, or the input's rate)
      --block N             frames per callback (512)
      --block random:SEED   callbacks of random length
      --set NAME=VALUE      a knob of the program, as written there or with its unit:
                            cutoff=800, cutoff=0.8kHz; may be repeated
      --midi IN.mid         keys to play: a standard MIDI file, its beats at --bpm
      --mpe                 the file is MPE: one channel for each note
      --edit BEAT=FILE      replace the program on this beat; may be repeated
      --seed N              seed of all random choices (0)
      --stopped             the song stands still
      --no-guard            no ceiling and no DC protection

  glisten --version
  glisten --help

Exit codes: 0 done, 1 broken program or unusable file, 2 bad command line.
";

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The command line makes no sense.
    #[error("{0}")]
    Usage(String),
    /// A file could not be used.
    #[error("{0}")]
    File(String),
    /// The program has errors; they are already printed.
    #[error("the program has errors")]
    Rejected,
}

impl CliError {
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    pub(crate) fn file(text: impl Into<String>) -> Self {
        Self::File(text.into())
    }
}

impl From<lexopt::Error> for CliError {
    fn from(error: lexopt::Error) -> Self {
        let text = match error {
            lexopt::Error::MissingValue {
                option: Some(option),
            } => {
                format!("The option {option} needs a value.")
            }
            lexopt::Error::UnexpectedOption(option) => format!("There is no option {option} here."),
            lexopt::Error::UnexpectedValue { option, .. } => {
                format!("The option {option} takes no value.")
            }
            lexopt::Error::UnexpectedArgument(argument) => {
                format!(
                    "The argument \"{}\" is one too many.",
                    argument.to_string_lossy()
                )
            }
            other => format!("The command line cannot be read: {other}."),
        };
        Self::Usage(text)
    }
}

/// Runs the program for the process's arguments.
pub fn main() -> ExitCode {
    match run(lexopt::Parser::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError::Rejected) => ExitCode::from(1),
        Err(CliError::File(text)) => {
            complain(&text);
            ExitCode::from(1)
        }
        Err(CliError::Usage(text)) => {
            complain(&format!("{text} Run \"glisten --help\" for the options."));
            ExitCode::from(2)
        }
    }
}

fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    match parser.next()? {
        Some(Value(command)) => match command.to_str() {
            Some("render") => render::run(parser),
            Some("check") => check::run(parser),
            Some("nodes") => nodes::run(parser),
            Some("help") => print(HELP),
            _ => Err(CliError::usage(format!(
                "There is no command \"{}\"; use render, check or nodes.",
                command.to_string_lossy()
            ))),
        },
        Some(Short('h') | Long("help")) => print(HELP),
        Some(Short('V') | Long("version")) => {
            print(&format!("glisten {}\n", env!("CARGO_PKG_VERSION")))
        }
        Some(other) => Err(other.unexpected().into()),
        None => Err(CliError::usage(
            "A command is missing: render, check or nodes.",
        )),
    }
}

/// Writes to standard output. A reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::file(
            format!("The output cannot be written: {error}."),
        )),
        _ => Ok(()),
    }
}

/// Writes a line to standard error; if that is closed there is nobody to tell.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
}

/// Shows the help, for `--help` after a command.
pub(crate) fn help() -> Result<(), CliError> {
    print(HELP)
}
