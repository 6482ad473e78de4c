//! Values for arguments that are fixed when a node is built, for tests and measurements that drive
//! nodes without a program.

use std::sync::Arc;

use glisten_engine::registry::{
    ArgKind, ArgSpec, FixedArg, NoteEvent, NotePattern, NoteValue, Registry, SampleRef,
    SampleSequence,
};
use glisten_engine::resolve::{Arg, resolve};
use glisten_engine::samples::Sample;
use glisten_engine::{BUILTIN, NodeSpec, Parser};

/// A value for an argument of a node. Numbers are what `number` says.
pub fn fixed_value(spec: &NodeSpec, arg: &ArgSpec, number: Option<f32>) -> FixedArg {
    match arg.kind {
        ArgKind::Signal => FixedArg::Number(number),
        ArgKind::Number => FixedArg::Value(number.or(arg.default).unwrap_or(arg.min)),
        ArgKind::Integers => FixedArg::Integers(vec![60, 0, 67, 72]),
        ArgKind::Notes => FixedArg::Notes(notes()),
        ArgKind::Refs => FixedArg::Refs,
        ArgKind::Choice => FixedArg::Choice(0),
        ArgKind::Symbol => FixedArg::Symbol("a".to_owned()),
        ArgKind::Sample => FixedArg::Sample(sample()),
        ArgKind::SamplePattern => FixedArg::SamplePattern(SampleSequence {
            events: vec![(0.0, 0), (0.25, 0), (0.7, 0)],
            samples: vec![sample()],
            span_bars: 1.0,
        }),
        _ => from_example(spec, arg.index),
    }
}

/// Notes of every kind: numbers, a reference, and a few that chance decides on.
pub fn notes() -> NotePattern {
    let event = NoteEvent::new;
    let sometimes = |at, note| NoteEvent {
        chance: 0.5,
        ..event(at, NoteValue::Midi(note))
    };
    NotePattern {
        events: vec![
            event(0.0, NoteValue::Midi(60.0)),
            sometimes(0.05, 55.0),
            sometimes(0.1, 57.0),
            sometimes(0.15, 58.0),
            event(0.25, NoteValue::Midi(72.0)),
            event(0.3, NoteValue::Reference(0)),
            event(0.75, NoteValue::Midi(48.0)),
        ],
    }
}

/// A short stereo sound: two decaying tones.
#[allow(clippy::disallowed_methods)]
fn sample() -> SampleRef {
    let tone = |hz: f32| -> Vec<f32> {
        (0..4000)
            .map(|i| (i as f32 * hz * 1.3e-4).sin() * (1.0 - i as f32 / 4000.0))
            .collect()
    };
    SampleRef {
        name: "tone".to_owned(),
        sample: Some(Arc::new(Sample {
            left: tone(440.0),
            right: Some(tone(660.0)),
        })),
    }
}

/// What the node's first example writes there.
fn from_example(spec: &NodeSpec, index: usize) -> FixedArg {
    let text = spec.examples[0];
    let ast = Parser::new().parse(text);
    let program = resolve(&ast, text, &Registry::new(BUILTIN)).program;
    let program = program.expect("an example resolves");
    let nodes = program.chains.iter().flat_map(|c| &c.nodes);
    let node = nodes.into_iter().find(|n| n.spec.name == spec.name);
    match &node.expect("an example uses its node").args[index] {
        Arg::Fixed(value) => value.clone(),
        other => panic!("{}: {other:?} is not fixed at build", spec.name),
    }
}
