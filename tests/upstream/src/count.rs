//! Instructions per frame, counted by valgrind: repeats exactly on a noisy machine.
//!
//! The program runs itself under `valgrind --tool=callgrind` twice, for two lengths of audio; the
//! difference is free of start-up and compilation.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::Costs;
use crate::players::{Glicol, Glisten, Player, SAMPLE_RATE};

/// First argument of a run under valgrind.
pub const CHILD: &str = "--child";

/// Lengths of the two runs in frames.
const FRAMES: [u64; 2] = [24_000, 72_000];

/// Counts one program in all three ways.
///
/// # Errors
/// valgrind is missing, or a run fails.
pub fn costs(program: &Path) -> Result<Costs> {
    let mut shown = [0.0; 3];
    for (cost, player) in shown.iter_mut().zip(["glicol", "512", "128"]) {
        let short = instructions(program, player, FRAMES[0])?;
        let long = instructions(program, player, FRAMES[1])?;
        *cost = (long - short) / (FRAMES[1] - FRAMES[0]) as f64;
    }
    let [glicol, ours_512, ours_128] = shown;
    Ok(Costs {
        shown,
        ratio_512: vec![glicol / ours_512],
        ratio_128: vec![glicol / ours_128],
    })
}

fn instructions(program: &Path, player: &str, frames: u64) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([CHILD, player, &frames.to_string()])
        .arg(program)
        .output()
        .context("Could not start valgrind; on Debian: apt-get install valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("The run under valgrind failed:\n{said}");
    }
    let collected = said
        .split("Collected :")
        .nth(1)
        .context("valgrind counted nothing.")?;
    let figure = collected
        .split_whitespace()
        .next()
        .context("valgrind gave no figure.")?;
    figure.parse().context("valgrind's figure is not a number")
}

/// The run under valgrind: `PLAYER FRAMES PROGRAM`.
///
/// # Errors
/// The program is refused.
pub fn child(args: &[String]) -> Result<()> {
    let [player, frames, program] = args else {
        bail!("This call is for internal use.")
    };
    let text = crate::read(Path::new(program))?;
    let mut player: Box<dyn Player> = match player.as_str() {
        "glicol" => Box::new(Glicol::new(&text)?),
        block => Box::new(Glisten::new(&text, block.parse()?)?),
    };
    let frames = frames.parse::<u64>()?.min(600 * SAMPLE_RATE as u64);
    player.render(frames, &mut |block| {
        std::hint::black_box(block);
    });
    Ok(())
}
