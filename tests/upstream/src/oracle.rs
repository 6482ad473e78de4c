//! The glicol crate as an oracle: which programs it accepts, when it triggers, and where it panics.
//!
//! Thread: one; each program gets engines of its own, and a panic of upstream's is caught.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::{Context, Result, bail};
use engine::{
    AudioBlock, Config, Event, EventKind, HostTransport, Kind, Launch, Parts, Severity, create,
};

const RATE: f64 = 44_100.0;
const TEMPO_BPM: f64 = 120.0;
/// Frames of a bar at that rate and tempo.
const BAR: usize = 88_200;
const BLOCK: usize = 128;
/// Blocks after which a program counts as running.
const TRIAL_BLOCKS: usize = 8;

/// What upstream makes of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Accepts,
    Rejects,
    Panics,
}

/// A paragraph of a list: a program, and what may differ.
struct Entry {
    exception: Option<String>,
    program: String,
}

/// Runs every check. `folder` holds the lists, `panics` is the file of cases that make upstream
/// panic.
///
/// # Errors
/// A list cannot be read, or the engines differ where they should not.
pub fn run(folder: &Path, panics: &Path) -> Result<()> {
    // Upstream's panics are results here; ours stay visible.
    std::panic::set_hook(Box::new(|info| {
        let ours = info
            .location()
            .is_some_and(|at| !at.file().contains("glicol"));
        if ours && !info.to_string().contains("/registry/") {
            eprintln!("{info}");
        }
    }));
    let mut differences = syntax(&folder.join("syntax.txt"))?;
    differences += triggers(&folder.join("triggers.txt"))?;
    differences += known_panics(panics)?;
    if differences > 0 {
        bail!("{differences} differences");
    }
    Ok(())
}

fn entries(path: &Path) -> Result<Vec<Entry>> {
    let text = crate::read(path)?;
    let mut found = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut entry = Entry {
            exception: None,
            program: String::new(),
        };
        for line in paragraph.lines().filter(|l| !l.starts_with('#')) {
            match line.strip_prefix("? ") {
                Some(reason) => entry.exception = Some(reason.to_owned()),
                None => writeln!(entry.program, "{line}")?,
            }
        }
        if !entry.program.trim().is_empty() {
            found.push(entry);
        }
    }
    Ok(found)
}

/// Other spellings of a program that mean the same.
fn spellings(program: &str) -> Vec<String> {
    let program = program.trim_end();
    let scripted = program.contains(['`', '"', '[']);
    let mut all = vec![
        program.to_owned(),
        format!("\n\n  {program}\n\n"),
        format!("{program} // a comment"),
        format!("// a comment\n{program};"),
        program.replace(" >> ", ">>"),
        program.replace(" >> ", "   >>\t"),
        program.replace(" >> ", "\n  >> "),
        program.replacen(": ", ":", 1),
        program.replacen(": ", "  :   ", 1),
    ];
    if !scripted && !program.starts_with("//") {
        // Between the words of a node, other signs are blanks, too.
        let blanks = |sign: &str| {
            program
                .split('\n')
                .map(|line| match line.split_once(": ") {
                    Some((name, chain)) => format!("{name}: {}", chain.replace(' ', sign)),
                    None => line.to_owned(),
                })
                .collect::<Vec<_>>()
                .join("\n")
        };
        all.extend([blanks("\t"), blanks("  "), blanks(","), blanks("|")]);
    }
    all.dedup();
    all
}

fn syntax(path: &Path) -> Result<usize> {
    let (mut asked, mut accepted, mut differ, mut excepted) = (0, 0, 0, 0);
    for entry in entries(path)? {
        let mut told = false;
        for program in spellings(&entry.program) {
            asked += 1;
            let upstream = ask_upstream(&program);
            accepted += usize::from(upstream == Verdict::Accepts);
            let ours = ask_us(&program)?;
            // What upstream rejects we may read; what makes it panic must be one or the other.
            if upstream == Verdict::Accepts && ours.is_some() {
                if entry.exception.is_some() {
                    excepted += 1;
                } else {
                    differ += 1;
                    if !std::mem::replace(&mut told, true) {
                        println!("upstream accepts:\n{program}");
                        println!("Glisten: {}\n", ours.unwrap_or_default());
                    }
                }
            }
        }
    }
    println!(
        "syntax: {asked} spellings, upstream accepts {accepted}; of those Glisten accepts {}, \
         {excepted} differ on purpose, {differ} by mistake",
        accepted - excepted - differ
    );
    Ok(differ)
}

fn upstream_engine() -> Box<glicol::Engine<BLOCK>> {
    let mut engine = Box::new(glicol::Engine::<BLOCK>::new());
    engine.livecoding = false;
    engine.set_sr(RATE as usize);
    engine.set_bpm(TEMPO_BPM as f32);
    for name in ["\\bd", "'bd'", "\\808bd_1"] {
        engine.add_sample(name, &[0.5, 0.25, 0.0, -0.5], 1, RATE as usize);
    }
    engine
}

fn ask_upstream(program: &str) -> Verdict {
    let trial = || {
        let mut engine = upstream_engine();
        engine.update_with_code(program);
        let silence = [0.0_f32; BLOCK];
        let mut rejected = false;
        for _ in 0..TRIAL_BLOCKS {
            let (_, message) = engine.next_block(vec![&silence, &silence]);
            rejected |= message[0] != 0;
        }
        rejected
    };
    match catch_unwind(AssertUnwindSafe(trial)) {
        Ok(false) => Verdict::Accepts,
        Ok(true) => Verdict::Rejects,
        Err(_) => Verdict::Panics,
    }
}

fn our_parts() -> Parts {
    create(&Config {
        sample_rate: RATE,
        kind: Kind::Effect,
        seed: 1,
    })
}

