//! The `glisten` program as a user meets it: built, started, judged by what it prints and writes.

mod folder;

use folder::{Folder, err, float, out};

const SINE: &str = "out: sin 440 >> mul 0.1";

#[test]
fn a_render_is_a_float_stereo_wav_of_the_asked_length() {
    let f = Folder::new("length");
    f.write("a.glicol", SINE);
    for (args, frames, rate) in [
        (vec![], 384_000, 48_000),
        (vec!["--bars", "1", "--bpm", "60"], 192_000, 48_000),
        (vec!["--seconds", "0.5", "--rate", "44100"], 22_050, 44_100),
    ] {
        let mut all = vec!["render", "a.glicol", "-o", "a.wav"];
        all.extend(&args);
        let output = f.ok(&all);
        let (spec, samples) = f.samples("a.wav");
        assert_eq!(spec, float(2, rate), "{args:?}");
        assert_eq!(samples.len(), frames * 2, "{args:?}");
        let peak = samples.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
        assert!((peak - 0.1).abs() < 0.001, "peak {peak}");
        let text = err(&output);
        assert!(
            text.contains("peak -20.0") && text.contains("RMS -23.0"),
            "{text}"
        );
        assert!(text.contains("Faults: none."), "{text}");
        assert!(!f.0.join("a.wav.part").exists());
    }
}

#[test]
fn the_input_passes_bit_for_bit_in_every_block_size() {
    let f = Folder::new("null");
    f.write("a.glicol", "out: ~input");
    f.input("in.wav", float(2, 44_100), 20_000);
    let (_, dry) = f.samples("in.wav");
    for block in ["1", "7", "64", "127", "512", "4096", "random:3"] {
        f.ok(&[
            "render", "a.glicol", "-o", "a.wav", "--input", "in.wav", "--block", block,
        ]);
        let (spec, wet) = f.samples("a.wav");
        assert_eq!(spec.sample_rate, 44_100);
        assert!(wet == dry, "block {block} changes the input");
    }
}

#[test]
fn integer_and_mono_inputs_are_read() {
    let f = Folder::new("formats");
    f.write("a.glicol", "out: ~input");
    for bits in [8, 16, 24] {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 48_000,
            bits_per_sample: bits,
            sample_format: hound::SampleFormat::Int,
        };
        f.input("in.wav", spec, 1000);
        f.ok(&["render", "a.glicol", "-o", "a.wav", "--input", "in.wav"]);
        let (_, wet) = f.samples("a.wav");
        assert_eq!(wet.len(), 2000);
        let step = 2.0 / f64::from(1_u32 << bits);
        for (i, frame) in wet.chunks_exact(2).enumerate() {
            assert_eq!(
                frame[0].to_bits(),
                frame[1].to_bits(),
                "mono goes to both sides"
            );
            let want = (i as f64 * 0.01).sin() * 0.5;
            assert!(
                (f64::from(frame[0]) - want).abs() <= 2.0 * step,
                "{bits} bit, frame {i}"
            );
        }
    }
}

#[test]
fn the_same_program_gives_the_same_bytes_in_every_block_size() {
    let f = Folder::new("blocks");
    f.write("a.glicol", "~n: speed 4 >> seq 60 _67 >> envperc 0.01 0.1\nout: saw 110 >> mul ~n >> lpf 900 0.7 >> mul 0.3");
    f.write("b.glicol", "~n: speed 4 >> seq 60 _67 >> envperc 0.01 0.1\nout: saw 110 >> mul ~n >> hpf 900 0.7 >> mul 0.2");
    let mut first: Option<Vec<u8>> = None;
    for block in ["512", "1", "64", "100", "random:1", "random:2"] {
        f.ok(&[
            "render",
            "a.glicol",
            "-o",
            "a.wav",
            "--bars",
            "1",
            "--start-beat",
            "2.5",
            "--bpm",
            "133",
            "--edit",
            "4=b.glicol",
            "--block",
            block,
        ]);
        let bytes = f.bytes("a.wav");
        match &first {
            Some(first) => assert!(*first == bytes, "block {block} sounds different"),
            None => first = Some(bytes),
        }
    }
}

