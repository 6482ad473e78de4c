use super::*;

const RATE: f64 = 48_000.0;
const TEMPO: f64 = 120.0;
const BEATS_PER_FRAME: f64 = TEMPO / 60.0 / RATE;

fn host(playing: bool, beats: f64, loop_beats: Option<(f64, f64)>) -> HostTransport {
    HostTransport {
        playing,
        tempo_bpm: Some(TEMPO),
        beats: Some(beats),
        loop_beats,
    }
}

/// Plays host blocks cut into parts as nice-plug cuts them: each part's position is the block's
/// own plus the time since the block's start, whatever the song does.
fn parts_of_blocks(
    blocks: &[(f64, &[usize])],
    playing: bool,
    loop_beats: Option<(f64, f64)>,
) -> Vec<f64> {
    let mut filter = PositionFilter::default();
    let mut passed = Vec::new();
    for (beat, parts) in blocks {
        let mut offset = 0;
        for frames in *parts {
            let told = beat + offset as f64 * BEATS_PER_FRAME;
            let out = filter.correct(host(playing, told, loop_beats), *frames, 512, RATE);
            passed.push(out.beats.expect("a position"));
            offset += frames;
        }
    }
    passed
}

#[test]
fn a_standing_song_stands_in_every_part_of_a_cut_block() {
    let passed = parts_of_blocks(
        &[(8.0, &[100, 12, 400]), (8.0, &[512]), (8.0, &[1, 511])],
        false,
        None,
    );
    assert!(passed.iter().all(|b| *b == 8.0), "{passed:?}");
}

#[test]
fn a_standing_song_may_be_moved_by_the_host() {
    let passed = parts_of_blocks(
        &[(8.0, &[512]), (12.0, &[256, 256]), (2.0, &[512])],
        false,
        None,
    );
    assert_eq!(passed, [8.0, 12.0, 12.0, 2.0]);
}

#[test]
fn a_running_song_passes_unchanged() {
    let block = 512.0 * BEATS_PER_FRAME;
    let passed = parts_of_blocks(&[(0.0, &[200, 312]), (block, &[512])], true, None);
    assert_eq!(passed, [0.0, 200.0 * BEATS_PER_FRAME, block]);
}

#[test]
fn parts_behind_a_loop_end_are_at_the_loop_start() {
    // The loop ends 100 frames into the block; parts begin at frames 0, 50, 150 and 300.
    let start = 8.0 - 100.0 * BEATS_PER_FRAME;
    let next = 4.0 + 412.0 * BEATS_PER_FRAME;
    let passed = parts_of_blocks(
        &[(start, &[50, 100, 150, 212]), (next, &[512])],
        true,
        Some((4.0, 8.0)),
    );
    let expected = [
        start,
        start + 50.0 * BEATS_PER_FRAME,
        4.0 + 50.0 * BEATS_PER_FRAME,
        4.0 + 200.0 * BEATS_PER_FRAME,
        next,
    ];
    for (got, want) in passed.iter().zip(expected) {
        assert!(
            (got - want).abs() < 1e-9,
            "{passed:?} instead of {expected:?}"
        );
    }
    assert_eq!(passed.len(), expected.len());
}

#[test]
fn a_host_that_plays_on_behind_its_loop_is_believed() {
    // Cut or not: more than one host block behind the end, the host means it.
    let block = 512.0 * BEATS_PER_FRAME;
    let far = 8.0 + 2.0 * block;
    let passed = parts_of_blocks(
        &[(far, &[512]), (far + block, &[512])],
        true,
        Some((4.0, 8.0)),
    );
    assert_eq!(passed, [far, far + block]);
}

#[test]
fn missing_figures_pass_and_are_forgotten() {
    let mut filter = PositionFilter::default();
    let unknown = HostTransport {
        playing: true,
        ..HostTransport::default()
    };
    assert_eq!(filter.correct(unknown, 64, 512, RATE), unknown);
    assert!(filter.last.is_none());
}

/// Notes at given frames, and those that the program sends.
struct HostNotes<'a>(std::slice::Iter<'a, (usize, EventKind)>, Vec<SentNote>);

impl Notes for HostNotes<'_> {
    fn next_note(&mut self) -> Option<(usize, EventKind)> {
        self.0.next().copied()
    }

    fn send_note(&mut self, note: &SentNote) {
        self.1.push(*note);
    }
}

const CONTROLS: Controls = Controls {
    gain_db: 0.0,
    bypass: false,
    guard: false,
    program: 0,
    quantum_beats: 0,
    free_run: FreeRun::OnRun,
    bend_semitones: 2.0,
    mpe: false,
    knobs: [0.0; engine::KNOB_SLOTS],
};

