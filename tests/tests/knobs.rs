//! Knobs of a program as parameters of the host: names, automation to the frame, states.

use std::time::{Duration, Instant};

use glisten_tests::analysis::assert_same;
use glisten_tests::fixture::{fresh, param, playing};
use glisten_tests::host::{FORMATS, Host, Kind};
use glisten_tests::program_state::{self, set_program};
use glisten_tests::scenario::{Blocks, MAX_FRAMES, ParamChange, Random, Scenario};

/// 5 ms at 48 kHz (R8.3).
const RAMP: u64 = 240;

/// Two knobs, so that both can be read from the output: the input is 0.25 and -0.25 in turns.
const TWO_KNOBS: &str = "\
~level: knob 0.5 0 2
~shift: knob 0 -0.25 0.25
out: ~input >> mul ~level >> add ~shift
";

fn input(frames: u64) -> Vec<[f32; 2]> {
    let sample = |i| if i % 2 == 0 { [0.25; 2] } else { [-0.25; 2] };
    (0..frames).map(sample).collect()
}

/// A knob as the rules have it: every event starts a straight line of 5 ms on its frame.
struct Reference {
    min: f64,
    max: f64,
    from: f64,
    to: f64,
    start: u64,
}

impl Reference {
    fn new(min: f64, max: f64, now: f64) -> Self {
        Self {
            min,
            max,
            from: now,
            to: now,
            start: 0,
        }
    }

    fn at(&self, frame: u64) -> f64 {
        let share = ((frame - self.start) as f64 / RAMP as f64).min(1.0);
        self.from + (self.to - self.from) * share
    }

    fn turn(&mut self, frame: u64, normalised: f64) {
        let now = self.at(frame);
        self.to = self.min + (self.max - self.min) * normalised;
        // What comes before the first frame does not ramp.
        self.from = if frame == 0 { self.to } else { now };
        self.start = frame;
    }
}

#[test]
fn automation_follows_the_reference_on_every_frame() {
    const FRAMES: u64 = 48_000;
    let mut blocks = Blocks::all();
    blocks.push(Blocks::Fixed(32));
    for format in FORMATS {
        for blocks in &blocks {
            let mut host = playing(format, Kind::Effect, TWO_KNOBS);
            let ids = ["level", "shift"].map(|name| param(&mut *host, name));
            let guard = param(&mut *host, "Guard");
            let mut random = Random::new(11);
            let mut changes = vec![ParamChange {
                frame: 0,
                id: guard,
                value: 0.0,
            }];
            let mut frame = 0;
            while frame < FRAMES {
                changes.push(ParamChange {
                    frame,
                    id: *random.pick(&ids),
                    value: random.unit(),
                });
                // On one frame, on the next one, within a line, long after it.
                let gap = *random.pick(&[0, 1, 17, 64, 100, 239, 240, 241, 1000, 3000]);
                frame += gap;
            }
            let scenario = Scenario {
                params: changes.clone(),
                ..Scenario::new(FRAMES)
                    .blocks(blocks.clone())
                    .input(input(FRAMES))
            };
            let audio = host.render(&scenario).audio;

            let mut knobs = [
                Reference::new(0.0, 2.0, 0.5),
                Reference::new(-0.25, 0.25, 0.0),
            ];
            let mut next = changes.iter().peekable();
            let mut worst = 0.0f64;
            for (frame, found) in (0u64..).zip(&audio) {
                while let Some(change) = next.next_if(|c| c.frame == frame) {
                    for (knob, id) in knobs.iter_mut().zip(&ids) {
                        if change.id == *id {
                            knob.turn(frame, f64::from(change.value as f32));
                        }
                    }
                }
                let sample = if frame % 2 == 0 { 0.25 } else { -0.25 };
                let expected = sample * knobs[0].at(frame) + knobs[1].at(frame);
                worst = worst.max((f64::from(found[0]) - expected).abs());
            }
            assert!(worst < 1e-6, "{format:?} {blocks:?}: {worst:e} away");
        }
    }
}

#[test]
fn a_knob_has_name_text_and_default_of_the_program() {
    let program = "\
~cut: knob 800 20 20000
~mix: knob 0.25
out: ~input >> lpf ~cut 0.7 >> mul ~mix
";
    for format in FORMATS {
        let mut host = fresh(format, Kind::Effect);
        let before: Vec<u32> = host.params().iter().map(|p| p.id).collect();
        assert_eq!(host.params().iter().filter(|p| p.name == "-").count(), 32);
        set_program(&mut *host, program).expect("a program");
        let params = host.params();
        let after: Vec<u32> = params.iter().map(|p| p.id).collect();
        assert_eq!(before, after, "{format:?}: ids stay");
        assert_eq!(params.iter().filter(|p| p.name == "-").count(), 30);
        let (cut, mix) = (param(&mut *host, "cut"), param(&mut *host, "mix"));
        assert_eq!(
            (cut, mix),
            (before[0], before[1]),
            "{format:?}: lowest first"
        );

        let default = |id| params.iter().find(|p| p.id == id).map(|p| p.default);
        assert!((default(mix).expect("a default") - 0.25).abs() < 1e-6);
        // A new knob has its default at once.
        assert!((host.param_value(mix).expect("a value") - 0.25).abs() < 1e-6);
        let text = host.value_to_text(cut, 1.0).expect("a text");
        assert!(text.starts_with("20000"), "{format:?}: {text}");
        let half = host.text_to_value(mix, "50 %").expect("a value");
        assert!((half - 0.5).abs() < 1e-6, "{format:?}: {half}");
        let kilo = host.text_to_value(cut, "20 kHz").expect("a value");
        assert_eq!(kilo, 1.0, "{format:?}");
    }
}

