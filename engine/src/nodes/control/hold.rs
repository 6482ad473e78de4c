//! `hold`: sample and hold.

use crate::nodes::support::predecessor;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{Activity, Category, Input, NodeSpec, Signal, Smoothing, Tail, Width};

const TRIGGER: Signal = Signal::new(0, "trigger")
    .smoothing(Smoothing::Jump)
    .doc("When to look: each time this signal rises above 0.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "hold",
    category: Category::Control,
    summary: "Sample and hold: keeps a value until the next trigger.",
    doc: "Each time the trigger rises above 0 it takes the value of the signal before it and keeps \
          it. A single sample, as `imp` and `seq` send, triggers once, and so does a gate that stays \
          above 0. Before the first trigger it gives 0. With a number as trigger it keeps the first \
          value for ever.\n\nRandom steps are noise that is held: `noiz 1 >> hold ~clock`.",
    examples: &[
        "~clock: imp 8\n~pitch: noiz 1 >> hold ~clock >> mul 200 >> add 400\n\
         out: sin ~pitch >> mul 0.3",
        "~clock: speed 4 >> seq 60 _ 60 60\n~cut: sin 0.3 >> hold ~clock >> mul 800 >> add 1000\n\
         out: saw 55 >> lpf ~cut 3 >> mul 0.3",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    tail: Tail::Endless,
    activity: Some(Activity::Driven),
    args: &[TRIGGER.spec()],
    build: Some(|_| Ok(Box::new(Hold::default()))),
    ..NodeSpec::PLAIN
};

#[derive(Clone, Copy, Default)]
struct Hold {
    value: f32,
    was_above: bool,
}

impl Processor for Hold {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        let (input, trigger) = (ins.input(), ins.arg(TRIGGER));
        for (i, y) in out.iter_mut().enumerate() {
            let above = trigger.at(i) > 0.0;
            if above && !self.was_above {
                self.value = input.at(i);
            }
            self.was_above = above;
            *y = self.value;
        }
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Some(other) = predecessor::<Self>(&from) {
            *self = *other;
        }
    }
}
