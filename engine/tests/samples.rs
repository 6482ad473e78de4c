//! Recorded sounds in programs: what is heard, what an edit keeps, and what is told.

mod common;

use std::sync::Arc;

use common::bank::{SOUND_RATE, mono};
use common::{Audio, Cut, Host};
use glisten_engine::samples::{MAX_PROGRAM_BYTES, MemoryBank, Sample, SampleBank, SampleError};
use glisten_engine::{Kind, Launch};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// A host whose bank holds only these mono sounds.
fn host_with(entries: &[(&str, Vec<f32>)]) -> Host {
    let mut bank = MemoryBank::default();
    for (name, frames) in entries {
        bank.insert(name, SOUND_RATE, mono(frames.clone()));
    }
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.engine.set_samples(Box::new(bank));
    host
}

fn ramp(frames: usize) -> Vec<f32> {
    (0..frames).map(|i| 0.001 * (i + 1) as f32).collect()
}

fn codes(host: &mut Host, program: &str) -> Vec<&'static str> {
    let told = host.engine.evaluate(program, Launch::Now);
    assert!(told.accepted, "{program}");
    told.diagnostics.iter().map(|d| d.code.0).collect()
}

#[test]
fn note_60_is_the_recording_on_the_exact_frame() {
    for cut in [Cut::Every(512), Cut::Every(1), Cut::Random(3)] {
        let mut host = host_with(&[("a", ramp(500))]).with_cut(cut);
        assert!(host.evaluate("out: seq _ 60 _ _ >> sp \\a").is_empty());
        let audio = host.render(48_000);
        let mut want = vec![0.0; 48_000];
        want[24_000..24_500].copy_from_slice(&ramp(500));
        assert_eq!(audio.left, want);
        assert_eq!(audio.right, want);
    }
}

#[test]
fn a_stereo_sound_keeps_its_sides() {
    let mut bank = MemoryBank::default();
    let sound = Sample {
        left: ramp(300),
        right: Some(ramp(300).iter().map(|x| -x).collect()),
    };
    bank.insert("a", SOUND_RATE, sound);
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.engine.set_samples(Box::new(bank));
    host.evaluate("out: imp 100 >> sp \\a");
    let audio = host.render(480);
    assert_eq!(audio.left[..300], ramp(300));
    assert!(audio.left.iter().zip(&audio.right).all(|(l, r)| *l == -r));
    assert!(audio.left[300..].iter().all(|x| *x == 0.0));
}

#[test]
fn the_triggers_value_is_the_speed() {
    let mut host = host_with(&[("a", ramp(400))]);
    host.evaluate("out: seq 72 48 _ _ >> sp \\a");
    let audio = host.render(48_000).left;
    let sounding = |from: usize| audio[from..].iter().take_while(|x| **x != 0.0).count();
    assert_eq!(sounding(0), 200, "an octave higher is twice as fast");
    assert_eq!(sounding(24_000), 800, "an octave lower is half as fast");
    // Away from the ends a ramp stays a ramp.
    for i in 50..150 {
        assert!((audio[i] - 0.001 * (2 * i + 1) as f32).abs() < 1e-5, "{i}");
        assert!((audio[24_000 + i] - 0.001 * (0.5 * i as f32 + 1.0)).abs() < 1e-5);
    }
}

#[test]
fn voices_overlap_and_the_sixty_fifth_takes_the_oldest_ones_place() {
    let frames = 100 * 480;
    let mut host = host_with(&[("one", vec![0.01; frames])]);
    host.evaluate("out: imp 100 >> sp \\one");
    let audio = host.render(100 * 480).left;
    for n in [0, 10, 63] {
        let want = 0.01 * (n + 1) as f32;
        assert!((audio[n * 480 + 400] - want).abs() < 1e-5, "{n}");
    }
    // From then on there are 64; the one that gave way falls in a straight line of 5 ms.
    assert!((audio[64 * 480] - 0.65).abs() < 1e-4, "{}", audio[64 * 480]);
    let middle = audio[64 * 480 + 120];
    assert!((middle - 0.645).abs() < 1e-4, "{middle}");
    assert!((audio[64 * 480 + 250] - 0.64).abs() < 1e-4);
    let step = audio
        .windows(2)
        .skip(64 * 480 + 1)
        .filter(|w| w[1] < w[0])
        .fold(0.0_f32, |m, w| m.max(w[0] - w[1]));
    assert!(step < 1e-4, "a fade falls by {step}");
}

#[test]
fn a_storm_of_triggers_is_the_same_however_it_is_cut() {
    let program = "~t: noiz 3 >> mul 2\nout: ~t >> sp \\guitar >> mul 0.01";
    let play = |cut| {
        let mut host = Host::new(Kind::Instrument).without_guard().with_cut(cut);
        host.evaluate(program);
        host.render(6_000)
    };
    let want = play(Cut::Every(512));
    assert!(want.peak() > 0.01 && want.peak().is_finite());
    for cut in [Cut::Every(7), Cut::Random(1)] {
        assert_eq!(play(cut).first_difference(&want), None, "{cut:?}");
    }
}