#[test]
fn fifty_shuffles_move_no_knob() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    for format in FORMATS {
        let mut host = fresh(format, Kind::Effect);
        let mut random = Random::new(3);
        let mut slots = None;
        for turn in 0..50 {
            let mut order = names;
            for i in (1..order.len()).rev() {
                order.swap(i, random.below(i as u64 + 1) as usize);
            }
            let lines = order.map(|name| format!("~{name}: knob 0.5 0 1"));
            let program = format!("{}\nout: mix ~a ~b ~c ~d ~e ~f ~g\n", lines.join("\n"));
            set_program(&mut *host, &program).expect("a program");
            let found = names.map(|name| param(&mut *host, name));
            assert_eq!(*slots.get_or_insert(found), found, "{format:?} {turn}");
        }
    }
}

#[test]
fn a_state_brings_names_values_and_sound_back() {
    for format in FORMATS {
        let frames = 4000;
        let scenario = Scenario::new(frames).input(input(frames));
        let mut first = playing(format, Kind::Effect, TWO_KNOBS);
        let ids = ["level", "shift"].map(|name| param(&mut *first, name));
        // Values that no short decimal number has.
        let values = [0.1f32 + 1e-7, 2.0 / 3.0];
        let mut turn = Scenario::new(1000);
        for (id, value) in ids.iter().zip(values) {
            turn = turn.param(0, *id, f64::from(value));
        }
        first.render(&turn);
        first.reset();
        let wanted = first.render(&scenario).audio;
        let saved = first.save_state().expect("saves");

        let mut second = fresh(format, Kind::Effect);
        second.load_state(&saved, usize::MAX).expect("loads");
        second.activate(48_000.0, MAX_FRAMES).expect("activates");
        assert_eq!(
            ["level", "shift"].map(|name| param(&mut *second, name)),
            ids,
            "{format:?}"
        );
        for (id, value) in ids.iter().zip(values) {
            let found = second.param_value(*id).expect("a value");
            assert_eq!(found as f32, value, "{format:?}: to the bit");
        }
        let audio = second.render(&scenario).audio;
        assert_same(&audio, &wanted, &format!("{format:?}"));
        let again = second.save_state().expect("saves");
        assert_eq!(again, saved, "{format:?}: saving again changes nothing");
    }
}

/// Serves the host until `is_so`, because the plugin's own thread tells of it.
fn wait_for(host: &mut dyn Host, mut is_so: impl FnMut(&mut dyn Host) -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        host.idle();
        if is_so(host) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

#[test]
fn a_range_edit_keeps_the_number_and_moves_the_parameter() {
    let program = |max: u32| format!("~x: knob 0.5 0 {max}\nout: ~input >> mul ~x\n");
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, &program(1));
        let x = param(&mut *host, "x");
        let scenario = Scenario::new(2000).input(input(2000));
        let before = host.render(&scenario.clone().param(0, x, 0.8)).audio;
        assert!((before[1990][0].abs() - 0.2).abs() < 1e-6);
        set_program(&mut *host, &program(2)).expect("a program");
        let after = host.render(&scenario).audio;
        for (i, sample) in after.iter().enumerate() {
            let level = sample[0].abs();
            assert!((level - 0.2).abs() < 1e-6, "{format:?}: {level} at {i}");
        }
        let moved = wait_for(&mut *host, |host| {
            (host.param_value(x).expect("a value") - 0.4).abs() < 1e-6
        });
        assert!(moved, "{format:?}: {:?}", host.param_value(x));
        // And what the host now stores is what sounds.
        let again = host.render(&scenario).audio;
        assert!((again[1990][0].abs() - 0.2).abs() < 1e-6, "{format:?}");
    }
}

#[test]
fn a_state_from_before_there_were_knobs_loads() {
    for format in FORMATS {
        let mut host = fresh(format, Kind::Effect);
        let saved = host.save_state().expect("saves");
        let mut state = program_state::unwrap(format, &saved).expect("a state");
        let params = state["params"].as_object_mut().expect("parameters");
        params.retain(|id, _| ["bypass", "gain", "guard", "launch"].contains(&id.as_str()));
        let (name, mut document) = program_state::document(&state).expect("a document");
        document.as_object_mut().expect("fields").remove("knobs");
        document["draft"] = TWO_KNOBS.into();
        document["last_good"] = TWO_KNOBS.into();
        state["fields"][&name] = document.to_string().into();
        let old = program_state::wrap(format, &state);
        host.load_state(&old, usize::MAX).expect("loads");
        host.activate(48_000.0, MAX_FRAMES).expect("activates");
        let scenario = Scenario::new(1000).input(input(1000));
        let audio = host.render(&scenario).audio;
        // The level's default is a half, from the first frame on.
        let is_half = |s: &[f32; 2]| (s[0].abs() - 0.125).abs() < 1e-6;
        assert!(audio.iter().all(is_half), "{format:?}: {:?}", &audio[..4]);
    }
}
