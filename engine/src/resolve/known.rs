//! Names that no node of this version has but that people type: nodes still to come, names from
//! older Glicol and from other languages.
//!
//! Only asked after the registry said no, to tell more than "unknown". When a node of such a name
//! is added to the registry, its entry here is dead and a test asks for its removal.

use crate::registry::Registry;

/// Nodes of upstream Glicol 0.13.5 that come later, with one that helps meanwhile.
///
/// A user's chain of such a name is never meant by the bare word (R4.8), lest programs change their
/// meaning when the node arrives.
const UPSTREAM_LATER: &[(&str, &str)] = &[
    ("eval", ""),
    ("meta", ""),
    ("msg_synth", ""),
    ("msgsynth", ""),
    ("script", ""),
];

/// Nodes that Glisten adds later.
const GLISTEN_LATER: &[&str] = &["knob", "midi", "poly", "wasm"];

/// Built-in references that come later; `~cc` and a number too.
const REFERENCES_LATER: &[&str] = &[
    "~bend", "~freq", "~gate", "~note", "~press", "~timbre", "~vel",
];

/// Other names for today's nodes, and whether the arguments stay the same.
const RENAMED: &[(&str, &str, bool)] = &[
    ("*", "mul", true),
    ("+", "add", true),
    ("allpass", "apfmsgain", false),
    ("amp", "mul", true),
    ("amplfo", "mul", false),
    ("bitcrush", "crush", true),
    ("bitcrusher", "crush", true),
    ("brownnoise", "brown", true),
    ("const", "sig", true),
    ("const_sig", "sig", true),
    ("decimate", "crush", false),
    ("delay", "delayms", true),
    ("dist", "tanh", true),
    ("distort", "tanh", true),
    ("distortion", "tanh", true),
    ("drive", "tanh", true),
    ("env", "envperc", true),
    ("env_perc", "envperc", true),
    ("filter", "lpf", true),
    ("folder", "fold", true),
    ("gain", "mul", true),
    ("hardclip", "clip", true),
    ("hat", "hh", true),
    ("highpass", "hpf", true),
    ("hihat", "hh", true),
    ("impulse", "imp", true),
    ("kick", "bd", true),
    ("linrange", "mul", false),
    ("lowpass", "lpf", true),
    ("monosum", "mix", false),
    ("osc", "sin", true),
    ("overdrive", "tanh", true),
    ("panner", "pan", true),
    ("perc_env", "envperc", true),
    ("pinknoise", "pink", true),
    ("plus", "add", true),
    ("pwm", "pulse", true),
    ("rand", "choose", false),
    ("random", "choose", false),
    ("rlpf", "lpf", true),
    ("saturate", "tanh", true),
    ("sawtooth", "saw", true),
    ("sine", "sin", true),
    ("snare", "sn", true),
    ("softclip", "tanh", true),
    ("spd", "speed", true),
    ("sqr", "squ", true),
    ("square", "squ", true),
    ("sum", "mix", true),
    ("triangle", "tri", true),
    ("verb", "plate", false),
    ("vol", "mul", true),
    ("volume", "mul", true),
    ("wavefold", "fold", true),
    ("wavefolder", "fold", true),
    ("white", "noiz", true),
];

/// A node of the plans that this version lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    /// A node that helps meanwhile.
    pub instead: Option<&'static str>,
    /// Whether the bare word means this node even beside a user's chain of that name.
    pub reserved: bool,
}

/// Whether a name is that of a node to come.
pub fn later_node(name: &str) -> Option<Later> {
    if let Some((_, instead)) = UPSTREAM_LATER.iter().find(|(n, _)| *n == name) {
        let instead = Some(*instead).filter(|s| !s.is_empty());
        return Some(Later {
            instead,
            reserved: true,
        });
    }
    GLISTEN_LATER.contains(&name).then_some(Later {
        instead: None,
        reserved: false,
    })
}

/// Whether a name is that of a built-in reference to come.
pub fn later_reference(name: &str) -> bool {
    let is_controller = name
        .strip_prefix("~cc")
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    is_controller || REFERENCES_LATER.contains(&name)
}

/// Today's node for another name, if the registry has it, and whether the arguments stay the same.
pub fn renamed(name: &str, registry: &Registry) -> Option<(&'static str, bool)> {
    let (_, today, same_args) = RENAMED.iter().find(|(n, ..)| *n == name)?;
    registry.find(today).map(|spec| (spec.name, *same_args))
}

/// Every name in these tables.
pub fn all() -> impl Iterator<Item = &'static str> {
    let later = UPSTREAM_LATER
        .iter()
        .map(|(n, _)| *n)
        .chain(GLISTEN_LATER.iter().copied());
    let renamed = RENAMED.iter().map(|(n, ..)| *n);
    later.chain(REFERENCES_LATER.iter().copied()).chain(renamed)
}
