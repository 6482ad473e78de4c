//! Thousands of random events against a plain model of who sounds.

use super::*;

/// A note of the model.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Note {
    channel: u8,
    key: u8,
    /// The key is down.
    down: bool,
    gate: bool,
    /// Events that started and released it, and the frames on which they came.
    started: (u64, u64),
    released: (u64, u64),
}

/// R4.18 and R8.12 as they are written, without physical voices.
struct Model {
    polyphony: usize,
    gated: bool,
    notes: Vec<Note>,
    pedal: [bool; 16],
    count: u64,
}

impl Model {
    fn apply(&mut self, frame: u64, event: &MidiEvent) {
        self.count += 1;
        let now = (self.count, frame);
        let pedal = self.pedal;
        let lift = |note: &mut Note| {
            note.down = false;
            if !pedal[usize::from(note.channel)] {
                note.gate = false;
                note.released = now;
            }
        };
        match *event {
            MidiEvent::NoteOn { note, .. } => {
                let (channel, key) = (note.channel.expect("given"), note.key.expect("given"));
                let same = |n: &&mut Note| n.gate && (n.channel, n.key) == (channel, key);
                for note in self.notes.iter_mut().filter(same) {
                    (note.gate, note.down, note.released) = (false, false, now);
                }
                if !self.gated {
                    // What has faded out makes way at once.
                    self.end_cell(frame);
                }
                if self.notes.len() == self.polyphony {
                    let gone = self
                        .notes
                        .iter()
                        .filter(|n| !n.gate)
                        .min_by_key(|n| (n.released.0, n.started.0))
                        .or(self.notes.iter().min_by_key(|n| n.started.0))
                        .copied();
                    self.notes.retain(|n| Some(*n) != gone);
                }
                self.notes.push(Note {
                    channel,
                    key,
                    down: true,
                    gate: true,
                    started: now,
                    released: (0, 0),
                });
            }
            MidiEvent::NoteOff { note } => {
                let meant =
                    |n: &&mut Note| n.down && note.reaches(&NoteAddress::new(n.channel, n.key));
                self.notes.iter_mut().filter(meant).for_each(lift);
            }
            MidiEvent::Controller {
                channel,
                number: 64,
                value,
            } => {
                self.pedal[usize::from(channel)] = value >= 0.5;
                let freed =
                    |n: &&mut Note| n.channel == channel && n.gate && !n.down && value < 0.5;
                for note in self.notes.iter_mut().filter(freed) {
                    (note.gate, note.released) = (false, now);
                }
            }
            MidiEvent::Controller {
                channel,
                number: 123,
                ..
            } => {
                let meant = |n: &&mut Note| n.down && n.channel == channel;
                self.notes.iter_mut().filter(meant).for_each(lift);
            }
            MidiEvent::Controller {
                channel,
                number: 120,
                ..
            } => self.notes.retain(|n| n.channel != channel),
            _ => {}
        }
    }

    /// Released notes end: after 50 ms of silence, or with the implicit gate of 5 ms.
    fn end_cell(&mut self, frame: u64) {
        let gated = self.gated;
        self.notes.retain(|n| {
            n.gate
                || if gated {
                    frame <= n.released.1 + 2400
                } else {
                    frame < n.released.1 + 240
                }
        });
    }
}

/// A linear congruential generator (Knuth, MMIX), its upper bits.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn event(&mut self) -> MidiEvent {
        let channel = self.below(3) as u8;
        let note = NoteAddress::new(channel, 60 + self.below(7) as u8);
        let controller = |number, value| MidiEvent::Controller {
            channel,
            number,
            value,
        };
        match self.below(100) {
            0..45 => MidiEvent::NoteOn {
                note,
                velocity: 1.0,
            },
            45..80 => MidiEvent::NoteOff { note },
            80 => MidiEvent::NoteOff {
                note: NoteAddress::default(),
            },
            81..88 => controller(64, 1.0),
            88..95 => controller(64, 0.0),
            95 => controller(123, 0.0),
            96 => controller(120, 0.0),
            _ => MidiEvent::PitchBend {
                channel,
                value: self.below(201) as f32 * 0.01 - 1.0,
            },
        }
    }
}

/// What must be the same: the sounding notes in the order of their starts.
fn sounding(rig: &Rig) -> Vec<(u8, u8, bool, u64)> {
    let mut counted: Vec<&Voice> = rig.group.voices.iter().filter(|v| v.counts()).collect();
    counted.sort_by_key(|v| v.start_order);
    counted
        .iter()
        .map(|v| (v.channel, v.on_key, v.gate, v.on_frame))
        .collect()
}

