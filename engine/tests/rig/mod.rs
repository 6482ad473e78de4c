//! Drives one node without engine and renderer: builds its processors, lays its inputs out in blocks
//! and calls it in chunks of any length.

#![allow(dead_code)]

use assert_no_alloc::assert_no_alloc;
pub mod values;

use glisten_engine::NodeSpec;
use glisten_engine::processor::{
    BLOCK_FRAMES, Block, Context, Io, LiteralValue, NoteSink, Operand, Ports, Processor,
};
use glisten_engine::registry::{ArgKind, Build, FixedArg, Input, NotePattern, Role, Width};
use glisten_engine::transport::{HostTransport, Transport};
use glisten_engine::voice::VoiceNow;

/// How arguments reach the node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// Numbers, constant over each chunk: the value at the chunk's first frame.
    Held,
    /// Numbers that ramp: a value per frame.
    Ramping,
    /// References: a value per frame.
    Reference,
}

/// A function of argument index and frame.
pub type ArgFn<'a> = &'a dyn Fn(usize, u64) -> f32;
/// A function of frame: left and right.
pub type InputFn<'a> = &'a dyn Fn(u64) -> [f32; 2];

/// Chunk lengths.
#[derive(Clone, Copy, Debug)]
pub enum Cuts {
    /// As long as this, shorter before a 64-frame boundary.
    Every(usize),
    /// Pseudo-random lengths of 1 to 64.
    Random(u64),
}

impl Cuts {
    fn next(&mut self) -> usize {
        match self {
            Cuts::Every(n) => *n,
            Cuts::Random(state) => {
                *state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                (*state >> 33) as usize % 64 + 1
            }
        }
    }
}

/// What a node is built with.
#[derive(Clone, Debug)]
pub struct Setup {
    pub spec: &'static NodeSpec,
    pub sample_rate: f32,
    pub stereo_input: bool,
    pub form: Form,
    pub random_key: u64,
    pub notes: NotePattern,
    pub integers: Vec<i64>,
    /// Index of the word that every choice takes.
    pub choice: usize,
    /// Literals the node is built with; the defaults if absent.
    pub literals: Option<Vec<f32>>,
    /// Nothing stands at optional arguments.
    pub without_optional: bool,
    pub host: HostTransport,
}

impl Setup {
    pub fn new(spec: &'static NodeSpec) -> Self {
        Self {
            spec,
            sample_rate: 48_000.0,
            stereo_input: false,
            form: Form::Held,
            random_key: 1,
            notes: values::notes(),
            integers: vec![60, 0, 67, 72],
            choice: 0,
            literals: None,
            without_optional: false,
            host: HostTransport {
                playing: true,
                tempo_bpm: Some(120.0),
                beats: Some(0.0),
                loop_beats: None,
            },
        }
    }

    pub fn stereo(mut self) -> Self {
        self.stereo_input = true;
        self
    }

    pub fn without_optional(mut self) -> Self {
        self.without_optional = true;
        self
    }

    pub fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    pub fn rate(mut self, sample_rate: f32) -> Self {
        self.sample_rate = sample_rate;
        self
    }

    pub fn literals(mut self, literals: &[f32]) -> Self {
        self.literals = Some(literals.to_vec());
        self
    }

    /// The voice that nodes of voices stand in: its note begins at frame 0.
    fn voice(&self) -> Option<VoiceNow> {
        (self.spec.role == Role::MidiTrigger).then_some(VoiceNow {
            index: 0,
            on_frame: 0,
            note: 60.0,
        })
    }

    /// Value of an argument that nobody sets.
    pub fn default_of(&self, arg: usize) -> f32 {
        match &self.literals {
            Some(literals) => literals[arg],
            // A required argument: any number in every range.
            None => self.spec.args[arg].default.unwrap_or(0.5),
        }
    }

