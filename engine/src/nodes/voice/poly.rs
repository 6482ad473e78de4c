//! `poly`: the sum of voices.

use crate::registry::{Build, Category, Choice, Input, NodeSpec, Number, Role, Unit, Width};
use crate::voice::GroupSettings;

const VOICES: Number = Number::new(0, "voices")
    .range(1.0, 64.0)
    .whole()
    .default(8.0)
    .doc("Notes that may sound at a time.");
const MODE: Choice = Choice::new(1, "mode")
    .words(&["poly", "mono", "legato"])
    .doc("With one voice: `mono` starts every note anew, `legato` slides from a held one.");
const GLIDE: Number = Number::new(2, "glide")
    .unit(Unit::Milliseconds)
    .range(0.0, 10_000.0)
    .default(0.0)
    .doc("Time in which the pitch goes from the last note to the new one.");

/// Index of `legato` among the words of the mode.
const LEGATO: usize = 2;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "poly",
    category: Category::Routing,
    summary: "Plays what stands before it once for each held key, and sums it.",
    doc: "Everything before it that uses a voice reference (`~freq`, `~gate`, `midi` ...) exists \
          once for each voice. Everything after it runs once, so reverbs and delays belong there. \
          A new note takes a free voice, else the oldest released one, else the oldest. \
          A chain that is heard and lacks a `poly` ends with `poly 8`.\n\n\
          `poly 1 mono` plays one note at a time and goes back to a key that is still held. \
          `poly 1 legato 80` starts a note only when no other key is held; else the pitch goes \
          there within 80 milliseconds.",
    examples: &[
        "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\nout: saw ~freq >> mul ~env >> poly 8 >> mul 0.2",
        "~env: ~gate >> adsr 0.005 0.1 0.6 0.2\n\
         out: squ ~freq >> lpf 900 2 >> mul ~env >> poly 1 legato 80 >> mul 0.3",
    ],
    upstream: false,
    role: Role::Poly,
    input: Input::Required,
    width: Width::Input,
    args: &[VOICES.spec(), MODE.spec(), GLIDE.spec()],
    voices: Some(settings),
    ..NodeSpec::PLAIN
};

fn settings(build: &Build<'_>) -> GroupSettings {
    GroupSettings {
        // The range of the argument makes this exact.
        polyphony: build.number(VOICES) as u8,
        legato: build.choice(MODE) == LEGATO,
        glide_ms: build.number(GLIDE),
        gated: false,
    }
}