/// Output gains from given frames on.
struct Gains<'a> {
    changes: &'a [(usize, f32)],
    now: Controls,
}

impl<'a> Gains<'a> {
    fn new(changes: &'a [(usize, f32)]) -> Self {
        let now = CONTROLS;
        Self { changes, now }
    }
}

impl ControlSource for Gains<'_> {
    fn at(&mut self, frame: usize) -> Controls {
        while let Some(((from, gain_db), rest)) = self.changes.split_first()
            && *from <= frame
        {
            self.now.gain_db = *gain_db;
            self.changes = rest;
        }
        self.now
    }

    fn next_change(&self) -> Option<usize> {
        self.changes.first().map(|(frame, _)| *frame)
    }
}

/// What a program renders and sends that is played `events` and output gains in one block, with room
/// for so many events at a time. The song wraps in the middle.
fn played(
    capacity: usize,
    events: &[(usize, EventKind)],
    gains: &[(usize, f32)],
) -> (Vec<f32>, Vec<SentNote>) {
    const FRAMES: usize = 512;
    let mut parts = engine::create(&engine::Config {
        sample_rate: RATE,
        kind: engine::Kind::Effect,
        seed: 0,
    });
    let evaluation = parts.engine.evaluate(
        "out: ~input >> mul 0.5\nbeat: speed 64 >> seq 60 62 64 65 >> notes 3 0.5 1",
        engine::Launch::Now,
    );
    assert!(evaluation.accepted, "{:?}", evaluation.diagnostics);
    let mut left: Vec<f32> = (0..FRAMES).map(|i| i as f32 / FRAMES as f32).collect();
    let mut right = left.clone();
    let mut callback = Callback::with_capacity(capacity);
    let piece = Piece {
        channels: &mut [&mut left, &mut right],
        input_channels: 2,
        sidechain: &[],
        transport: host(true, 2.0, Some((0.0, 2.01))),
        start: 0,
    };
    let mut notes = HostNotes(events.iter(), Vec::new());
    let mut controls = Gains::new(gains);
    callback.render(
        &mut parts.renderer,
        piece,
        &mut controls,
        FRAMES,
        &mut notes,
    );
    assert_eq!(notes.0.len(), 0, "all events are taken");
    assert_eq!(controls.changes, [], "all changes are taken");
    (left, notes.1)
}

#[test]
fn more_events_than_fit_are_rendered_in_pieces_and_change_no_sample() {
    let events: Vec<(usize, EventKind)> = (0..400)
        .map(|i| {
            let note = engine::NoteAddress::new(0, (i % 128) as u8);
            (
                i / 3 * 4,
                EventKind::Midi(engine::MidiEvent::NoteOff { note }),
            )
        })
        .collect();
    let gains: Vec<(usize, f32)> = (0..200).map(|i| (i / 2 * 5 + 3, -(i as f32))).collect();
    let whole = played(EVENTS, &events, &[]);
    assert!(whole.0.iter().any(|x| *x > 0.4), "the input sounds");
    assert!(whole.1.len() >= 4, "the pattern sends notes: {:?}", whole.1);
    for capacity in [Controls::COUNT + 1, 50, 64, 100] {
        assert_eq!(played(capacity, &events, &[]), whole, "{capacity}");
    }
    let automated = played(EVENTS, &events, &gains);
    assert_eq!(automated.0[..4], whole.0[..4], "up to the first change");
    assert_ne!(automated.0, whole.0);
    for capacity in [Controls::COUNT + 1, 50, 64, 100] {
        assert_eq!(played(capacity, &events, &gains), automated, "{capacity}");
    }
    // All of them on one frame, the last one included.
    let events: Vec<_> = events.iter().map(|(_, event)| (511, *event)).collect();
    assert_eq!(played(50, &events, &[]), played(EVENTS, &events, &[]));
}

#[test]
fn the_clock_never_runs_backwards() {
    let first = now_ns();
    assert!(now_ns() >= first);
}