    pub fn build(&self) -> Rig {
        let args: Vec<FixedArg> = self
            .spec
            .args
            .iter()
            .enumerate()
            .map(|(i, arg)| match arg.kind {
                ArgKind::Signal if self.form == Form::Reference => FixedArg::Number(None),
                ArgKind::Signal => FixedArg::Number(Some(self.default_of(i))),
                ArgKind::Integers => FixedArg::Integers(self.integers.clone()),
                ArgKind::Notes => FixedArg::Notes(self.notes.clone()),
                ArgKind::Choice => FixedArg::Choice(self.choice.min(arg.words.len() - 1)),
                _ => values::fixed_value(self.spec, arg, None),
            })
            .collect();
        let outputs = match self.spec.width {
            Width::Mono => 1,
            Width::Stereo => 2,
            Width::Input | Width::Widest => 1 + usize::from(self.stereo_input),
        };
        let (instances, channels) = if self.spec.per_channel {
            (outputs, 1)
        } else {
            (1, outputs)
        };
        let processors = (0..instances)
            .map(|channel| {
                let mut build = Build {
                    sample_rate: self.sample_rate,
                    channels,
                    channel,
                    voice: 0,
                    args: &args,
                    random_key: self.random_key,
                    reserved_frames: 0,
                };
                if let Some(reserve) = self.spec.reserve {
                    build.reserved_frames = (reserve(&build) * 3 / 2).next_power_of_two();
                }
                let make = self.spec.build.expect("a node with a processor");
                make(&build).expect("the node builds")
            })
            .collect();
        let mut transport = Transport::new(f64::from(self.sample_rate));
        transport.begin_block(0, &self.host);
        Rig {
            setup: self.clone(),
            processors,
            channels,
            outputs,
            transport,
            frame: 0,
            min_delay: 0,
        }
    }
}

/// A running node.
pub struct Rig {
    pub setup: Setup,
    pub processors: Vec<Box<dyn Processor>>,
    pub channels: usize,
    pub outputs: usize,
    pub transport: Transport,
    pub frame: u64,
    /// Not 0: the node is driven as in a feedback loop, read first, written later.
    pub min_delay: usize,
}

/// Left and right of the output; a mono output on both.
pub type Output = Vec<[f32; 2]>;

impl Rig {
    /// Runs with default arguments.
    pub fn run(&mut self, frames: usize, cuts: Cuts, input: InputFn<'_>) -> Output {
        let setup = self.setup.clone();
        self.run_args(frames, cuts, input, &|arg, _| setup.default_of(arg))
    }

    /// Runs with given arguments.
    pub fn run_args(
        &mut self,
        frames: usize,
        mut cuts: Cuts,
        input: InputFn<'_>,
        args: ArgFn<'_>,
    ) -> Output {
        let mut out = Vec::with_capacity(frames);
        while out.len() < frames {
            let room = BLOCK_FRAMES - self.frame as usize % BLOCK_FRAMES;
            let n = cuts.next().min(room).min(frames - out.len());
            self.chunk(n, input, args, &mut out);
        }
        out
    }

