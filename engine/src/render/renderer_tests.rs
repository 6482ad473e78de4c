//! What no program can cause: an error of this crate inside a callback.

use std::sync::Arc;

use super::Renderer;
use crate::graph::plan::{ChainState, Place, Plan, Range, Slot, Step, StepList, Weight};
use crate::processor::{Block, Io, Operand, Processor};
use crate::render::{AudioBlock, Exchange, PROGRAMS, Status};
use crate::text::Span;
use crate::transport::HostTransport;

/// Works for 100 frames and then panics.
struct Broken {
    frames: usize,
}

impl Processor for Broken {
    fn process(&mut self, io: &mut Io<'_>) {
        self.frames += io.frames();
        assert!(self.frames < 100, "a broken kernel");
        io.output(0).fill(0.25);
    }

    fn reset(&mut self) {}
}

fn broken_plan() -> Box<Plan> {
    let out = Place {
        block: 2,
        channels: 1,
    };
    let after = StepList {
        steps: vec![
            Step::Process {
                slot: 0,
                out,
                ports: Range { start: 0, len: 0 },
            },
            Step::Output {
                source: Operand::Blocks { left: 2, right: 2 },
                weight: Weight::One,
                first: true,
                mono: true,
                widen: false,
            },
        ],
        mono_output: true,
        has_output: true,
        ..StepList::default()
    };
    Box::new(Plan {
        revision: 1,
        base_revision: 0,
        during: StepList::default(),
        after,
        fade_frames: 0,
        arena: vec![Block::SILENT; 3],
        scratch: vec![Block::SILENT; 1],
        slots: vec![Slot {
            processors: [Some(Box::new(Broken { frames: 0 })), None],
            instances: 1,
            chain: 0,
            ends_chain: true,
            scanned: true,
            faulted: false,
            shared: true,
            watched: false,
            stands_at: [0.0; 2],
            span: Span::default(),
        }],
        chains: vec![ChainState {
            span: Span::default(),
            muted_from: u64::MAX,
            cost_ns: 0,
        }],
        literals: Vec::new(),
        literal_values: Vec::new(),
        lines: Vec::new(),
        live: Vec::new(),
        knob_updates: Vec::new(),
        groups: Vec::new(),
        rest: None,
        adoptions: Vec::new(),
        next_retired: None,
    })
}

/// Left and right output of 256 frames with 0.5 and −0.5 at the input, and the last snapshot.
fn run(passes_input: bool, inputs: usize) -> (Vec<f32>, Vec<f32>, Status) {
    let exchanges: [Arc<Exchange>; PROGRAMS] = Default::default();
    let (publish, mut status) = triple_buffer::triple_buffer(&Status::default());
    let mut renderer = Renderer::new(exchanges.clone(), publish, 48_000.0, passes_input);
    exchanges[0].submit(broken_plan(), 0, false);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let (mut l, mut r) = ([0.5_f32; 128], [-0.5_f32; 128]);
        renderer.render(AudioBlock {
            channels: &mut [&mut l, &mut r],
            input_channels: inputs,
            sidechain: &[],
            transport: HostTransport::default(),
            events: &[],
        });
        left.extend(l);
        right.extend(r);
    }
    (left, right, *status.read())
}

#[test]
fn a_panic_leaves_an_effect_with_its_input() {
    let (left, right, status) = run(true, 2);
    assert!(status.guard.halted);
    // The chunk before the panic sounded; from the one that broke on, the dry input passes.
    assert!(left[..64].iter().chain(&right[..64]).all(|x| *x == 0.25));
    assert!(left[64..].iter().all(|x| *x == 0.5));
    assert!(right[64..].iter().all(|x| *x == -0.5));
}

#[test]
fn a_panic_leaves_a_mono_input_on_both_sides() {
    let (left, right, _) = run(true, 1);
    assert!(left[64..].iter().chain(&right[64..]).all(|x| *x == 0.5));
}

#[test]
fn a_panic_silences_an_instrument() {
    let (left, right, status) = run(false, 0);
    assert!(status.guard.halted);
    assert!(left[..64].iter().all(|x| *x == 0.25));
    assert!(left[64..].iter().chain(&right[64..]).all(|x| *x == 0.0));
}