#[test]
fn reset_ends_every_voice() {
    let mut host = host_with(&[("a", vec![0.5; 48_000])]);
    host.evaluate("out: imp 0.1 >> sp \\a");
    assert!(host.render(1_000).peak() > 0.4);
    host.renderer.reset();
    host.frame = 0;
    host.evaluate("out: sig 0 >> sp \\a");
    assert_eq!(host.render(1_000).peak(), 0.0);
}

#[test]
fn an_edit_of_the_name_lets_voices_end() {
    let (a, b) = (vec![0.25; 10_000], vec![0.5; 100]);
    let mut host = host_with(&[("a", a), ("b", b)]);
    host.evaluate("out: seq 60 _ 60 _ >> sp \\a");
    host.render(1_000);
    host.evaluate("out: seq 60 _ 60 _ >> sp \\b");
    let audio = host.render(60_000).left;
    assert!(audio[..9_000].iter().all(|x| *x == 0.25), "it was cut off");
    assert!(audio[9_000..47_000].iter().all(|x| *x == 0.0));
    assert_eq!(
        audio[47_000..47_100],
        [0.5; 100],
        "the next one is the new sound"
    );
}

#[test]
fn many_edits_in_a_row_keep_the_sounds_that_ring() {
    let names: Vec<String> = (0..20)
        .map(|i| format!("s{}", (b'a' + i) as char))
        .collect();
    let entries: Vec<(&str, Vec<f32>)> = names
        .iter()
        .map(|n| (n.as_str(), vec![0.01; 48_000]))
        .collect();
    let mut host = host_with(&entries);
    // One trigger at the very start of each program, a new sound in each.
    for (i, name) in names.iter().take(12).enumerate() {
        host.evaluate(&format!("out: imp 50 >> sp \\{name}"));
        let audio = host.render(960);
        let last = *audio.left.last().expect("frames");
        assert!((last - 0.01 * (i + 1) as f32).abs() < 1e-5, "{i}: {last}");
    }
}

#[test]
fn a_freed_sound_is_freed_by_the_control_half() {
    let sound = Arc::new(mono(vec![0.5; 4_000]));
    struct One(Option<Arc<Sample>>);
    impl SampleBank for One {
        fn names(&self) -> Vec<String> {
            self.0.iter().map(|_| "a".to_owned()).collect()
        }
        fn load(&mut self, _: &str, _: f64) -> Result<Arc<Sample>, SampleError> {
            self.0.clone().ok_or(SampleError("It is gone.".to_owned()))
        }
    }
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.engine.set_samples(Box::new(One(Some(sound.clone()))));
    host.evaluate("out: imp 0.5 >> sp \\a");
    host.render(100);
    host.engine.set_samples(Box::new(One(None)));
    host.evaluate("out: imp 0.5 >> mul 0.1");
    assert!(Arc::strong_count(&sound) > 1, "the renderer still has it");
    // Every callback runs under the allocation checker: a free there would end the test.
    for _ in 0..20 {
        host.render(512);
    }
    host.engine.collect();
    host.evaluate("out: imp 0.5 >> mul 0.2");
    host.render(4_096);
    host.engine.collect();
    assert_eq!(Arc::strong_count(&sound), 1);
}

#[test]
fn a_changed_bank_is_heard_after_the_next_evaluation() {
    let program = "out: seq 60 60 60 60 >> sp \\a";
    let mut host = host_with(&[]);
    assert_eq!(codes(&mut host, program), ["W110"]);
    assert_eq!(host.render(24_000).peak(), 0.0);
    let mut bank = MemoryBank::default();
    bank.insert("a", SOUND_RATE, mono(vec![0.25; 100]));
    host.engine.set_samples(Box::new(bank.clone()));
    assert_eq!(codes(&mut host, program), [""; 0]);
    assert_eq!(host.render(24_000).peak(), 0.25);
    bank.insert("a", SOUND_RATE, mono(vec![0.75; 100]));
    host.engine.set_samples(Box::new(bank));
    assert_eq!(codes(&mut host, program), [""; 0]);
    assert_eq!(host.render(24_000).peak(), 0.75);
    assert_eq!(host.engine.sample_names(), ["a"]);
}

#[test]
fn a_new_sample_rate_keeps_pitch_and_length() {
    let mut host = host_with(&[("a", common::bank::tone(1_000.0, 0.1))]);
    // Nothing was played yet: the program goes straight to the new rate.
    host.evaluate("out: imp 0.1 >> sp \\a");
    host.engine.activate(&mut host.renderer, 96_000.0);
    host.rate = 96_000.0;
    host.frame = 0;
    let audio = host.render(19_200).left;
    let last = audio.iter().rposition(|x| *x != 0.0).expect("it sounds");
    assert!((9_590..=9_600).contains(&last), "{last}");
    let crossings = audio[..4_800]
        .windows(2)
        .filter(|w| w[0] <= 0.0 && w[1] > 0.0);
    assert_eq!(crossings.count(), 50);
}

