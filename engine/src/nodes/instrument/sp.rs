//! `sp`: a sampler that plays a recorded sound at each trigger.

use super::voices::Voices;
use crate::processor::{Inherit, Io, Processor, Value};
use crate::registry::{Activity, Category, Input, NodeSpec, SampleName, Tail, Width};

const SAMPLE: SampleName = SampleName::new(0, "sample").doc(
    "The sound's name after a backslash: the name of a file in the sample folder, without its \
     ending.",
);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "sp",
    aliases: &["sampler"],
    category: Category::Instrument,
    summary: "Sampler: plays a recorded sound at each trigger.",
    doc: "Each sample above 0 of its input, as from `seq` or `imp`, starts the sound on that very \
          frame. The trigger's value is the speed: 1 plays the sound as it was recorded, 2 an \
          octave higher and twice as fast, so note 60 of a `seq` is the original pitch. Speeds are \
          kept within six octaves up and down.\n\n\
          Sounds overlap and add up, each at full level; with more than 64 at once the oldest \
          fades out. At speed 1 the recording is played unchanged. At other speeds it is \
          interpolated with a windowed sinc, and what would fold back when it is played faster is \
          filtered out first.\n\n\
          A mono sound is heard on both sides, a stereo one keeps its sides. A name that does not \
          exist is silent, with a warning. An edit of the name lets sounding voices end; the next \
          trigger plays the new sound.",
    differs: "Upstream interpolates in a straight line, plays slightly slow, and refuses a \
              program with an unknown name.",
    examples: &[
        "out: seq 60 _ 67 72_60 >> sp \\guitar >> mul 0.5",
        "~hats: speed 4 >> seq 60 72 60 67 >> sp \\hh >> mul 0.3\nout: seq 60 60 60 60 >> sp \\bd >> \
         add ~hats",
    ],
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Endless,
    activity: Some(Activity::Driven),
    args: &[SAMPLE.spec()],
    build: Some(|b| {
        Ok(Box::new(Sampler {
            voices: Voices::new(vec![b.sample(SAMPLE)], b.sample_rate),
        }))
    }),
    ..NodeSpec::PLAIN
};

struct Sampler {
    voices: Voices,
}

impl Processor for Sampler {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let trigger = io.ins.input_channel(0);
        let (left, right) = io.outputs();
        left.fill(0.0);
        right.fill(0.0);
        let triggered = match trigger {
            Value::Held(x) => x > 0.0,
            Value::Moving(xs) => xs.iter().any(|x| *x > 0.0),
        };
        if !triggered {
            self.voices.play_part(0, frames, left, right);
            return;
        }
        let mut done = 0;
        for i in 0..frames {
            let speed = trigger.at(i);
            if speed > 0.0 {
                self.voices.play_part(done, i, left, right);
                self.voices.start(0, speed);
                done = i;
            }
        }
        self.voices.play_part(done, frames, left, right);
    }

    fn reset(&mut self) {
        self.voices.reset();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_mut::<Self>()
        {
            self.voices.inherit(&mut old.voices);
        }
    }
}
