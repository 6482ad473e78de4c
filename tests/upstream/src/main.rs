//! Speed of Glisten against the glicol crate, in one interleaved run.
//!
//! usage: `glisten-upstream FOLDER [--rounds N] [--seconds S] [--only W3,W9] [--count]`,
//! or `glisten-upstream --oracle LISTS CASES` to compare what both accept and when they trigger
//!
//! Both engines stay alive over all rounds and render the same stretch of audio in turn, so that
//! whatever else the machine does meets both. Time is the thread's CPU time; a figure is the
//! median over the rounds. Flush-to-zero is on for both, as plugin hosts have it.

mod clock;
mod count;
mod oracle;
mod players;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use players::{Glicol, Glisten, Player, SAMPLE_RATE};

struct Options {
    folder: PathBuf,
    rounds: usize,
    seconds: f64,
    only: Vec<String>,
    count: bool,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    clock::flush_subnormals();
    let result = match args.first().map(String::as_str) {
        Some(count::CHILD) => count::child(&args[1..]),
        Some("--oracle") => match &args[1..] {
            [lists, panics] => oracle::run(Path::new(lists), Path::new(panics)),
            _ => Err(anyhow::anyhow!(
                "`--oracle` takes the lists' folder and the cases."
            )),
        },
        _ => options(&args).and_then(|options| compare(&options)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn options(args: &[String]) -> Result<Options> {
    let mut args = args.iter();
    let folder = args
        .next()
        .context("The first argument is the folder with the programs.")?;
    let mut options = Options {
        folder: PathBuf::from(folder),
        rounds: 7,
        seconds: 20.0,
        only: Vec::new(),
        count: false,
    };
    while let Some(arg) = args.next() {
        let mut value = || {
            args.next()
                .with_context(|| format!("`{arg}` needs a value."))
        };
        match arg.as_str() {
            "--rounds" => options.rounds = value()?.parse().context("`--rounds` takes a number")?,
            "--seconds" => {
                options.seconds = value()?.parse().context("`--seconds` takes a number")?
            }
            "--only" => options.only = value()?.split(',').map(str::to_owned).collect(),
            "--count" => options.count = true,
            _ => bail!("Unknown argument `{arg}`."),
        }
    }
    if options.rounds == 0 || !(0.1..=3600.0).contains(&options.seconds) {
        bail!("There must be a round, of 0.1 to 3600 seconds.");
    }
    Ok(options)
}

/// Name and text of each program, by number.
fn programs(options: &Options) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&options.folder)
        .with_context(|| format!("Could not read {}", options.folder.display()))?
    {
        let path = entry?.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let chosen = options.only.is_empty() || options.only.contains(&name);
        if path.extension().is_some_and(|e| e == "glicol") && chosen {
            found.push((name, read(&path)?));
        }
    }
    found.sort_by_key(|(name, _)| (name.len(), name.clone()));
    Ok(found)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("Could not read {}", path.display()))
}

fn compare(options: &Options) -> Result<()> {
    let unit = if options.count {
        "instructions per frame"
    } else {
        "times real time"
    };
    println!("{unit}, 48 kHz; ratio = glicol's cost / ours, so above 1 Glisten is faster\n");
    println!(
        "program   glicol 128    ours 512    ours 128    ratio 512 (lowest-highest)   ratio 128"
    );
    let (mut ratios_512, mut ratios_128) = (Vec::new(), Vec::new());
    let mut slower = Vec::new();
    for (name, text) in programs(options)? {
        let costs = if options.count {
            count::costs(&options.folder.join(format!("{name}.glicol")))?
        } else {
            timed(&name, &text, options)?
        };
        let [ratio_512, ratio_128] = [&costs.ratio_512, &costs.ratio_128].map(|r| median(r));
        let lowest = costs
            .ratio_512
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        let highest = costs.ratio_512.iter().copied().fold(0.0, f64::max);
        let [glicol, ours_512, ours_128] = costs.shown;
        println!(
            "{name:7} {glicol:12.0}{ours_512:12.0}{ours_128:12.0}    {ratio_512:9.2} \
             ({lowest:6.2}-{highest:6.2})         {ratio_128:9.2}"
        );
        if ratio_512 < 1.0 || ratio_128 < 1.0 {
            slower.push(name);
        }
        ratios_512.push(ratio_512);
        ratios_128.push(ratio_128);
    }
    if ratios_512.is_empty() {
        bail!("There is no such program in {}.", options.folder.display());
    }
    println!(
        "\ngeometric mean: {:.2} (blocks of 512), {:.2} (128)",
        mean(&ratios_512),
        mean(&ratios_128)
    );
    match slower.as_slice() {
        [] => println!("No program is slower than in the glicol crate."),
        names => println!("Slower than in the glicol crate: {}", names.join(", ")),
    }
    Ok(())
}

/// What one program costs.
pub struct Costs {
    /// glicol, ours at 512, ours at 128, in the unit of the table.
    shown: [f64; 3],
    /// glicol's cost over ours, one per round.
    ratio_512: Vec<f64>,
    ratio_128: Vec<f64>,
}

fn timed(name: &str, text: &str, options: &Options) -> Result<Costs> {
    let mut players: [Box<dyn Player>; 3] = [
        Box::new(Glicol::new(text)?),
        Box::new(Glisten::new(text, 512)?),
        Box::new(Glisten::new(text, 128)?),
    ];
    let frames = (options.seconds * SAMPLE_RATE) as u64;
    // A second of warm-up: first-touch memory, branch predictors, clock speed; and proof of sound.
    for player in &mut players {
        let mut peak = 0.0;
        player.render(2 * SAMPLE_RATE as u64, &mut |block| {
            peak = block.iter().fold(
                peak,
                |p: f32, x| if x.is_nan() { *x } else { p.max(x.abs()) },
            );
        });
        if !(peak > 1e-4 && peak.is_finite()) {
            bail!(
                "{name} is silent or broken in {} (peak {peak}).",
                player.name()
            );
        }
    }
    let mut seconds = [const { Vec::new() }; 3];
    for round in 0..options.rounds {
        for turn in 0..players.len() {
            // Another one begins each time, so that none always has the warm cache.
            let who = (round + turn) % players.len();
            let start = clock::thread_seconds()?;
            // Nothing may be left out as unused.
            players[who].render(frames, &mut |block| {
                std::hint::black_box(block);
            });
            seconds[who].push(clock::thread_seconds()? - start);
        }
    }
    let [glicol, ours_512, ours_128] = &seconds;
    let over = |ours: &[f64]| glicol.iter().zip(ours).map(|(a, b)| a / b).collect();
    Ok(Costs {
        shown: [glicol, ours_512, ours_128].map(|s| options.seconds / median(s)),
        ratio_512: over(ours_512),
        ratio_128: over(ours_128),
    })
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]),
    }
}

fn mean(ratios: &[f64]) -> f64 {
    (ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64).exp()
}
