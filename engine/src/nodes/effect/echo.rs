//! `echo`: a delay with feedback.

use super::repeats::{REPEATS, build};
use crate::dsp::echo::Path;
use crate::registry::{NodeSpec, Width};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "echo",
    summary: "Repeats that fade away; each may be higher or lower than the last.",
    doc: "The first repeat is the sound as it was, at the exact sample when `shift` is 0. Later \
          ones pass a low-pass at `tone` and a high-pass at 20 Hz. What goes round is limited to \
          twice full scale, so a feedback of 1 or more is safe.\n\n\
          With a `shift`, repeats climb or fall by that many semitones each. The sound is then \
          read in pieces that overlap where they are alike, so it may come some 20 ms early or \
          late; the shortest time is then 56 ms.",
    examples: &[
        "out: ~input >> echo 1/8. 0.5 0.3",
        "out: imp 1 >> envperc 0.001 0.1 >> mul ~tone >> echo 250 0.7 0.5 7\n~tone: sin 330",
        "~time: sin 0.2 >> mul 20 >> add 200\nout: ~input >> echo ~time 0.6 0.4 0 2000",
    ],
    width: Width::Input,
    build: Some(|b| build(b, Path::Straight)),
    ..REPEATS
};
