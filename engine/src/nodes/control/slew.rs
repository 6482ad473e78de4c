//! `slew`: a slew limiter.

use crate::nodes::support::predecessor;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{Activity, Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const UP: Signal = Signal::new(0, "up")
    .unit(Unit::Seconds)
    .range(0.0, 3600.0)
    .default(0.1)
    .doc("Time a rise by 1 takes at least. 0 does not limit.");
/// Stands for "as `up`".
const AS_UP: f32 = -1.0;
const DOWN: Signal = Signal::new(1, "down")
    .unit(Unit::Seconds)
    .range(AS_UP, 3600.0)
    .default(AS_UP)
    .doc("Time a fall by 1 takes at least; -1, or nothing, is the same as `up`.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "slew",
    category: Category::Control,
    summary: "Slew limiter: rises and falls no faster than you say.",
    doc: "Turns steps into straight ramps: `slew 0.1` takes 0.1 s for a step of 1, 0.2 s for a step \
          of 2. With two numbers, rising and falling differ, so a gate becomes an envelope. It \
          starts at the first value it sees.\n\n\
          For frequencies mind the size of the step: a glide from 200 to 300 Hz in 0.1 s is \
          `slew 0.001`.",
    examples: &[
        "~clock: imp 4\n~pitch: noiz 1 >> hold ~clock >> slew 0.1 >> mul 200 >> add 400\n\
         out: sin ~pitch >> mul 0.3",
        "~gate: squ 2\n~env: ~gate >> slew 0.02 0.2\nout: saw 110 >> mul ~env >> mul 0.3",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    tail: Tail::Endless,
    activity: Some(Activity::Driven),
    args: &[UP.spec(), DOWN.spec()],
    build: Some(|b| {
        Ok(Box::new(Slew {
            value: None,
            seconds_per_frame: 1.0 / f64::from(b.sample_rate),
        }))
    }),
    ..NodeSpec::PLAIN
};

#[derive(Clone, Copy)]
struct Slew {
    /// Doubles, so that a slow ramp goes on where its steps are small against the value.
    value: Option<f64>,
    seconds_per_frame: f64,
}

impl Processor for Slew {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        let (input, up, down) = (ins.input(), ins.arg(UP), ins.arg(DOWN));
        for (i, y) in out.iter_mut().enumerate() {
            let up_seconds = f64::from(UP.clamp(up.at(i)));
            let down_seconds = match DOWN.clamp(down.at(i)) {
                same if same < 0.0 => up_seconds,
                seconds => f64::from(seconds),
            };
            let wanted = f64::from(input.at(i));
            let value = self.value.map_or(wanted, |value| {
                let seconds = if wanted > value {
                    up_seconds
                } else {
                    down_seconds
                };
                // With no time at all the step is infinite, also where the time is −0.
                let step = (self.seconds_per_frame / seconds).abs();
                if (wanted - value).abs() <= step {
                    wanted
                } else {
                    value + step.copysign(wanted - value)
                }
            });
            self.value = Some(value);
            *y = value as f32;
        }
    }

    fn reset(&mut self) {
        self.value = None;
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Some(other) = predecessor::<Self>(&from) {
            self.value = other.value;
        }
    }
}