#[test]
fn a_parameter_that_follows_a_message_takes_no_later_message_back() {
    let mut parts = engine::create(&engine::Config {
        sample_rate: RATE,
        kind: engine::Kind::Instrument,
        seed: 0,
    });
    for (program, level) in [(0, "0.25"), (1, "0.5"), (2, "0.75")] {
        let text = format!("out: sig {level}");
        assert!(
            parts
                .engine
                .evaluate_in(program, &text, engine::Launch::Now)
                .accepted
        );
    }
    let mut callback = Callback::default();
    let mut block = |callback: &mut Callback, program: u8, messages: &[(usize, u8)]| {
        let (mut left, mut right) = ([0.0; 1024], [0.0; 1024]);
        let piece = Piece {
            channels: &mut [&mut left, &mut right],
            input_channels: 0,
            sidechain: &[],
            transport: HostTransport::default(),
            start: 0,
        };
        let messages: Vec<(usize, EventKind)> = messages
            .iter()
            .map(|&(frame, program)| {
                let quantum_beats = 0;
                let kind = EventKind::Program {
                    program,
                    quantum_beats,
                };
                (frame, kind)
            })
            .collect();
        let mut notes = HostNotes(messages.iter(), Vec::new());
        let now = Controls {
            program,
            ..CONTROLS
        };
        let mut controls = Gains { changes: &[], now };
        callback.render(&mut parts.renderer, piece, &mut controls, 1024, &mut notes);
        left
    };
    // The first block chooses without a fade; a message fades from its frame on.
    let heard = block(&mut callback, 1, &[(100, 2)]);
    assert_eq!((heard[0], heard[100], heard[101] > 0.5), (0.5, 0.5, true));
    assert_eq!(heard[1023], 0.75);
    // The parameter follows, and that changes nothing.
    assert_eq!(block(&mut callback, 2, &[]), [0.75; 1024]);
    // Only a change of it does.
    assert_eq!(block(&mut callback, 0, &[])[1023], 0.25);
    assert_eq!(block(&mut callback, 0, &[(0, 1)])[1023], 0.5);
    assert_eq!(
        block(&mut callback, 0, &[])[1023],
        0.5,
        "a parameter that stands asks for nothing"
    );
    assert_eq!(block(&mut callback, 2, &[])[1023], 0.75);
    // A reset keeps the program that a message chose; the parameter still counts when it changes.
    assert_eq!(block(&mut callback, 2, &[(0, 0)])[1023], 0.25);
    callback.reset();
    assert_eq!(block(&mut callback, 2, &[]), [0.25; 1024]);
    callback.reset();
    assert_eq!(block(&mut callback, 1, &[])[1023], 0.5);
}

#[test]
fn a_position_in_seconds_or_samples_counts_at_the_last_known_tempo() {
    let mut reader = TransportReader::default();
    let mut transport = Transport::new(48_000.0);
    transport.playing = true;
    assert_eq!(reader.read(&transport).beats, None);
    transport.pos_samples = Some(72_000);
    let read = reader.read(&transport);
    assert_eq!((read.tempo_bpm, read.beats), (Some(120.0), Some(3.0)));
    transport.tempo = Some(90.0);
    transport.pos_seconds = Some(4.0);
    let read = reader.read(&transport);
    assert_eq!((read.tempo_bpm, read.beats), (Some(90.0), Some(6.0)));
    for missing in [None, Some(0.0), Some(f64::NAN)] {
        transport.tempo = missing;
        transport.pos_seconds = Some(8.0);
        let read = reader.read(&transport);
        assert_eq!((read.tempo_bpm, read.beats), (Some(90.0), Some(12.0)));
    }
    // Where the host knows beats, they count, whatever else it says.
    transport.pos_beats = Some(-1.5);
    assert_eq!(reader.read(&transport).beats, Some(-1.5));
}

#[test]
fn a_file_is_never_rendered_with_a_song_that_runs_by_itself() {
    struct Always;
    impl ControlSource for Always {
        fn at(&mut self, _: usize) -> Controls {
            Controls {
                free_run: FreeRun::Always,
                ..CONTROLS
            }
        }
        fn next_change(&self) -> Option<usize> {
            None
        }
    }
    let beat_after = |offline: bool| {
        let mut parts = engine::create(&engine::Config {
            sample_rate: RATE,
            kind: engine::Kind::Instrument,
            seed: 0,
        });
        let evaluation = parts.engine.run("out: ~beat", engine::Launch::Now);
        assert!(evaluation.accepted);
        let mut callback = Callback {
            offline,
            ..Callback::with_capacity(EVENTS)
        };
        let mut last = 0.0;
        for _ in 0..100 {
            let (mut left, mut right) = ([0.0; 480], [0.0; 480]);
            let piece = Piece {
                channels: &mut [&mut left, &mut right],
                input_channels: 0,
                sidechain: &[],
                transport: host(false, 0.5, None),
                start: 0,
            };
            let mut notes = HostNotes([].iter(), Vec::new());
            callback.render(&mut parts.renderer, piece, &mut Always, 480, &mut notes);
            last = left[479];
        }
        last
    };
    assert_eq!(beat_after(true), 0.5);
    let ran = 0.5 + (48_000.0 - 1.0) * BEATS_PER_FRAME as f32;
    assert!((beat_after(false) - ran).abs() < 1e-5);
}
