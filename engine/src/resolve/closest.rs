//! Patterns that play faster than triggers can follow each other.

use super::program::{Arg, Node, Program};
use super::scope::Scope;
use crate::diagnostics::Problem;
use crate::registry::{Build, FixedArg};
use crate::transport::{BEATS_PER_BAR, MIN_TRIGGER_GAP_FRAMES};

/// What a text is measured by, so that it means the same on every machine and in every song: an
/// ordinary tempo at the lowest of the usual sample rates.
const REFERENCE_TEMPO_BPM: f64 = 120.0;
const REFERENCE_RATE_HZ: f64 = 44_100.0;

/// Share of a frame that rounding in speeds and places may take.
const SLACK_FRAMES: f64 = 1e-3;

impl Scope<'_> {
    /// Warns of each node whose literals put two triggers closer together than they may lie (R7.6).
    pub fn check_closest(&mut self, program: &Program) {
        let frames_per_bar = BEATS_PER_BAR * 60.0 / REFERENCE_TEMPO_BPM * REFERENCE_RATE_HZ;
        let least = MIN_TRIGGER_GAP_FRAMES as f64 - SLACK_FRAMES;
        for node in program.chains.iter().flat_map(|c| &c.nodes) {
            if closest_bars(node).is_some_and(|bars| bars * frames_per_bar < least) {
                let problem = Problem::TriggersTooClose {
                    node: node.spec.name.to_owned(),
                };
                self.report_placed(problem.at(node.span));
            }
        }
    }
}

/// Shortest time between two triggers of a node, as far as its literals tell.
fn closest_bars(node: &Node) -> Option<f64> {
    let read = node.spec.closest_bars?;
    let fixed = |arg: &Arg| match arg {
        Arg::Fixed(value) => value.clone(),
        Arg::Number(x) => FixedArg::Number(Some(*x)),
        _ => FixedArg::Number(None),
    };
    let args: Vec<FixedArg> = node.args.iter().map(fixed).collect();
    read(&Build::of_args(&args))
}
