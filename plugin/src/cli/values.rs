//! Reading the values of options, with ranges and sentences.

use std::ffi::OsString;

use super::CliError;

/// Frames per callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BlockSizes {
    /// Always the same.
    Fixed(usize),
    /// 1 to [`LONGEST_RANDOM_BLOCK`] frames, from this seed.
    Random(u64),
}

/// Longest callback of `--block random:SEED`.
const LONGEST_RANDOM_BLOCK: u64 = 2048;

/// Longest callback of `--block N`.
const LONGEST_BLOCK: u64 = 65_536;

impl BlockSizes {
    /// Length of the next callback.
    pub(crate) fn next(&mut self) -> usize {
        match self {
            BlockSizes::Fixed(frames) => *frames,
            BlockSizes::Random(state) => {
                // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): small and the same everywhere.
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                1 + ((z ^ (z >> 31)) % LONGEST_RANDOM_BLOCK) as usize
            }
        }
    }
}

fn text<'a>(option: &str, value: &'a OsString) -> Result<&'a str, CliError> {
    value
        .to_str()
        .ok_or_else(|| CliError::usage(format!("The value of {option} is not readable text.")))
}

/// A finite number in a range.
pub(crate) fn number(
    option: &str,
    value: &OsString,
    range: std::ops::RangeInclusive<f64>,
) -> Result<f64, CliError> {
    let text = text(option, value)?;
    match text.parse::<f64>() {
        Ok(number) if range.contains(&number) => Ok(number),
        Ok(_) => Err(CliError::usage(format!(
            "{option} must lie between {} and {}, not {text}.",
            range.start(),
            range.end()
        ))),
        Err(_) => Err(CliError::usage(format!(
            "{option} needs a number, not \"{text}\"."
        ))),
    }
}

/// A whole number in a range.
pub(crate) fn whole(
    option: &str,
    value: &OsString,
    range: std::ops::RangeInclusive<u64>,
) -> Result<u64, CliError> {
    let text = text(option, value)?;
    match text.parse::<u64>() {
        Ok(number) if range.contains(&number) => Ok(number),
        Ok(_) => Err(CliError::usage(format!(
            "{option} must lie between {} and {}, not {text}.",
            range.start(),
            range.end()
        ))),
        Err(_) => Err(CliError::usage(format!(
            "{option} needs a whole number, not \"{text}\"."
        ))),
    }
}

/// `512` or `random:7`.
pub(crate) fn block(value: &OsString) -> Result<BlockSizes, CliError> {
    if let Some(seed) = text("--block", value)?.strip_prefix("random:") {
        let seed = whole("--block random:SEED", &seed.into(), 0..=u64::MAX)?;
        return Ok(BlockSizes::Random(seed));
    }
    let frames = whole("--block", value, 1..=LONGEST_BLOCK)?;
    Ok(BlockSizes::Fixed(
        usize::try_from(frames).unwrap_or(usize::MAX),
    ))
}

/// `8=other.glicol`: a beat and a path.
pub(crate) fn edit(value: &OsString) -> Result<(f64, std::path::PathBuf), CliError> {
    let text = text("--edit", value)?;
    let (beat, path) = text.split_once('=').ok_or_else(|| {
        CliError::usage(format!(
            "--edit needs BEAT=FILE, such as 8=next.glicol, not \"{text}\"."
        ))
    })?;
    if path.is_empty() {
        return Err(CliError::usage(format!(
            "--edit {text} names no file after the \"=\"."
        )));
    }
    Ok((
        number("--edit BEAT", &beat.into(), super::options::BEATS)?,
        path.into(),
    ))
}

/// `cutoff=800`: a knob's name, with or without `~`, and a value.
pub(crate) fn knob(value: &OsString) -> Result<(String, String), CliError> {
    let text = text("--set", value)?;
    let halves = text.split_once('=').map(|(n, v)| (n.trim(), v.trim()));
    match halves {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.trim_start_matches('~').to_owned(), value.to_owned()))
        }
        _ => Err(CliError::usage(format!(
            "--set needs NAME=VALUE, such as cutoff=800, not \"{text}\"."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_blocks_repeat_for_a_seed_and_stay_in_range() {
        let run = |seed| {
            let mut sizes = BlockSizes::Random(seed);
            (0..1000).map(|_| sizes.next()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        assert!(run(7).iter().all(|n| (1..=2048).contains(n)));
    }

    #[test]
    fn impossible_values_are_refused_with_the_option_and_the_range() {
        for bad in ["0", "-1", "65537", "512.5", "random:", "random:x", ""] {
            let error = block(&bad.into()).expect_err(bad).to_string();
            assert!(error.contains("--block"), "{error}");
        }
        for bad in ["nan", "inf", "1e9", "fast", ""] {
            let error = number("--bpm", &bad.into(), 1.0..=1000.0)
                .expect_err(bad)
                .to_string();
            assert!(error.starts_with("--bpm"), "{error}");
        }
        for bad in ["next.glicol", "x=a", "4="] {
            edit(&bad.into()).expect_err(bad);
        }
    }

    #[test]
    fn good_values_are_read() {
        assert_eq!(block(&"64".into()).expect("block"), BlockSizes::Fixed(64));
        assert_eq!(
            block(&"random:9".into()).expect("block"),
            BlockSizes::Random(9)
        );
        let (beat, path) = edit(&"-1.5=a=b.glicol".into()).expect("edit");
        assert_eq!((beat, path.to_str()), (-1.5, Some("a=b.glicol")));
    }
}
