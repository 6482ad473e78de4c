//! `speed`: how fast the pattern after it runs.

use crate::registry::{Category, NodeSpec, Role, Signal, Smoothing, Unit, Width};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "speed",
    category: Category::Sequencer,
    summary: "Sets how often the `seq` after it runs through per bar.",
    doc: "`speed 2 >> seq 60 72` plays the pattern twice per bar, `speed 0.5` once in two bars. A \
          number acts at once; a reference is read at each bar line and held for the bar, so what \
          changes it - a signal, a knob or an edit of the chain it names - is heard from the next \
          bar on. Without `speed` a pattern runs once per bar: removing it returns to that, where upstream keeps \
          the old speed.",
    differs: "Upstream keeps the old speed when `speed` is taken away.",
    examples: &["out: speed 4 >> seq 60 _ 60 60 >> bd 0.2"],
    role: Role::Speed,
    width: Width::Mono,
    args: &[SPEED.spec()],
    ..NodeSpec::PLAIN
};

const SPEED: Signal = Signal::new(0, "speed")
    .unit(Unit::PerBar)
    .range(0.001, 1000.0)
    .default(1.0)
    .smoothing(Smoothing::Jump)
    .doc("Runs of the pattern per bar of four quarter notes.");
