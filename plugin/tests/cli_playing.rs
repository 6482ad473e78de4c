//! Renders that are played: knobs set by name, keys from MIDI files.

mod folder;

use folder::{Folder, err};

/// A MIDI file of one track at 480 ticks per quarter note.
fn midi(track: &[u8]) -> Vec<u8> {
    let mut bytes = b"MThd\0\0\0\x06\0\0\0\x01\x01\xe0MTrk".to_vec();
    bytes.extend((track.len() as u32 + 4).to_be_bytes());
    bytes.extend(track);
    bytes.extend([0, 0xff, 0x2f, 0]);
    bytes
}

/// A above middle C from beat 1 to beat 2.
const ONE_NOTE: &[u8] = &[0x83, 0x60, 0x90, 69, 100, 0x83, 0x60, 0x80, 69, 0];

/// What `midi` gives for it.
const PULSE: f32 = 1.681_793;

/// Left channel of a render of `program` with more arguments.
fn left(folder: &Folder, program: &str, args: &[&str]) -> Vec<f32> {
    folder.write("p.glicol", program);
    let mut all = vec!["render", "p.glicol", "-o", "out.wav", "--no-guard"];
    all.extend(args);
    folder.ok(&all);
    let (spec, samples) = folder.samples("out.wav");
    assert_eq!(spec.channels, 2);
    samples.into_iter().step_by(2).collect()
}

fn pulses(samples: &[f32]) -> Vec<(usize, f32)> {
    let numbered = samples.iter().copied().enumerate();
    numbered.filter(|(_, x)| *x != 0.0).collect()
}

#[test]
fn knobs_are_set_by_name_in_the_units_of_the_program() {
    let folder = Folder::new("set");
    let program = "~cut: knob 800 20 20000\n~mix: knob 0.5\nout: ";
    let value = |chain: &str, args: &[&str]| {
        let args = [&["--seconds", "0.01"], args].concat();
        let heard = left(&folder, &format!("{program}{chain}"), &args);
        // From the first frame on, without a ramp.
        assert!(heard.iter().all(|x| *x == heard[0]), "{args:?}");
        heard[0]
    };
    let near = |x: f32, y: f32| assert!((x - y).abs() < y * 1e-5, "{x} for {y}");
    near(value("~cut", &[]), 800.0);
    near(value("~cut", &["--set", "cut=440"]), 440.0);
    near(value("~cut", &["--set", "~cut=1.5 kHz"]), 1500.0);
    assert_eq!(value("~cut", &["--set", "cut=2e4"]), 20_000.0);
    assert_eq!(
        value("~mix", &["--set", "mix=0.25", "--set", "cut=20"]),
        0.25
    );
    assert_eq!(value("~mix", &["--set", "mix=75%"]), 0.75);
}

#[test]
fn impossible_settings_of_knobs_are_refused_with_what_is_possible() {
    let folder = Folder::new("set_refused");
    folder.write(
        "p.glicol",
        "~cut: knob 800 20 20000\nout: saw 110 >> lpf ~cut 1",
    );
    folder.write("none.glicol", "out: saw 110");
    let set = |program: &str, value: &str, words: &[&str]| {
        folder.refused(
            &["render", program, "-o", "o.wav", "--set", value],
            2,
            words,
        );
    };
    set(
        "p.glicol",
        "cat=800",
        &["no knob \"cat\"", "Is it \"cut\"?"],
    );
    set(
        "p.glicol",
        "volume=1",
        &["no knob \"volume\"", "It has: cut."],
    );
    set("none.glicol", "cut=800", &["It has none at all."]);
    set("p.glicol", "cut=19", &["between 20 and 20000", "not 19"]);
    set("p.glicol", "cut=30kHz", &["between 20 and 20000"]);
    set(
        "p.glicol",
        "cut=fast",
        &["a number such as 800", "\"fast\""],
    );
    set("p.glicol", "cut=nan", &["a number such as 800"]);
    set("p.glicol", "cut=3 dB", &["a number such as 800"]);
    for bad in ["cut", "cut=", "=800"] {
        set("p.glicol", bad, &["NAME=VALUE"]);
    }
    let twice = ["--set", "cut=100", "--set", "~cut=200"];
    let args = [&["render", "p.glicol", "-o", "o.wav"], &twice[..]].concat();
    folder.refused(&args, 2, &["\"cut\" is set twice"]);
    assert!(!folder.0.join("o.wav").exists());
}

#[test]
fn keys_play_on_the_frame_of_their_beat() {
    let folder = Folder::new("midi");
    folder.write("in.mid", midi(ONE_NOTE));
    let heard = |args: &[&str]| {
        left(
            &folder,
            "out: midi",
            &[&["--midi", "in.mid"], args].concat(),
        )
    };
    // Two beats of 24,000 frames, and four seconds more.
    let whole = heard(&[]);
    assert_eq!(whole.len(), 48_000 + 192_000);
    let at = |samples: &[f32]| {
        let [(frame, x)] = pulses(samples)[..] else {
            panic!("{:?}", pulses(samples))
        };
        assert!((x - PULSE).abs() < 1e-5, "{x}");
        frame
    };
    assert_eq!(at(&whole), 24_000);
    // The nearest frame to 24,615.4 and to 26,966.3.
    assert_eq!(at(&heard(&["--bpm", "117"])), 24_615);
    assert_eq!(at(&heard(&["--bpm", "106.8"])), 26_966);
    assert_eq!(at(&heard(&["--rate", "44100"])), 22_050);
    assert_eq!(at(&heard(&["--start-beat", "0.5"])), 12_000);
    assert_eq!(heard(&["--seconds", "0.75"]).len(), 36_000);
    assert!(pulses(&heard(&["--start-beat", "1.5"])).is_empty());
}

