//! The sounds of the samples that a program names.

use std::collections::HashMap;
use std::sync::Arc;

use super::fixed::symbol_name;
use super::program::{Arg, Program};
use crate::diagnostics::{Diagnostic, Problem, nearest};
use crate::registry::{FixedArg, SampleRef};
use crate::samples::{MAX_PROGRAM_BYTES, Sample, SampleBank, SampleError, normalised};
use crate::text::Span;

/// Gives every sample of a program its sound, and tells of those that have none. A program with
/// missing sounds is still a program: they are silent.
///
/// `text` is the program's text; the sounds are those for `sample_rate`.
pub fn load_samples(
    program: &mut Program,
    text: &str,
    bank: Option<&mut (dyn SampleBank + 'static)>,
    sample_rate: f64,
) -> Vec<Diagnostic> {
    let mut shelf = Shelf {
        bank,
        sample_rate,
        known: None,
        found: HashMap::new(),
        bytes: 0,
    };
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for node in program.chains.iter_mut().flat_map(|c| &mut c.nodes) {
        for (arg, span) in node.args.iter_mut().zip(&node.arg_spans) {
            let refs = match arg {
                Arg::Fixed(FixedArg::Sample(found)) => std::slice::from_mut(found),
                Arg::Fixed(FixedArg::SamplePattern(pattern)) => pattern.samples.as_mut_slice(),
                _ => continue,
            };
            for found in refs {
                if let Some(problem) = shelf.fill(found) {
                    let told = problem.at(place_of(&found.name, text, *span));
                    // A node that stands in the text once may stand in the program several times.
                    if !diagnostics
                        .iter()
                        .any(|d| d.span == told.span && d.code == told.code)
                    {
                        diagnostics.push(told);
                    }
                }
            }
        }
    }
    diagnostics
}

/// Where a name stands inside an argument: the symbol itself in a pattern, else all of it.
fn place_of(name: &str, text: &str, span: Span) -> Span {
    let whole = span.text(text);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\\' | '\'');
    let mut at = 0;
    for word in whole.split_inclusive(|c: char| !is_part(c)) {
        let symbol = word.trim_end_matches(|c: char| !is_part(c));
        if symbol_name(symbol) == name {
            let start = span.start as usize + at;
            return Span::new(start, start + symbol.len());
        }
        at += word.len();
    }
    span
}

/// The bank, and what this program got from it.
struct Shelf<'a> {
    bank: Option<&'a mut (dyn SampleBank + 'static)>,
    sample_rate: f64,
    known: Option<Vec<String>>,
    found: HashMap<String, Result<Arc<Sample>, Problem>>,
    bytes: usize,
}

impl Shelf<'_> {
    /// Sets the sound of one reference; tells why there is none.
    fn fill(&mut self, wanted: &mut SampleRef) -> Option<Problem> {
        if let Some(known) = self.found.get(&wanted.name) {
            wanted.sample = known.as_ref().ok().cloned();
            return known.as_ref().err().cloned();
        }
        let found = self.look_up(&wanted.name);
        wanted.sample = found.as_ref().ok().cloned();
        let problem = found.as_ref().err().cloned();
        self.found.insert(wanted.name.clone(), found);
        problem
    }

    fn look_up(&mut self, name: &str) -> Result<Arc<Sample>, Problem> {
        let key = normalised(name);
        let bank = &mut self.bank;
        let known = self
            .known
            .get_or_insert_with(|| bank.as_ref().map_or_else(Vec::new, |b| b.names()));
        let unknown = || Problem::UnknownSample {
            name: name.to_owned(),
            nearest: nearest(&key, known.iter().map(String::as_str)).map(str::to_owned),
        };
        let Some(bank) = self.bank.as_deref_mut().filter(|_| known.contains(&key)) else {
            return Err(unknown());
        };
        let unusable = |reason: SampleError| Problem::SampleUnusable {
            name: name.to_owned(),
            reason: reason.0,
        };
        let sample = bank.load(&key, self.sample_rate).map_err(unusable)?;
        let bytes = self.bytes.saturating_add(sample.bytes());
        if bytes > MAX_PROGRAM_BYTES {
            return Err(unusable(SampleError(format!(
                "The samples of one program may take {} MiB.",
                MAX_PROGRAM_BYTES >> 20
            ))));
        }
        self.bytes = bytes;
        Ok(sample)
    }
}