/// Plays a program on our engine for some blocks of noise and hands each to `listen`. Returns the
/// first error if it is not accepted.
fn play(program: &str, blocks: usize, listen: &mut dyn FnMut(&[f32], &[f32])) -> Option<String> {
    let Parts {
        mut engine,
        mut renderer,
        ..
    } = our_parts();
    let evaluation = engine.evaluate(program, Launch::Now);
    if !evaluation.accepted {
        let mut errors = evaluation.diagnostics.into_iter();
        let first = errors.find(|d| d.severity == Severity::Error);
        return Some(first.map_or_else(|| "no reason".to_owned(), |d| d.message));
    }
    let events = [Event {
        frame: 0,
        kind: EventKind::Guard(false),
    }];
    for block in 0..blocks {
        let (mut left, mut right) = ([0.0_f32; BLOCK], [0.0_f32; BLOCK]);
        let frame = (block * BLOCK) as f64;
        renderer.render(AudioBlock {
            channels: &mut [&mut left, &mut right],
            input_channels: 2,
            sidechain: &[],
            transport: HostTransport {
                playing: true,
                tempo_bpm: Some(TEMPO_BPM),
                beats: Some(frame / RATE * TEMPO_BPM / 60.0),
                loop_beats: None,
            },
            events: &events,
        });
        listen(&left, &right);
    }
    None
}

/// The first error, if the program is not accepted.
fn ask_us(program: &str) -> Result<Option<String>> {
    let mut finite = true;
    let refused = play(program, TRIAL_BLOCKS, &mut |left, right| {
        finite &= left.iter().chain(right).all(|x| x.is_finite());
    });
    if !finite {
        bail!("Glisten gives something that is not finite:\n{program}");
    }
    Ok(refused)
}

/// Frames and values of all samples above 0 in two bars.
fn trigger_frames(left: &[f32]) -> Vec<(usize, f32)> {
    let above = left.iter().enumerate().filter(|(_, x)| **x > 0.0);
    above
        .map(|(i, x)| (i, *x))
        .take_while(|(i, _)| *i < 2 * BAR)
        .collect()
}

fn triggers(path: &Path) -> Result<usize> {
    let blocks = 2 * BAR / BLOCK + 1;
    let (mut compared, mut exact, mut differ, mut programs) = (0, 0, 0, 0);
    for entry in entries(path)? {
        programs += 1;
        let program = &entry.program;
        let (allowed, reason) = match &entry.exception {
            None => (1, ""),
            Some(text) => {
                let (frames, reason) = text.split_once(' ').context("`? frames reason`")?;
                (frames.parse::<usize>()?, reason)
            }
        };
        let mut upstream = upstream_engine();
        upstream.update_with_code(program);
        let mut theirs = Vec::new();
        for _ in 0..blocks {
            let (buffers, message) = upstream.next_block(vec![]);
            if message[0] != 0 {
                bail!("upstream refuses {program}");
            }
            theirs.extend_from_slice(&buffers[0]);
        }
        let mut ours = Vec::new();
        if let Some(error) = play(program, blocks, &mut |left, _| ours.extend_from_slice(left)) {
            println!("refused: {error}\n{program}");
            differ += 1;
            continue;
        }
        let (theirs, ours) = (trigger_frames(&theirs), trigger_frames(&ours));
        let pairs = theirs.iter().zip(&ours);
        let apart = pairs.clone().map(|(a, b)| a.0.abs_diff(b.0)).max();
        let off = pairs
            .clone()
            .map(|(a, b)| (a.1 - b.1).abs() / a.1.max(b.1))
            .fold(0.0, f32::max);
        // What falls out of the two bars on one side only is no difference.
        let count = theirs.len().abs_diff(ours.len());
        if apart.unwrap_or(0) > allowed || off > 1e-4 || count > usize::from(allowed > 1) {
            differ += 1;
            println!(
                "triggers differ ({} and {}, up to {apart:?} frames, values by {off}):\n{program}",
                theirs.len(),
                ours.len()
            );
            println!("upstream {:?}\nours     {:?}", head(&theirs), head(&ours));
        } else if allowed > 1 {
            let most = apart.unwrap_or(0);
            println!(
                "{} triggers up to {most} frames apart: {reason}",
                theirs.len()
            );
        } else {
            compared += theirs.len();
            exact += pairs.filter(|(a, b)| a.0 == b.0).count();
        }
    }
    println!(
        "triggers: {programs} programs, {compared} triggers compared, {exact} on the same frame, \
         the others one frame apart; {differ} programs differ"
    );
    Ok(differ)
}

fn head(triggers: &[(usize, f32)]) -> &[(usize, f32)] {
    &triggers[..triggers.len().min(6)]
}

/// Programs of which the suite says that upstream panics: it must, and we must not.
fn known_panics(path: &Path) -> Result<usize> {
    let text = crate::read(path)?;
    let (mut panics, mut sentences, mut defined, mut wrong) = (0, 0, 0, 0);
    for case in text.split("\n--- ").skip(1) {
        let program: String = case
            .lines()
            .skip(1)
            .take_while(|line| !line.starts_with("! "))
            .flat_map(|line| [line, "\n"])
            .collect();
        if ask_upstream(&program) == Verdict::Panics {
            panics += 1;
        } else {
            wrong += 1;
            println!("upstream does not panic:\n{program}");
        }
        match ask_us(&program)? {
            Some(_) => sentences += 1,
            None => defined += 1,
        }
    }
    println!(
        "panics: {panics} programs make upstream panic; in Glisten {sentences} of them are a \
         sentence and {defined} run with a defined sound"
    );
    Ok(wrong)
}
