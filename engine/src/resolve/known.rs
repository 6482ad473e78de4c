//! Names that no node of this version has but that people type: nodes still to come, names from
//! older Glicol and from other languages.
//!
//! Only asked after the registry said no, to tell more than "unknown". When a node of such a name
//! is added to the registry, its entry here is dead and a test asks for its removal.

use crate::registry::Registry;

/// Nodes that Glisten adds later.
const GLISTEN_LATER: &[&str] = &["wasm"];

/// Other names for today's nodes, and whether the arguments stay the same.
const RENAMED: &[(&str, &str, bool)] = &[
    ("*", "mul", true),
    ("+", "add", true),
    ("adenv", "envperc", true),
    ("ahdsr", "adsr", false),
    ("allpass", "apfmsgain", false),
    ("amp", "mul", true),
    ("amplfo", "mul", false),
    ("ar", "envperc", true),
    ("arp", "seq", false),
    ("asr", "adsr", false),
    ("bandpass", "bpf", true),
    ("bandreject", "notch", true),
    ("bandstop", "notch", true),
    ("bitcrush", "crush", true),
    ("bitcrusher", "crush", true),
    ("bitreduce", "crush", true),
    ("bjorklund", "eu", false),
    ("bp", "bpf", true),
    ("brownnoise", "brown", true),
    ("buf", "sp", true),
    ("buffer", "sp", true),
    ("bufplay", "sp", true),
    ("clamp", "clip", true),
    ("clap", "sn", true),
    ("comp", "compress", false),
    ("compressor", "compress", false),
    ("const", "sig", true),
    ("const_sig", "sig", true),
    ("crash", "hh", true),
    ("crossfade", "balance", false),
    ("cymbal", "hh", true),
    ("decay", "envperc", false),
    ("decimate", "crush", false),
    ("delay", "delayms", true),
    ("delaysamples", "delayn", true),
    ("delaysamps", "delayn", true),
    ("dist", "tanh", true),
    ("distort", "tanh", true),
    ("distortion", "tanh", true),
    ("drive", "tanh", true),
    ("drunk", "walk", false),
    ("ducking", "duck", false),
    ("env", "envperc", true),
    ("env_adsr", "adsr", true),
    ("env_perc", "envperc", true),
    ("envadsr", "adsr", true),
    ("envelope", "envperc", true),
    ("envfollow", "follow", false),
    ("envfollower", "follow", false),
    ("euclid", "eu", false),
    ("euclidean", "eu", false),
    ("filter", "lpf", true),
    ("folder", "fold", true),
    ("follower", "follow", false),
    ("fuzz", "tanh", true),
    ("gain", "mul", true),
    ("glide", "slew", false),
    ("guitar", "pluck", true),
    ("gverb", "reverb", false),
    ("hardclip", "clip", true),
    ("hat", "hh", true),
    ("high_shelf", "highshelf", false),
    ("highpass", "hpf", true),
    ("hihat", "hh", true),
    ("hishelf", "highshelf", false),
    ("hp", "hpf", true),
    ("hpfilter", "hpf", true),
    ("hshelf", "highshelf", false),
    ("impulse", "imp", true),
    ("karplus", "pluck", true),
    ("kick", "bd", true),
    ("ladder", "moog", true),
    ("lag", "slew", false),
    ("limit", "limiter", false),
    ("loshelf", "lowshelf", false),
    ("low_shelf", "lowshelf", false),
    ("lowpass", "lpf", true),
    ("lp", "lpf", true),
    ("lpfilter", "lpf", true),
    ("lshelf", "lowshelf", false),
    ("midi_in", "midi", true),
    ("midi_to_freq", "mtof", true),
    ("midicps", "mtof", true),
    ("midiin", "midi", true),
    ("monosum", "mix", false),
    ("moogladder", "moog", true),
    ("multiply", "mul", true),
    ("multitap", "echo", false),
    ("noisegate", "gate", false),
    ("notein", "midi", true),
    ("notchfilter", "notch", true),
    ("osc", "sin", true),
    ("overdrive", "tanh", true),
    ("panner", "pan", true),
    ("parametric", "bell", false),
    ("peak", "bell", false),
    ("peaking", "bell", false),
    ("peq", "bell", false),
    ("perc", "envperc", true),
    ("perc_env", "envperc", true),
    ("percussion", "bd", true),
    ("pha", "phaser", false),
    ("ping_pong", "pingpong", true),
    ("pinknoise", "pink", true),
    ("play", "sp", true),
    ("plus", "add", true),
    ("polyphony", "poly", true),
    ("portamento", "slew", false),
    ("pwm", "pulse", true),
    ("quantise", "quant", false),
    ("quantize", "quant", false),
    ("rand", "choose", false),
    ("random", "choose", false),
    ("randomwalk", "walk", false),
    ("reson", "bpf", true),
    ("revreb", "reverb", false),
    ("ride", "hh", true),
    ("rim", "sn", true),
    ("ringmod", "mul", false),
    ("rlpf", "lpf", true),
    ("sah", "hold", false),
    ("sample", "sp", true),
    ("samplehold", "hold", false),
    ("samples", "sp", true),
    ("saturate", "tanh", true),
    ("sawtooth", "saw", true),
    ("seqence", "seq", true),
    ("sequence", "seq", true),
    ("sequencer", "seq", true),
    ("shaker", "hh", true),
    ("sine", "sin", true),
    ("smooth", "slew", false),
    ("snare", "sn", true),
    ("softclip", "tanh", true),
    ("spd", "speed", true),
    ("spread", "width", false),
    ("sqaure", "squ", true),
    ("sqr", "squ", true),
    ("square", "squ", true),
    ("string", "pluck", true),
    ("sum", "mix", true),
    ("times", "mul", true),
    ("tom", "bd", true),
    ("triangle", "tri", true),
    ("verb", "reverb", false),
    ("vol", "mul", true),
    ("volume", "mul", true),
    ("voices", "poly", true),
    ("wav", "sp", true),
    ("wavefold", "fold", true),
    ("wavefolder", "fold", true),
    ("wavetable", "wave", false),
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
    ("eq", "Use `bell`, `lowshelf` or `highshelf`."),
    ("equalizer", "Use `bell`, `lowshelf` or `highshelf`."),
    ("hush", "Stop the host, or take the audible chains away."),
    (
        "linrange",
        "Use `mul` with half the range, then `add` with its middle.",
    ),
    ("import", "All nodes are there. Take this line away."),
    ("loop", "Use `seq`: it repeats by itself."),
    ("mute", "Begin its name with `~`, and nobody hears it."),
    (
        "play",
        "Every chain without `~` in its name plays by itself.",
    ),
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
    (
        "sidechain",
        "Use `duck`. The sound that ducks it is `~sidechain`.",
    ),
    ("silence", "Take the audible chains away."),
    ("stop", "Stop the host, or take the audible chains away."),
    (
        "tempo",
        "The host sets the tempo. Use `speed` for a faster pattern.",
    ),
    (
        "tremolo",
        "Use `mul` with a slow `lfo` in a chain of its own.",
    ),
    (
        "vibrato",
        "Give the source's frequency a slow `lfo` to follow.",
    ),
];

