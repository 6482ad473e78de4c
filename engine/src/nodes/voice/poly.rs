//! `poly`: the sum of voices.

use crate::registry::{Category, Input, Integers, NodeSpec, Role, Width};

/// Voices of a `poly`.
pub const VOICES: Integers = Integers::new(0, "voices").doc("Notes that may sound at a time.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "poly",
    category: Category::Routing,
    summary: "Plays what stands before it once for each held key, and sums it.",
    doc: "Everything before it that uses a voice reference (`~freq`, `~gate`, `midi` ...) exists \
          once for each voice; everything after it runs once.",
    examples: &[
        "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\nout: saw ~freq >> mul ~env >> poly 8 >> mul 0.2",
    ],
    upstream: false,
    role: Role::Poly,
    input: Input::Required,
    width: Width::Input,
    args: &[VOICES.spec()],
    ..NodeSpec::PLAIN
};