#[test]
fn random_events_sound_the_notes_that_the_rules_say() {
    let mut events = 0;
    for (polyphony, gated, seed) in [
        (1, true, 1),
        (2, true, 2),
        (2, false, 3),
        (4, true, 4),
        (5, false, 5),
        (8, true, 6),
        (64, true, 7),
    ] {
        let settings = GroupSettings {
            polyphony,
            gated,
            ..GATED
        };
        let mut rig = Rig::new(settings);
        let mut model = Model {
            polyphony: usize::from(polyphony),
            gated,
            notes: Vec::new(),
            pedal: [false; 16],
            count: 0,
        };
        let mut random = Random(seed);
        let mut frame = 0;
        for step in 0..4000 {
            let event = random.event();
            let pause = match random.below(4) {
                0 => random.below(3000),
                1 | 2 => random.below(100),
                _ => 0,
            };
            // One voice returns to keys that are down, which the model does not know.
            if polyphony == 1 && matches!(event, MidiEvent::NoteOn { .. }) {
                let note = NoteAddress::default();
                rig.play(frame, MidiEvent::NoteOff { note });
                model.apply(frame, &MidiEvent::NoteOff { note });
            }
            let starts = rig.starts.len();
            rig.play(frame, event);
            model.apply(frame, &event);
            events += 1;
            let started = &rig.starts[starts..];
            let is_on = matches!(event, MidiEvent::NoteOn { .. });
            assert_eq!(started.len(), usize::from(is_on), "{step}: {event:?}");
            assert!(started.iter().all(|(at, v)| {
                *at == frame && rig.group.now(*v).on_frame == frame && rig.group.is_active(*v)
            }));
            let want: Vec<_> = model
                .notes
                .iter()
                .map(|n| (n.channel, n.key, n.gate, n.started.1))
                .collect();
            assert_eq!(
                sounding(&rig),
                want,
                "{polyphony} {gated} {step}: {event:?} at {frame}"
            );
            assert!(rig.group.sounding() <= usize::from(polyphony));
            for cell in frame / 64 + 1..=(frame + pause) / 64 {
                rig.group.end_cell(cell * 64);
                model.end_cell(cell * 64);
            }
            frame += pause;
        }
        // All keys and pedals up: everything ends, whatever came before.
        rig.play(
            frame,
            MidiEvent::NoteOff {
                note: NoteAddress::default(),
            },
        );
        for channel in 0..3 {
            rig.play(
                frame,
                MidiEvent::Controller {
                    channel,
                    number: 64,
                    value: 0.0,
                },
            );
        }
        rig.pass(frame, frame + 2600);
        assert!(!rig.group.any_active(), "{polyphony}: a note hangs");
        assert_eq!(rig.keyboard.keys_down(), 0);
    }
    println!("{events} events");
}

#[test]
fn a_lone_voice_never_hangs_and_plays_the_newest_key() {
    for legato in [false, true] {
        let mut rig = Rig::new(GroupSettings { legato, ..LEGATO });
        let mut random = Random(11);
        let mut frame = 0;
        for step in 0..6000 {
            let event = random.event();
            rig.play(frame, event);
            assert!(rig.group.sounding() <= 1);
            let gated: Vec<&Voice> = rig.group.voices.iter().filter(|v| v.is_down()).collect();
            if let Some((newest, _)) = rig.keyboard.newest_key() {
                // The newest key sounds, unless a pedal holds the note that was there.
                let [voice] = gated[..] else {
                    // A key that was down when the sound was cut off is not struck again.
                    continue;
                };
                if voice.stage == Stage::Held && matches!(event, MidiEvent::NoteOn { .. }) {
                    assert_eq!(voice.note, newest, "{legato} {step}: {event:?}");
                }
            } else {
                assert!(gated.iter().all(|v| v.stage == Stage::Sustained), "{step}");
            }
            let pause = random.below(300);
            rig.pass(frame, frame + pause);
            frame += pause;
        }
        rig.play(
            frame,
            MidiEvent::NoteOff {
                note: NoteAddress::default(),
            },
        );
        (0..3).for_each(|channel| {
            let (number, value) = (64, 0.0);
            rig.play(
                frame,
                MidiEvent::Controller {
                    channel,
                    number,
                    value,
                },
            );
        });
        rig.pass(frame, frame + 2600);
        assert!(!rig.group.any_active());
    }
}

#[test]
fn stealing_never_steps_however_fast_the_notes_come() {
    let mut rig = Rig::new(GroupSettings {
        gated: false,
        polyphony: 3,
        ..GATED
    });
    let mut random = Random(21);
    // Each voice gives 1 and -1, so that whatever steps is a fault of gains and residuals.
    let output = |rig: &Rig, frame: u64| {
        let group = &rig.group;
        let gains = (0..group.len()).filter(|v| group.is_active(*v));
        let sum: f32 = gains.map(|v| group.gain(v).at(frame)).sum();
        let rest = group
            .residual(frame)
            .map_or([0.0; 2], |r| r.map(|l| l.at(frame)));
        [sum + rest[0], -sum + rest[1]]
    };
    let (mut before, mut largest, mut cut) = ([0.0; 2], 0.0_f32, 0);
    for frame in 0..48_000 {
        if frame % 64 == 0 {
            rig.group.end_cell(frame);
        }
        if random.below(60) == 0 {
            for _ in 0..=random.below(4) {
                let key = 40 + random.below(50) as u8;
                rig.on(frame, key);
            }
        }
        let now = output(&rig, frame);
        cut += usize::from(rig.group.residual(frame).is_some());
        for (a, b) in before.iter().zip(now) {
            largest = largest.max((b - a).abs());
        }
        before = now;
        for voice in 0..rig.group.len() {
            let gain = rig.group.gain(voice).at(frame);
            rig.group.left_at(voice, gain, -gain);
        }
    }
    println!("largest step {largest}, residual on {cut} frames");
    assert!(cut > 1000);
    // Three voices rise while two fall and the rest of up to six that were cut.
    assert!(largest < 12.0 / 240.0, "{largest}");
}