/// Other names for today's built-in references.
const RENAMED_REFERENCES: &[(&str, &str)] = &[
    ("~adc", "~input"),
    ("~aftertouch", "~press"),
    ("~audio", "~input"),
    ("~breath", "~cc2"),
    ("~brightness", "~timbre"),
    ("~expression", "~cc11"),
    ("~frequency", "~freq"),
    ("~hz", "~freq"),
    ("~in", "~input"),
    ("~key", "~note"),
    ("~keyboard", "~note"),
    ("~mic", "~input"),
    ("~mod", "~cc1"),
    ("~modulation", "~cc1"),
    ("~modwheel", "~cc1"),
    ("~mw", "~cc1"),
    ("~notenumber", "~note"),
    ("~pb", "~bend"),
    ("~pedal", "~cc64"),
    ("~pitch", "~freq"),
    ("~pitchbend", "~bend"),
    ("~pressure", "~press"),
    ("~side", "~sidechain"),
    ("~slide", "~timbre"),
    ("~sustain", "~cc64"),
    ("~tempo", "~bpm"),
    ("~touch", "~press"),
    ("~track", "~input"),
    ("~velo", "~vel"),
    ("~velocity", "~vel"),
    ("~wheel", "~bend"),
];

/// Whether a name is that of a node to come.
pub fn later_node(name: &str) -> bool {
    GLISTEN_LATER.contains(&name)
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
    let later = GLISTEN_LATER.iter().copied();
    let renamed = RENAMED.iter().map(|(n, ..)| *n);
    let advised = ADVICE.iter().map(|(n, _)| *n);
    let references = RENAMED_REFERENCES.iter().map(|(n, _)| *n);
    later.chain(renamed).chain(advised).chain(references)
}
