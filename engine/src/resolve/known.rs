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
const UPSTREAM_LATER: &[(&str, &str)] = &[];

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
    ("ar", "envperc", true),
    ("arp", "seq", false),
    ("bandpass", "bpf", true),
    ("bitcrush", "crush", true),
    ("bitcrusher", "crush", true),
    ("brownnoise", "brown", true),
    ("buf", "sp", true),
    ("bufplay", "sp", true),
    ("clamp", "clip", true),
    ("clap", "sn", true),
    ("comp", "compress", false),
    ("compressor", "compress", false),
    ("const", "sig", true),
    ("const_sig", "sig", true),
    ("crash", "hh", true),
    ("cymbal", "hh", true),
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
    ("hp", "hpf", true),
    ("hpfilter", "hpf", true),
    ("impulse", "imp", true),
    ("kick", "bd", true),
    ("lowpass", "lpf", true),
    ("lp", "lpf", true),
    ("lpfilter", "lpf", true),
    ("monosum", "mix", false),
    ("moogladder", "moog", true),
    ("multiply", "mul", true),
    ("notes", "seq", true),
    ("osc", "sin", true),
    ("overdrive", "tanh", true),
    ("panner", "pan", true),
    ("perc", "envperc", true),
    ("perc_env", "envperc", true),
    ("percussion", "bd", true),
    ("pha", "phaser", false),
    ("pinknoise", "pink", true),
    ("play", "sp", true),
    ("plus", "add", true),
    ("pwm", "pulse", true),
    ("rand", "choose", false),
    ("random", "choose", false),
    ("revreb", "reverb", false),
    ("ride", "hh", true),
    ("rim", "sn", true),
    ("rlpf", "lpf", true),
    ("sample", "sp", true),
    ("saturate", "tanh", true),
    ("sawtooth", "saw", true),
    ("seqence", "seq", true),
    ("sequence", "seq", true),
    ("sequencer", "seq", true),
    ("shaker", "hh", true),
    ("sine", "sin", true),
    ("snare", "sn", true),
    ("softclip", "tanh", true),
    ("spd", "speed", true),
    ("sqaure", "squ", true),
    ("sqr", "squ", true),
    ("square", "squ", true),
    ("string", "pluck", true),
    ("sum", "mix", true),
    ("times", "mul", true),
    ("tom", "bd", true),
    ("triangle", "tri", true),
    ("verb", "plate", false),
    ("vol", "mul", true),
    ("volume", "mul", true),
    ("wavefold", "fold", true),
    ("wavefolder", "fold", true),
    ("white", "noiz", true),
    ("whitenoise", "noiz", true),
];

/// Words to which no single node answers, and what to do instead.
const ADVICE: &[(&str, &str)] = &[
    ("adc", "Use `~input` for the track's audio."),
    (
        "bpm",
        "The host sets the tempo. Use `speed` for a faster pattern.",
    ),
    (
        "cps",
        "The host sets the tempo. Use `speed` for a faster pattern.",
    ),
    ("hush", "Stop the host, or take the audible chains away."),
    (
        "linrange",
        "Use `mul` with half the range, then `add` with its middle.",
    ),
    ("loop", "Use `seq`: it repeats by itself."),
    ("print", "Name a chain without `~` to hear it."),
    ("sendpass", "Use `~name` to read a chain elsewhere."),
    (
        "setbpm",
        "The host sets the tempo. Use `speed` for a faster pattern.",
    ),
    (
        "setcps",
        "The host sets the tempo. Use `speed` for a faster pattern.",
    ),
    ("silence", "Take the audible chains away."),
    ("stop", "Stop the host, or take the audible chains away."),
    (
        "tempo",
        "The host sets the tempo. Use `speed` for a faster pattern.",
    ),
];

/// Other names for today's built-in references.
const RENAMED_REFERENCES: &[(&str, &str)] = &[
    ("~adc", "~input"),
    ("~audio", "~input"),
    ("~in", "~input"),
    ("~mic", "~input"),
    ("~side", "~sidechain"),
    ("~tempo", "~bpm"),
    ("~track", "~input"),
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

/// What to do instead of a node that never was.
pub fn advice(name: &str) -> Option<&'static str> {
    let found = ADVICE.iter().find(|(n, _)| *n == name);
    found.map(|(_, advice)| *advice)
}

/// Today's built-in reference for another name.
pub fn renamed_reference(name: &str) -> Option<&'static str> {
    let found = RENAMED_REFERENCES.iter().find(|(n, _)| *n == name);
    found.map(|(_, today)| *today)
}

/// Every name in these tables.
pub fn all() -> impl Iterator<Item = &'static str> {
    let later = UPSTREAM_LATER
        .iter()
        .map(|(n, _)| *n)
        .chain(GLISTEN_LATER.iter().copied());
    let renamed = RENAMED.iter().map(|(n, ..)| *n);
    let advised = ADVICE.iter().map(|(n, _)| *n);
    let references = RENAMED_REFERENCES.iter().map(|(n, _)| *n);
    later
        .chain(REFERENCES_LATER.iter().copied())
        .chain(renamed)
        .chain(advised)
        .chain(references)
}