#[test]
fn an_edit_lands_on_its_beats_frame() {
    let f = Folder::new("edit");
    f.write("a.glicol", "out: sig 0.25");
    f.write("b.glicol", "out: sin 100 >> mul 0.25");
    f.write("same.glicol", "out: sig 0.25");
    for (bpm, start, beat) in [
        ("120", "0", "2"),
        ("133", "5.5", "6.75"),
        ("90", "-2", "-0.5"),
    ] {
        let args = ["--bars", "1", "--bpm", bpm, "--start-beat", start];
        let render = |name: &str, edit: &str| {
            let edit = format!("{beat}={edit}");
            let mut all = vec!["render", "a.glicol", "-o", name, "--edit", &edit];
            all.extend(args);
            f.ok(&all);
            f.samples(name).1
        };
        let plain = render("plain.wav", "same.glicol");
        let edited = render("edited.wav", "b.glicol");
        let number = |s: &str| s.parse::<f64>().expect("a number");
        let frames = (number(beat) - number(start)) * 60.0 / number(bpm) * 48_000.0;
        let frame = (frames - 1e-3).ceil() as usize;
        let first = plain
            .iter()
            .zip(&edited)
            .position(|(a, b)| a != b)
            .map(|i| i / 2);
        // The fade's first frame still holds the old value, so the change shows one frame later.
        let first = first.expect("the edit is heard");
        assert!(
            (frame..=frame + 1).contains(&first),
            "{bpm} BPM: frame {first}, not {frame}"
        );
    }
}

#[test]
fn a_broken_program_prints_its_errors_and_writes_nothing() {
    let f = Folder::new("broken");
    f.write("a.glicol", "out: sin 440\nbad: nosuchnode 1 >>\n");
    f.refused(
        &["render", "a.glicol", "-o", "a.wav"],
        1,
        &["a.glicol:2:", "error", "nosuchnode"],
    );
    assert!(!f.0.join("a.wav").exists() && !f.0.join("a.wav.part").exists());
}

#[test]
fn a_broken_edit_keeps_the_program_before_it() {
    let f = Folder::new("broken-edit");
    f.write("a.glicol", SINE);
    f.write("bad.glicol", "out: nosuchnode 1");
    f.ok(&["render", "a.glicol", "-o", "plain.wav", "--bars", "1"]);
    let output = f.ok(&[
        "render",
        "a.glicol",
        "-o",
        "a.wav",
        "--bars",
        "1",
        "--edit",
        "2=bad.glicol",
    ]);
    let text = err(&output);
    assert!(
        text.contains("bad.glicol:1:") && text.contains("plays on"),
        "{text}"
    );
    assert!(f.bytes("a.wav") == f.bytes("plain.wav"));
}

#[test]
fn a_standing_song_plays_no_pattern() {
    let f = Folder::new("stopped");
    f.write("a.glicol", "out: speed 4 >> seq 60 >> bd 0.2");
    f.ok(&[
        "render",
        "a.glicol",
        "-o",
        "a.wav",
        "--bars",
        "1",
        "--stopped",
    ]);
    assert!(f.samples("a.wav").1.iter().all(|x| *x == 0.0));
    f.ok(&["render", "a.glicol", "-o", "a.wav", "--bars", "1"]);
    assert!(f.samples("a.wav").1.iter().any(|x| x.abs() > 0.1));
}

#[test]
fn the_guard_holds_the_ceiling_unless_it_is_off() {
    let f = Folder::new("guard");
    f.write("a.glicol", "out: sin 440 >> mul 4");
    let peak = |name: &str| {
        f.samples(name)
            .1
            .iter()
            .fold(0.0_f32, |m, x| m.max(x.abs()))
    };
    let output = f.ok(&["render", "a.glicol", "-o", "a.wav", "--bars", "1"]);
    assert!(peak("a.wav") <= 1.0, "{}", peak("a.wav"));
    assert!(err(&output).contains("Guard: lowered"), "{}", err(&output));
    let output = f.ok(&[
        "render",
        "a.glicol",
        "-o",
        "a.wav",
        "--bars",
        "1",
        "--no-guard",
    ]);
    assert!(peak("a.wav") > 3.9);
    assert!(
        err(&output).contains("Guard: not needed"),
        "{}",
        err(&output)
    );
}