#[test]
fn a_pattern_follows_the_song() {
    let program = "out: psampler \"\\a@0 \\b@0.25 \\a@0.7\"(1)";
    let entries = [("a", vec![0.25; 10]), ("b", vec![0.5; 20])];
    let onsets = |audio: &Audio| -> Vec<(usize, f32)> {
        let left = &audio.left;
        (0..left.len())
            .filter(|i| left[*i] != 0.0 && (*i == 0 || left[*i - 1] == 0.0))
            .map(|i| (i, left[i]))
            .collect()
    };
    for cut in [Cut::Every(512), Cut::Random(5)] {
        let mut host = host_with(&entries).with_cut(cut);
        host.evaluate(program);
        let got = onsets(&host.render(120_000));
        assert_eq!(
            got,
            [(0, 0.25), (24_000, 0.5), (67_200, 0.25), (96_000, 0.25)]
        );
    }
    // A start in the middle, at another tempo.
    let mut host = host_with(&entries);
    (host.tempo_bpm, host.start_beat) = (90.0, 402.0);
    host.evaluate(program);
    let got = onsets(&host.render(64_000));
    // Beat 402 is half a bar after bar 100; 0.2 bars are 0.8 beats of 32,000 frames.
    assert_eq!(got, [(25_600, 0.25)]);
    // A loop of one beat.
    let mut host = host_with(&entries);
    host.loop_beats = Some((1.0, 2.0));
    host.start_beat = 1.0;
    host.evaluate(program);
    let got = onsets(&host.render(72_000));
    assert_eq!(got, [(0, 0.5), (24_000, 0.5), (48_000, 0.5)]);
    // While the song stands nothing starts.
    let mut host = host_with(&entries);
    host.playing = false;
    host.evaluate(program);
    assert_eq!(host.render(10_000).peak(), 0.0);
}

#[test]
fn a_pattern_rings_over_its_end_and_over_edits() {
    let mut host = host_with(&[("a", vec![0.25; 60_000]), ("b", vec![0.5; 10])]);
    host.evaluate("out: psampler \"\\a@0\"(0.5)");
    let audio = host.render(96_000).left;
    assert_eq!(audio[47_999], 0.25);
    assert_eq!(audio[48_000], 0.5, "two overlap");
    assert_eq!(audio[60_000], 0.25);
    host.evaluate("out: psampler \"\\b@0.25\"(0.5)");
    let audio = host.render(24_010).left;
    assert!(audio[..12_000].iter().all(|x| *x == 0.25), "it was cut off");
    assert_eq!(audio[24_000..24_010], [0.5; 10]);
}

#[test]
fn a_pattern_denser_than_the_frames_stays_bounded() {
    let mut host = host_with(&[("a", vec![0.001; 1_000])]);
    host.evaluate("out: psampler \"\\a@0 \\a@0.000000001\"(0.0000001)");
    let audio = host.render(4_800);
    assert!(
        audio.peak() > 0.001 && audio.peak() < 0.1,
        "{}",
        audio.peak()
    );
}

#[test]
fn too_much_memory_is_told_and_the_rest_plays() {
    struct Huge(Arc<Sample>);
    impl SampleBank for Huge {
        fn names(&self) -> Vec<String> {
            vec!["a".into(), "b".into(), "c".into()]
        }
        fn load(&mut self, name: &str, _: f64) -> Result<Arc<Sample>, SampleError> {
            Ok(match name {
                "c" => Arc::new(mono(vec![0.5; 10])),
                _ => Arc::clone(&self.0),
            })
        }
    }
    // Zeroed memory that nobody touches costs nothing.
    let half = MAX_PROGRAM_BYTES / 2 / 4 + 1;
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.engine
        .set_samples(Box::new(Huge(Arc::new(mono(vec![0.0; half])))));
    let program = "x: imp 9 >> sp \\a\ny: imp 9 >> sp \\b\nz: imp 9 >> sp \\c";
    let told = host.engine.evaluate(program, Launch::Now);
    assert!(told.accepted);
    let sentences: Vec<&str> = told
        .diagnostics
        .iter()
        .map(|d| d.message.as_str())
        .collect();
    assert_eq!(
        sentences,
        ["The sample `b` is silent. The samples of one program may take 512 MiB."]
    );
    assert_eq!(host.render(1_000).peak(), 0.5);
}

#[test]
fn checking_loads_and_changes_nothing() {
    let mut host = host_with(&[("a", vec![0.25; 100])]);
    let told = host.engine.check("out: imp 1 >> sp \\ab");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].code.0, "W110");
    assert!(host.engine.check("out: imp 1 >> sp \\a").is_empty());
    assert_eq!(host.render(1_000).peak(), 0.0);
    assert_eq!(host.engine.sample_names(), ["a"]);
}
