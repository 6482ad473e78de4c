//! `demo_host BUNDLE.clap FOLDER [--window]`: plays Glisten in a host, for `cargo xtask run`.
//!
//! An effect over a WAV file and a pattern at 120 BPM, each edited twice while it plays; writes
//! what came out, prints levels, timing and what the audio thread did that it must not do. On Linux
//! it starts itself again with the real-time checker preloaded, so that this figure is measured.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use glisten_tests::analysis::{db, peak, read_wav, rms, write_wav};
use glisten_tests::demo::{BAR_FRAMES, BPM, EFFECT, PATTERN, RATE, track};
use glisten_tests::drive::Rendered;
use glisten_tests::host::{Format, Host, Kind, ProcessMode, load};
use glisten_tests::program_state::set_program;
use glisten_tests::rtcheck;
use glisten_tests::scenario::{Blocks, Scenario};
use glisten_tests::song::Song;

/// Bars each of the three programs plays.
const BARS: u64 = 4;

const BLOCK_FRAMES: u32 = 256;

/// How much faster than a sound card would the demo runs, so that it is over in seconds.
const SPEED: f64 = 12.0;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (bundle, folder, window) = match &arguments[..] {
        [bundle, folder] => (bundle, folder, false),
        [bundle, folder, flag] if flag == "--window" => (bundle, folder, true),
        _ => bail!("usage: demo_host BUNDLE.clap FOLDER [--window]"),
    };
    if let Some(code) = run_checked(&arguments)? {
        return Ok(code);
    }
    let (bundle, folder) = (PathBuf::from(bundle), PathBuf::from(folder));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    play(&bundle, &folder)?;
    if window {
        show_editor(&bundle)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Starts this program again with the checker preloaded, where there is one and it is not yet.
fn run_checked(arguments: &[String]) -> Result<Option<ExitCode>> {
    if !cfg!(target_os = "linux") || rtcheck::Checker::find().is_loaded() {
        return Ok(None);
    }
    let Ok(library) = rtcheck::library() else {
        return Ok(None);
    };
    let status = Command::new(std::env::current_exe()?)
        .args(arguments)
        .env("LD_PRELOAD", library)
        .status()
        .context("cannot start this program again")?;
    Ok(Some(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }))
}

fn play(bundle: &Path, folder: &Path) -> Result<()> {
    println!("Glisten demo, {BPM} BPM, {RATE} Hz, blocks of {BLOCK_FRAMES} frames");
    let input_file = folder.join("input.wav");
    write_wav(&input_file, &track(3 * BARS), RATE as u32)?;
    let (input, _) = read_wav(&input_file)?;
    println!("{}", line("input", &input, &input_file));

    let effect = perform(bundle, Kind::Effect, &EFFECT, &input)?;
    report("effect", &effect, &folder.join("effect.wav"))?;
    let pattern = perform(bundle, Kind::Instrument, &PATTERN, &[])?;
    report("pattern", &pattern, &folder.join("pattern.wav"))?;

    let counts = effect.counts.zip(pattern.counts).map(|(mut a, b)| {
        a += b;
        a
    });
    match counts {
        Some(counts) => println!(
            "{} allocations on the audio thread ({} frees, {} locks, {} system calls)",
            counts.allocations, counts.frees, counts.locks, counts.system_calls
        ),
        None => println!("allocations on the audio thread: not counted (no checker here)"),
    }
    if counts.is_some_and(|counts| counts.any()) {
        bail!("the audio thread did what it must not do");
    }
    if peak(&effect.audio) == 0.0 || peak(&pattern.audio) == 0.0 {
        bail!("nothing was heard");
    }
    Ok(())
}

/// Plays the programs one after the other, each for [`BARS`] bars. The second and third are loaded
/// by the main thread while the audio thread runs on; each lands within a few blocks of its bar.
fn perform(bundle: &Path, kind: Kind, programs: &[&str], input: &[[f32; 2]]) -> Result<Rendered> {
    let part = BARS * BAR_FRAMES;
    let mut host = load(Format::Clap, bundle, kind)?;
    set_program(&mut *host, programs[0])?;
    host.set_process_mode(ProcessMode::Realtime)?;
    host.activate(RATE, BLOCK_FRAMES)?;
    let progress = Arc::new(AtomicU64::new(0));
    let scenario = Scenario {
        speed: SPEED,
        progress: Some(progress.clone()),
        ..Scenario::new(programs.len() as u64 * part)
            .song(Song::playing(0.0, BPM))
            .blocks(Blocks::Fixed(BLOCK_FRAMES))
            .input(input.to_vec())
    };
    let mut outcome = Ok(());
    let rendered = host.render_while(&scenario, &mut |host, busy| {
        let mut next = 1;
        while busy() {
            host.idle();
            if let Some(program) = programs.get(next)
                && progress.load(Ordering::Acquire) >= next as u64 * part
            {
                let loaded = set_program(host, program);
                outcome = std::mem::replace(&mut outcome, Ok(())).and(loaded);
                next += 1;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        if next < programs.len() {
            outcome = Err(anyhow!("the audio was over before the last edit"));
        }
    });
    outcome.map(|()| rendered)
}

fn line(name: &str, audio: &[[f32; 2]], file: &Path) -> String {
    format!(
        "{name:8} {:5.1} s  peak {:6.1} dB  RMS {:6.1} dB  {}",
        audio.len() as f64 / RATE,
        db(f64::from(peak(audio))),
        db(rms(audio)),
        file.display()
    )
}

fn report(name: &str, rendered: &Rendered, file: &Path) -> Result<()> {
    write_wav(file, &rendered.audio, RATE as u32)?;
    println!("{}", line(name, &rendered.audio, file));
    let seconds = rendered.audio.len() as f64 / RATE;
    println!(
        "{:8} 2 edits while playing; {:.0} times real time, worst block {:.1} % of its time",
        "",
        seconds / rendered.busy.as_secs_f64(),
        rendered.worst_block * 100.0
    );
    if rendered.bad_samples > 0 {
        bail!(
            "{} samples of {name} are not finite or subnormal",
            rendered.bad_samples
        );
    }
    Ok(())
}

/// Opens the editor and plays on in real time, without a sound card, until the window is closed.
#[cfg(target_os = "linux")]
fn show_editor(bundle: &Path) -> Result<()> {
    let mut host = load(Format::Clap, bundle, Kind::Instrument)?;
    set_program(&mut *host, PATTERN[2])?;
    host.set_process_mode(ProcessMode::Realtime)?;
    host.activate(RATE, BLOCK_FRAMES)?;
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let scenario = Scenario {
        stop: Some(stop.clone()),
        keep: glisten_tests::scenario::Keep::Nothing,
        speed: 1.0,
        ..Scenario::new(u64::MAX)
            .song(Song::playing(0.0, BPM))
            .blocks(Blocks::Fixed(BLOCK_FRAMES))
    };
    println!("The editor is open; it plays without a sound card. Close its window to end.");
    let mut outcome = Ok(());
    host.render_while(&scenario, &mut |host, _| {
        outcome = run_window(host);
        stop.store(true, Ordering::Release);
    });
    outcome
}

#[cfg(target_os = "linux")]
fn run_window(host: &mut dyn Host) -> Result<()> {
    let mut editor = glisten_tests::editor::OpenEditor::open(host)?;
    editor.window.set_title("Glisten")?;
    while !editor.window.is_closed()? {
        editor.run(Duration::from_millis(50));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn show_editor(_: &Path) -> Result<()> {
    println!("The editor's window is opened on Linux only; load the bundle into a host.");
    Ok(())
}