#[test]
fn the_seed_decides_random_choices() {
    let f = Folder::new("seed");
    f.write(
        "a.glicol",
        "~a: choose 48 60 72 84\n~n: speed 16 >> seq ~a\n~p: ~n >> mul 200\nout: saw ~p >> mul 0.1",
    );
    let render = |seed: &str| {
        f.ok(&[
            "render", "a.glicol", "-o", "a.wav", "--bars", "1", "--seed", seed,
        ]);
        f.bytes("a.wav")
    };
    let first = render("1");
    assert!(first == render("1"));
    assert!(first != render("2"));
}

#[test]
fn impossible_command_lines_are_refused() {
    let f = Folder::new("usage");
    f.write("a.glicol", SINE);
    f.write("b.glicol", SINE);
    f.input("in.wav", float(2, 44_100), 100);
    let cases: &[(&[&str], &str)] = &[
        (&[], "command is missing"),
        (&["sing"], "no command \"sing\""),
        (&["--loud"], "--loud"),
        (&["render"], "program"),
        (&["render", "a.glicol"], "-o"),
        (&["render", "-o", "a.wav"], "program"),
        (
            &["render", "a.glicol", "b.glicol", "-o", "a.wav"],
            "one too many",
        ),
        (&["render", "a.glicol", "-o"], "needs a value"),
        (
            &["render", "a.glicol", "-o", "x.wav", "-o", "y.wav"],
            "twice",
        ),
        (&["render", "a.glicol", "-o", "a.wav", "--loud"], "--loud"),
        (
            &["render", "a.glicol", "-o", "a.wav", "--bpm", "0"],
            "--bpm",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--bpm", "nan"],
            "--bpm",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--bpm", "fast"],
            "\"fast\"",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--start-beat", "inf"],
            "--start-beat",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--bars", "0"],
            "--bars",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--seconds", "-1"],
            "--seconds",
        ),
        (
            &[
                "render",
                "a.glicol",
                "-o",
                "a.wav",
                "--seconds",
                "1",
                "--bars",
                "1",
            ],
            "once",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--seconds", "900000"],
            "minutes",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--rate", "1"],
            "--rate",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--block", "0"],
            "--block",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--block", "random:"],
            "--block",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--seed", "-1"],
            "--seed",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--edit", "b.glicol"],
            "BEAT=FILE",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--edit", "x=b.glicol"],
            "--edit",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--edit", "-1=b.glicol"],
            "before the start",
        ),
        (
            &["render", "a.glicol", "-o", "a.wav", "--edit", "16=b.glicol"],
            "after the end",
        ),
        (
            &[
                "render",
                "a.glicol",
                "-o",
                "a.wav",
                "--edit",
                "1=b.glicol",
                "--stopped",
            ],
            "--stopped",
        ),
        (&["render", "a.glicol", "-o", "a.glicol"], "overwrite"),
        (&["render", "a.glicol", "-o", "./a.glicol"], "overwrite"),
        (
            &["render", "a.glicol", "-o", "in.wav", "--input", "in.wav"],
            "overwrite",
        ),
        (
            &[
                "render",
                "a.glicol",
                "-o",
                "b.glicol",
                "--edit",
                "1=b.glicol",
            ],
            "overwrite",
        ),
        (
            &[
                "render", "a.glicol", "-o", "o.wav", "--input", "in.wav", "--rate", "48000",
            ],
            "44100",
        ),
        (&["check"], "missing"),
        (&["check", "a.glicol", "--format", "xml"], "xml"),
        (&["nodes", "--format", "xml"], "xml"),
        (&["nodes", "nosuchnode"], "nosuchnode"),
    ];
    for (args, words) in cases {
        f.refused(args, 2, &[words]);
    }
    assert_eq!(f.bytes("a.glicol"), SINE.as_bytes());
    assert!(!f.0.join("a.wav").exists());
}