    /// One chunk. What lies outside it in the blocks is poisoned.
    pub fn chunk(&mut self, n: usize, input: InputFn<'_>, args: ArgFn<'_>, out: &mut Output) {
        const POISON: f32 = 7777.0;
        let spec = self.setup.spec;
        let offset = self.frame as usize % BLOCK_FRAMES;
        let poisoned = || Block([POISON; BLOCK_FRAMES]);
        let mut blocks = vec![poisoned(), poisoned()];
        let mut scratch = vec![poisoned()];
        let mut literals = Vec::new();
        for i in 0..n {
            let [left, right] = input(self.frame + i as u64);
            blocks[0].0[offset + i] = left;
            blocks[1].0[offset + i] = right;
        }
        let mut operands = vec![if spec.input == Input::Required {
            Operand::Blocks {
                left: 0,
                right: u32::from(self.setup.stereo_input),
            }
        } else {
            Operand::Nothing
        }];
        for (a, arg) in spec.args.iter().enumerate() {
            let mut block = poisoned();
            for i in 0..n {
                block.0[offset + i] = args(a, self.frame + i as u64);
            }
            scratch.push(block);
            operands.push(match (arg.kind, self.setup.form) {
                _ if arg.optional && self.setup.without_optional => Operand::Nothing,
                (ArgKind::Signal, Form::Reference) => {
                    blocks.push(block);
                    let index = blocks.len() as u32 - 1;
                    Operand::Blocks {
                        left: index,
                        right: index,
                    }
                }
                (ArgKind::Signal, form) => {
                    literals.push(match form {
                        Form::Held => LiteralValue::Held(args(a, self.frame)),
                        _ => LiteralValue::Ramping,
                    });
                    Operand::Literal(literals.len() as u32 - 1)
                }
                _ => Operand::Nothing,
            });
        }
        // One extra reference, for patterns: note 65 at every frame of the chunk.
        let mut note = poisoned();
        note.0[offset..offset + n].fill(65.0);
        blocks.push(note);
        let extra = blocks.len() as u32 - 1;
        operands.push(Operand::Blocks {
            left: extra,
            right: extra,
        });

        let bus: Vec<[f32; 2]> = (0..BLOCK_FRAMES)
            .map(|i| input((self.frame - offset as u64) + i as u64))
            .collect();
        let left: Vec<f32> = bus.iter().map(|b| b[0]).collect();
        let right: Vec<f32> = bus.iter().map(|b| b[1]).collect();
        let notes = NoteSink::new(64);
        let ctx = Context {
            sample_rate: self.setup.sample_rate,
            frame: self.frame - offset as u64,
            clock: self.transport.clock(),
            input: [&left, &right],
            sidechain: [&left, &right],
            voice: self.setup.voice(),
            notes: &notes,
        };
        let mut outs = [poisoned(), poisoned()];
        let per_instance = self.channels;
        let ports = |channel| Ports {
            below: &blocks,
            above: &[],
            above_start: blocks.len(),
            scratch: &scratch,
            literals: &literals,
            operands: &operands,
            offset,
            frames: n,
            channel,
        };
        for (channel, processor) in self.processors.iter_mut().enumerate() {
            let mut io = Io {
                ctx: &ctx,
                ins: ports(channel),
                outs: &mut outs[channel * per_instance..(channel + 1) * per_instance],
                min_delay_frames: self.min_delay,
            };
            assert_no_alloc(|| {
                if self.min_delay > 0 {
                    processor.read(&mut io);
                    processor.write(&mut io);
                } else {
                    processor.process(&mut io);
                }
            });
        }
        for block in &outs {
            for (i, y) in block.0.iter().enumerate() {
                let inside = (offset..offset + n).contains(&i);
                assert!(
                    inside || *y == POISON,
                    "{}: wrote outside its chunk",
                    spec.name
                );
            }
        }
        let right = self.outputs - 1;
        out.extend((offset..offset + n).map(|i| [outs[0].0[i], outs[right].0[i]]));
        self.frame += n as u64;
    }

    /// Back to frame 0 and the just-built state.
    pub fn reset(&mut self) {
        assert_no_alloc(|| self.processors.iter_mut().for_each(|p| p.reset()));
        self.frame = 0;
        self.transport.reset();
        self.transport.begin_block(0, &self.setup.host);
    }
}

/// Bits of an output, so that comparisons tell 0 from −0 and see every rounding.
pub fn bits(out: &Output) -> Vec<[u32; 2]> {
    out.iter()
        .map(|[l, r]| [l.to_bits(), r.to_bits()])
        .collect()
}

/// Largest size of a sample; infinite if one is not a number.
pub fn peak(out: &[[f32; 2]]) -> f32 {
    out.iter().flatten().fold(0.0, |m: f32, x| {
        if x.is_nan() {
            f32::INFINITY
        } else {
            m.max(x.abs())
        }
    })
}

/// Noise between −1 and 1 with occasional impulses above 0, different on both sides.
pub fn noise(frame: u64) -> [f32; 2] {
    use glisten_engine::dsp::noise;
    [noise::sample(11, frame), noise::sample(12, frame)]
}

/// Silence with a pulse of 1 every 4800 frames: a trigger for envelopes and drums.
pub fn pulses(frame: u64) -> [f32; 2] {
    [if frame % 4800 == 7 { 1.0 } else { 0.0 }; 2]
}
