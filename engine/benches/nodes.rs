//! Time per frame of every node, with held and with moving arguments: `cargo bench -p glisten-engine`.
//!
//! Prints nanoseconds per frame (the best of many rounds) and the share of one core at 48 kHz.

#[path = "../tests/rig/values.rs"]
mod values;

use std::hint::black_box;
use std::time::Instant;

use glisten_engine::nodes::BUILTIN;
use glisten_engine::processor::{
    BLOCK_FRAMES, Block, Context, Io, LiteralValue, NoteSink, Operand, Ports, Processor,
};
use glisten_engine::registry::{ArgKind, Build, FixedArg, Input, NodeSpec};
use glisten_engine::transport::{HostTransport, Transport};

const RATE: f32 = 48_000.0;
const BLOCKS_PER_ROUND: u64 = 400;
const ROUNDS: usize = 25;

fn build(spec: &NodeSpec, moving: bool) -> Option<Box<dyn Processor>> {
    let args: Vec<FixedArg> = spec
        .args
        .iter()
        .map(|arg| {
            let number = (!moving).then(|| arg.default.unwrap_or(0.5));
            values::fixed_value(spec, arg, number)
        })
        .collect();
    let mut build = Build {
        sample_rate: RATE,
        channels: 1 + usize::from(!spec.per_channel),
        channel: 0,
        voice: 0,
        args: &args,
        random_key: 1,
        reserved_frames: 0,
    };
    if let Some(reserve) = spec.reserve {
        build.reserved_frames = (reserve(&build) * 3 / 2).next_power_of_two();
    }
    spec.build
        .map(|make| make(&build).expect("a node builds from its defaults"))
}

/// Best time per frame in nanoseconds. A trigger every 6000 frames keeps envelopes at work.
fn measure(spec: &NodeSpec, moving: bool) -> Option<f64> {
    let mut processor = build(spec, moving)?;
    let noise = |key: u64| {
        let mut block = Block::SILENT;
        glisten_engine::dsp::noise::fill(key, 0, &mut block.0);
        block
    };
    let audio = [noise(1), noise(2)];
    let triggers = spec.summary.contains("trigger") || spec.doc.contains("Each trigger");
    let mut blocks = vec![audio[0], audio[1]];
    let mut operands = vec![if spec.input == Input::Required {
        Operand::Blocks {
            left: 0,
            right: u32::from(!spec.per_channel),
        }
    } else {
        Operand::Nothing
    }];
    let mut literals = Vec::new();
    for arg in spec.args {
        let value = arg.default.unwrap_or(0.5);
        operands.push(if arg.kind != ArgKind::Signal {
            Operand::Nothing
        } else if moving {
            let mut block = Block([value; BLOCK_FRAMES]);
            for (i, x) in block.0.iter_mut().enumerate() {
                *x *= 1.0 + i as f32 * 1e-3;
            }
            blocks.push(block);
            let index = blocks.len() as u32 - 1;
            Operand::Blocks {
                left: index,
                right: index,
            }
        } else {
            literals.push(LiteralValue::Held(value));
            Operand::Literal(literals.len() as u32 - 1)
        });
    }
    let mut transport = Transport::new(f64::from(RATE));
    let host = HostTransport {
        playing: true,
        tempo_bpm: None,
        beats: Some(0.0),
        loop_beats: None,
    };
    transport.begin_block(0, &host);
    let mut outs = [Block::SILENT; 2];
    let mut frame = 0u64;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..BLOCKS_PER_ROUND {
            if triggers {
                blocks[0] = Block::SILENT;
                blocks[0].0[0] = if frame.is_multiple_of(5_952) {
                    1.0
                } else {
                    0.0
                };
            }
            let notes = NoteSink::new(64);
            let ctx = Context {
                sample_rate: RATE,
                frame,
                clock: transport.clock(),
                input: [&audio[0].0, &audio[1].0],
                sidechain: [&audio[0].0, &audio[1].0],
                voice: None,
                notes: &notes,
            };
            let mut io = Io {
                ctx: &ctx,
                ins: Ports {
                    below: &blocks,
                    above: &[],
                    above_start: blocks.len(),
                    scratch: &[],
                    literals: &literals,
                    operands: &operands,
                    offset: 0,
                    frames: BLOCK_FRAMES,
                    channel: 0,
                },
                outs: &mut outs,
                min_delay_frames: 0,
            };
            processor.process(&mut io);
            black_box(&outs);
            frame += BLOCK_FRAMES as u64;
        }
        let frames = (BLOCKS_PER_ROUND * BLOCK_FRAMES as u64) as f64;
        best = best.min(start.elapsed().as_nanos() as f64 / frames);
    }
    Some(best)
}

fn main() {
    let filter = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    println!(
        "{:12} {:>9} {:>9}   share of a core at 48 kHz",
        "node", "held", "moving"
    );
    for spec in BUILTIN {
        if filter
            .as_ref()
            .is_some_and(|f| !spec.name.contains(f.as_str()))
        {
            continue;
        }
        let (Some(held), Some(moving)) = (measure(spec, false), measure(spec, true)) else {
            continue;
        };
        let share = held * f64::from(RATE) * 1e-7;
        println!(
            "{:12} {held:>6.2} ns {moving:>6.2} ns   {share:.4} %",
            spec.name
        );
    }
}