#[test]
fn unusable_files_end_in_a_sentence() {
    let f = Folder::new("files");
    f.write("a.glicol", SINE);
    f.write("latin.glicol", b"// fine\nout: sin 440 // caf\xe9\n");
    f.write("text.wav", "this is no WAV");
    f.write("empty.wav", "");
    std::fs::create_dir(f.0.join("dir")).expect("a folder");
    f.input("six.wav", float(6, 48_000), 100);
    let whole = {
        f.input("whole.wav", float(2, 48_000), 1000);
        f.bytes("whole.wav")
    };
    f.write("short.wav", &whole[..whole.len() / 2]);

    f.refused(
        &["check", "none.glicol"],
        1,
        &["none.glicol", "does not exist"],
    );
    f.refused(&["check", "dir"], 1, &["dir", "directory"]);
    f.refused(
        &["check", "latin.glicol"],
        1,
        &["latin.glicol", "UTF-8", "line 2"],
    );
    let render = |input: &str, words: &[&str]| {
        f.refused(
            &["render", "a.glicol", "-o", "o.wav", "--input", input],
            1,
            words,
        );
        assert!(
            !f.0.join("o.wav").exists() && !f.0.join("o.wav.part").exists(),
            "{input}"
        );
    };
    render("none.wav", &["none.wav", "does not exist"]);
    render("text.wav", &["text.wav"]);
    render("empty.wav", &["empty.wav"]);
    render("dir", &["dir", "directory"]);
    render("six.wav", &["6 channels"]);
    render("short.wav", &["short.wav", "ends before"]);
    f.refused(&["render", "a.glicol", "-o", "dir"], 1, &["directory"]);
    f.refused(
        &["render", "a.glicol", "-o", "no/such/o.wav"],
        1,
        &["folder does not exist"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn devices_links_and_neighbours_of_the_output_are_left_alone() {
    let f = Folder::new("output");
    f.write("a.glicol", SINE);
    f.write("o.wav.part", "somebody's");
    f.write("real.wav", "old");
    std::os::unix::fs::symlink("real.wav", f.0.join("link.wav")).expect("a link");
    f.refused(
        &["render", "a.glicol", "-o", "/dev/null"],
        1,
        &["/dev/null", "no ordinary file"],
    );
    f.ok(&["render", "a.glicol", "-o", "o.wav", "--seconds", "0.1"]);
    assert_eq!(f.bytes("o.wav.part"), b"somebody's");
    f.ok(&["render", "a.glicol", "-o", "link.wav", "--seconds", "0.1"]);
    assert!(f.0.join("link.wav").is_symlink());
    assert!(f.bytes("real.wav") == f.bytes("o.wav"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_to_something_endless_is_no_program() {
    let f = Folder::new("endless");
    f.refused(&["check", "/dev/zero"], 1, &["larger than", "no program"]);
}

#[test]
fn check_prints_places_and_json_counts_characters() {
    let f = Folder::new("check");
    f.write("good.glicol", SINE);
    f.write(
        "bad.glicol",
        "// \u{e9}\u{e9}\u{e9}\r\nout: sin 440 >> nosuchnode 1\nb: nosuchnode\n",
    );
    let output = f.ok(&["check", "good.glicol"]);
    assert!(out(&output).contains("no problems"), "{}", out(&output));
    let output = f.ok(&["check", "good.glicol", "--format", "json"]);
    let array: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(array, serde_json::json!([]));

    let output = f.run(&["check", "bad.glicol"]);
    assert_eq!(output.status.code(), Some(1));
    let text = out(&output);
    assert!(
        text.contains("bad.glicol:2:17") && text.contains('^'),
        "{text}"
    );

    let output = f.run(&["check", "bad.glicol", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let array: Vec<serde_json::Value> = serde_json::from_str(&out(&output)).expect("JSON");
    assert!(array.len() >= 2, "every broken line is reported: {array:?}");
    let first = array
        .iter()
        .find(|d| d["line"] == 2)
        .expect("a diagnostic in line 2");
    assert_eq!(first["severity"], "error");
    assert_eq!(
        (&first["column"], &first["end_line"], &first["end_column"]),
        (&17.into(), &2.into(), &27.into()),
        "{first}"
    );
    for key in ["code", "message", "help"] {
        assert!(first.get(key).is_some(), "{key} is missing in {first}");
    }
}

#[test]
fn nodes_prints_the_registry() {
    let f = Folder::new("nodes");
    let text = out(&f.ok(&["nodes"]));
    let markdown = out(&f.ok(&["nodes", "--format", "markdown"]));
    let json: Vec<serde_json::Value> =
        serde_json::from_str(&out(&f.ok(&["nodes", "--format", "json"]))).expect("JSON");
    for name in ["sin", "lpf", "seq", "plate", "~input"] {
        assert!(text.contains(&format!("\n  {name}")), "{name}: {text}");
        assert!(markdown.contains(&format!("### `{name}")), "{name}");
        assert!(json.iter().any(|n| n["name"] == name), "{name}");
    }
    let one: serde_json::Value =
        serde_json::from_str(&out(&f.ok(&["nodes", "lpf", "--format", "json"]))).expect("JSON");
    assert_eq!(one["name"], "lpf");
    assert!(
        one["arguments"].as_array().is_some_and(|a| !a.is_empty()),
        "{one}"
    );
    assert!(out(&f.ok(&["nodes", "lpf"])).starts_with("# `lpf"));
}

#[test]
fn help_and_version_are_there() {
    let f = Folder::new("help");
    for args in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["render", "--help"],
        &["check", "-h"],
    ] {
        assert!(
            out(&f.ok(args)).contains("glisten render PROGRAM.glicol"),
            "{args:?}"
        );
    }
    let version = out(&f.ok(&["--version"]));
    assert_eq!(
        version.trim(),
        format!("glisten {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn enormous_and_odd_programs_end_in_sound_or_in_a_sentence() {
    let f = Folder::new("enormous");
    let lines: String = (0..10_000)
        .map(|i| format!("~a{i}: sin {}\n", 100 + i % 900))
        .collect();
    let chain = format!("out: sin 100{}", " >> mul 1".repeat(50_000));
    let megabyte = format!("// {}\nout: sin 100\n", "x".repeat(1 << 20));
    let noise: String = (0..200_000_u32)
        .map(|i| char::from((i.wrapping_mul(2_654_435_761) >> 24) as u8 % 96 + 31))
        .collect();
    for (name, text, accepted) in [
        ("empty", "", Some(true)),
        ("blank", "\r\n\t\n", Some(true)),
        ("nul", "out: sin 4\u{0}40\n", Some(false)),
        ("emoji", "\u{1F3B5}: sin 440\n", Some(false)),
        ("lines", lines.as_str(), None),
        ("chain", chain.as_str(), Some(false)),
        ("megabyte", megabyte.as_str(), Some(false)),
        ("noise", noise.as_str(), Some(false)),
    ] {
        let file = format!("{name}.glicol");
        f.write(&file, text);
        let output = f.run(&["render", &file, "-o", "a.wav", "--seconds", "0.1"]);
        let said = err(&output);
        assert!(!said.contains("panicked"), "{name}: {said}");
        match output.status.code() {
            Some(0) => assert_ne!(accepted, Some(false), "{name}: {said}"),
            Some(1) => {
                assert_ne!(accepted, Some(true), "{name}: {said}");
                assert!(said.contains("error"), "{name}: {said}");
            }
            code => panic!("{name}: ended with {code:?}: {said}"),
        }
    }
}

#[test]
fn samples_come_from_the_folder_that_is_named() {
    let folder = Folder::new("samples");
    std::fs::create_dir(folder.0.join("kit")).expect("a folder");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    folder.input("kit/Saw Tooth.wav", spec, 1000);
    folder.input("kit/saw_tooth.wav", spec, 500);
    folder.write("kit/bad.flac", "no sound");
    folder.write("tune.glicol", "out: imp 10 >> sp \\saw-tooth");
    let render = ["render", "tune.glicol", "-o", "out.wav", "--seconds", "0.1"];

    let output = folder.ok(&[&render[..], &["--samples", "kit"]].concat());
    let told = err(&output);
    assert!(told.contains("is hidden by"), "{told}");
    assert!(!told.contains("W1"), "{told}");
    let (_, frames) = folder.samples("out.wav");
    let left: Vec<f32> = frames.iter().step_by(2).copied().collect();
    let (_, sound) = folder.samples("kit/Saw Tooth.wav");
    assert_eq!(left[..1000], sound[..]);

    // Without the folder it is silent, and that is told.
    let told = err(&folder.ok(&render));
    assert!(told.contains("No sample is called `saw-tooth`"), "{told}");
    let (_, frames) = folder.samples("out.wav");
    assert!(frames.iter().all(|x| *x == 0.0));

    folder.write(
        "odd.glicol",
        "out: imp 1 >> sp \\bad\nb: imp 1 >> sp \\saw_toth",
    );
    let output = folder.ok(&["check", "odd.glicol", "--samples", "kit"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    for words in ["The sample `bad` is silent.", "\\saw_tooth"] {
        assert!(told.contains(words), "{words} is missing in {told}");
    }
    for command in [&render[..], &["check", "tune.glicol"]] {
        let args = [command, &["--samples", "nowhere"]].concat();
        folder.refused(&args, 1, &["nowhere", "no folder"]);
    }
}