#[test]
fn chords_controllers_and_bends_reach_the_program() {
    let folder = Folder::new("midi_messages");
    let track: &[u8] = &[
        0, 0xb0, 1, 127, // the modulation wheel, before everything
        0x83, 0x60, 0x90, 60, 127, 0, 64, 127, // two keys at once
        0, 0xe0, 0x7f, 0x7f, // and the pitch wheel
    ];
    folder.write("in.mid", midi(track));
    let heard = |program: &str, args: &[&str]| {
        left(&folder, program, &[&["--midi", "in.mid"], args].concat())
    };
    let chord = pulses(&heard("out: midi", &[]));
    assert_eq!(chord.len(), 1);
    assert!((chord[0].1 - 1.0 - 2_f32.powf(4.0 / 12.0)).abs() < 1e-5);
    assert!(heard("out: ~cc1", &[]).iter().all(|x| *x == 1.0));
    // What stood before the start of the render still holds.
    let later = heard("out: ~cc1", &["--start-beat", "0.5"]);
    assert!(later.iter().all(|x| *x == 1.0));
    let bent = |args: &[&str]| {
        let heard = heard("out: ~freq >> mul 0.001 >> poly 1", args);
        f64::from(heard[24_000 + 9_600]) * 1000.0
    };
    // E is the newer key; the wheel goes two semitones up, in MPE 48 for a note's own channel.
    let hertz = |key: f64| 440.0 * 2_f64.powf((key - 69.0) / 12.0);
    assert!(
        (bent(&[]) / hertz(66.0) - 1.0).abs() < 1e-4,
        "{}",
        bent(&[])
    );
    let track: Vec<u8> = track
        .iter()
        .map(|b| if *b >= 0x80 && b & 15 == 0 { b | 1 } else { *b })
        .collect();
    folder.write("in.mid", midi(&track));
    assert!((bent(&[]) / hertz(66.0) - 1.0).abs() < 1e-4);
    assert!((bent(&["--mpe"]) / hertz(112.0) - 1.0).abs() < 1e-4);
}

#[test]
fn played_renders_are_the_same_in_every_block_size() {
    let folder = Folder::new("midi_blocks");
    folder.write("in.mid", midi(ONE_NOTE));
    let program = "~cut: knob 800 20 20000\nout: saw ~freq >> lpf ~cut 2 >> mul ~gate >> mul 0.3";
    let run = |block: &str| {
        let args = ["--midi", "in.mid", "--set", "cut=3000", "--seconds", "1.2"];
        left(&folder, program, &[&args[..], &["--block", block]].concat());
        folder.bytes("out.wav")
    };
    let whole = run("65536");
    for block in ["1", "37", "512", "random:5"] {
        assert!(run(block) == whole, "block {block}");
    }
}

#[test]
fn what_a_file_says_and_the_render_does_not_do_is_told() {
    let folder = Folder::new("midi_remarks");
    folder.write("p.glicol", "out: midi");
    folder.write("in.mid", midi(&[0, 0xff, 0x51, 3, 9, 9, 9, 0, 0xc0, 1]));
    let args = ["render", "p.glicol", "-o", "o.wav", "--midi", "in.mid"];
    let told = err(&folder.ok(&args));
    assert!(told.contains("tempo is not followed"), "{told}");
    assert!(told.contains("program changes are left out"), "{told}");
}

#[test]
fn unusable_midi_files_end_in_a_sentence() {
    let folder = Folder::new("midi_damaged");
    folder.write("p.glicol", "out: midi");
    let refused = |name: &str, code: i32, words: &[&str]| {
        let args = ["render", "p.glicol", "-o", "o.wav", "--midi", name];
        folder.refused(&args, code, words);
    };
    refused("none.mid", 1, &["none.mid", "does not exist"]);
    folder.write("text.mid", "not a song");
    refused("text.mid", 1, &["text.mid", "does not begin", "byte 0"]);
    let whole = midi(ONE_NOTE);
    folder.write("half.mid", &whole[..whole.len() - 7]);
    refused("half.mid", 1, &["ends too early", "byte 22"]);
    let mut film = whole.clone();
    film[12] = 0xe8;
    folder.write("film.mid", film);
    refused("film.mid", 1, &["SMPTE", "byte 12"]);
    // Ten hours at one tick of a beat each do not fit a WAV file.
    let mut long = midi(&[0xff, 0xff, 0xff, 0x7f, 0x90, 60, 1]);
    long[13] = 1;
    long[12] = 0;
    folder.write("long.mid", long);
    refused("long.mid", 2, &["minutes"]);
    folder.write("whole.mid", &whole);
    let over = [
        "render",
        "p.glicol",
        "-o",
        "whole.mid",
        "--midi",
        "whole.mid",
    ];
    folder.refused(&over, 2, &["would overwrite"]);
    let mpe = ["render", "p.glicol", "-o", "o.wav", "--mpe"];
    folder.refused(&mpe, 2, &["--midi"]);
}
