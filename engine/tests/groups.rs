//! Voices in the graph: what a voice computes, what it shares, loops through it, and what an edit
//! keeps of it.

mod common;

use common::{Audio, Cut, Host};
use glisten_engine::{Event, EventKind, Kind, MidiEvent, NoteAddress};

fn on(frame: usize, key: u8, velocity: f32) -> Event {
    Event {
        frame,
        kind: EventKind::Midi(MidiEvent::NoteOn {
            note: NoteAddress::new(0, key),
            velocity,
        }),
    }
}

fn off(frame: usize, key: u8) -> Event {
    Event {
        frame,
        kind: EventKind::Midi(MidiEvent::NoteOff {
            note: NoteAddress::new(0, key),
        }),
    }
}

fn silent(_: u64) -> (f32, f32) {
    (0.0, 0.0)
}

fn instrument(program: &str) -> Host {
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.evaluate(program);
    host
}

/// Plays events for some frames.
fn play(program: &str, frames: usize, events: &[Event]) -> Audio {
    instrument(program).render_with(frames, events, silent)
}

fn peak_difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter()
        .zip(b)
        .fold(0.0, |worst, (a, b)| worst.max((a - b).abs()))
}

#[test]
fn a_voice_is_the_program_with_its_note_from_its_frame_on() {
    // `~gate` as a factor makes the group end its own notes; the voice has no other gain then.
    let voice = "out: saw ~freq >> lpf 900 0.8 >> mul ~gate >> poly 8";
    let alone = Host::playing("out: saw 440 >> lpf 900 0.8 >> mul 1")
        .without_guard()
        .render(4000);
    for frame in [0, 1, 63, 64, 1000] {
        let heard = play(voice, 5000, &[on(frame, 69, 0.5)]);
        assert!(heard.left[..frame].iter().all(|x| *x == 0.0));
        let worst = peak_difference(&heard.left[frame..frame + 4000], &alone.left);
        // Coefficients are computed at other frames, so the last bits may differ.
        assert!(worst < 1e-6, "note at {frame}: {worst}");
    }
}

#[test]
fn a_chord_in_one_frame_is_the_sum_of_its_notes() {
    let program = "out: tri ~freq >> mul ~vel >> mul ~gate >> poly 4";
    let keys = [(60, 0.2), (64, 0.5), (67, 0.9)];
    let notes: Vec<Event> = keys.iter().map(|(k, v)| on(100, *k, *v)).collect();
    let chord = play(program, 3000, &notes);
    let mut sum = vec![0.0_f32; 3000];
    for note in &notes {
        let one = play(program, 3000, &[*note]);
        sum.iter_mut().zip(&one.left).for_each(|(s, x)| *s += x);
    }
    assert!(chord.peak() > 0.1);
    assert_eq!(peak_difference(&chord.left, &sum), 0.0);
}

#[test]
fn what_is_shared_is_computed_once_and_read_by_all_voices() {
    // A shared oscillator keeps its phase whatever the keys do.
    let shared = "~lfo: sin 3\nout: ~lfo >> mul ~gate >> poly 4";
    let bare = Host::playing("out: sin 3").without_guard().render(4000);
    let heard = play(shared, 4000, &[on(500, 60, 1.0), on(900, 64, 1.0)]);
    assert_eq!(
        peak_difference(&heard.left[500..900], &bare.left[500..900]),
        0.0
    );
    let twice: Vec<f32> = bare.left[900..].iter().map(|x| 2.0 * x).collect();
    assert_eq!(peak_difference(&heard.left[900..], &twice), 0.0);
}

#[test]
fn a_chain_that_two_sums_need_exists_in_both() {
    let program =
        "~v: saw ~freq >> mul ~gate\na: ~v >> mul 0.5 >> poly 4\nb: ~v >> lpf 500 0.7 >> poly 2";
    let events = [on(64, 57, 1.0), on(200, 62, 1.0), on(700, 66, 1.0)];
    let both = play(program, 2000, &events);
    let a = play(
        "~v: saw ~freq >> mul ~gate\na: ~v >> mul 0.5 >> poly 4",
        2000,
        &events,
    );
    let b = play(
        "~v: saw ~freq >> mul ~gate\nb: ~v >> lpf 500 0.7 >> poly 2",
        2000,
        &events,
    );
    let sum: Vec<f32> = a.left.iter().zip(&b.left).map(|(a, b)| a + b).collect();
    assert!(both.peak() > 0.3);
    assert!(peak_difference(&both.left, &sum) < 1e-6);
}

#[test]
fn loops_run_inside_voices_and_through_their_sum() {
    // Inside: a delay of its own in every voice.
    let inside =
        "~v: ~gate >> mul 0.01 >> add ~back\n~back: ~v >> delayms 5 >> mul 0.5\nout: ~v >> poly 4";
    let heard = play(inside, 2000, &[on(0, 60, 1.0)]);
    // 0.01, then 0.01 * (1 + 0.5 + 0.25 ...) from one delay of 240 frames to the next.
    for (frame, wanted) in [(100, 0.01), (300, 0.015), (600, 0.0175), (1900, 0.01 * 2.0)] {
        assert!(
            (heard.left[frame] - wanted).abs() < 2e-4,
            "{frame}: {}",
            heard.left[frame]
        );
    }
    // Two notes have two loops.
    let two = play(inside, 2000, &[on(0, 60, 1.0), on(1000, 64, 1.0)]);
    let one = play(inside, 2000, &[on(1000, 64, 1.0)]);
    let sum: Vec<f32> = heard
        .left
        .iter()
        .zip(&one.left)
        .map(|(a, b)| a + b)
        .collect();
    assert!(peak_difference(&two.left, &sum) < 1e-6);

    // Through the sum: a delay after it, exact.
    let through = "~v: ~gate >> mul 0.01 >> add ~back\n~sum: ~v >> poly 4\n~back: ~sum >> delayms 5 >> mul 0.5\nout: ~sum >> mul 1";
    let heard = play(through, 2000, &[on(0, 60, 1.0)]);
    for (frame, wanted) in [(100, 0.01), (239, 0.01), (240, 0.015), (600, 0.0175)] {
        assert!(
            (heard.left[frame] - wanted).abs() < 1e-6,
            "{frame}: {}",
            heard.left[frame]
        );
    }
    // Through the sum with a delay in the voice only: a line of 64 frames at the reference.
    let delayed = "~v: ~gate >> mul 0.01 >> add ~back >> delayms 5\n~sum: ~v >> poly 4\n~back: ~sum >> mul 0.5\nout: ~sum >> mul 1";
    let heard = play(delayed, 3000, &[on(0, 60, 1.0)]);
    assert_eq!(heard.left[239], 0.0);
    for (frame, wanted) in [(240, 0.01), (543, 0.01), (544, 0.015)] {
        assert!(
            (heard.left[frame] - wanted).abs() < 1e-6,
            "{frame}: {}",
            heard.left[frame]
        );
    }
}

#[test]
fn cuts_of_the_host_are_inaudible() {
    let program = "~env: ~gate >> adsr 0.01 0.05 0.5 0.1\n~v: saw ~freq >> lpf 1200 0.8 >> mul ~env >> delayms 30\nout: ~v >> poly 3 >> plate 0.2";
    let mut events = Vec::new();
    for i in 0..40 {
        events.push(on(i * 311, 50 + (i * 7 % 20) as u8, 0.7));
        events.push(off(i * 311 + 500, 50 + (i * 7 % 20) as u8));
    }
    events.sort_by_key(|e| e.frame);
    let whole = play(program, 14_000, &events);
    assert!(whole.peak() > 0.05);
    for seed in 1..6 {
        let cut = instrument(program)
            .with_cut(Cut::Random(seed))
            .render_with(14_000, &events, silent);
        assert_eq!(whole.first_difference(&cut), None, "seed {seed}");
    }
}

#[test]
fn an_edit_elsewhere_leaves_sounding_voices_alone() {
    let before = "~v: saw ~freq >> mul ~gate\nout: ~v >> poly 4\nother: imp 2 >> mul 0";
    let after =
        "~v: saw ~freq >> mul ~gate\nout: ~v >> poly 4\nother: imp 2 >> mul 0 >> lpf 500 0.8";
    let events = [on(10, 60, 1.0), on(300, 65, 1.0)];
    let mut edited = instrument(before);
    let mut heard = edited.render_with(1000, &events, silent);
    edited.evaluate(after);
    heard.extend(&edited.render_with(3000, &[], silent));
    let mut untouched = instrument(before);
    let mut wanted = untouched.render_with(1000, &events, silent);
    wanted.extend(&untouched.render_with(3000, &[], silent));
    assert_eq!(heard.first_difference(&wanted), None);
}

#[test]
fn an_edit_inside_fades_within_each_voice() {
    let before = "out: sin ~freq >> mul ~gate >> mul 0.2 >> poly 4";
    let after = "out: sin ~freq >> lpf 20000 0.7 >> mul ~gate >> mul 0.2 >> poly 4";
    let events = [on(0, 60, 1.0), on(0, 64, 1.0), on(0, 67, 1.0)];
    let mut host = instrument(before);
    let mut heard = host.render_with(2000, &events, silent);
    host.evaluate(after);
    heard.extend(&host.render_with(2000, &[], silent));
    let unedited = play(before, 4000, &events);
    // The oscillators go on: once the fade is over, a filter that does next to nothing changes next
    // to nothing.
    let moved = peak_difference(&heard.left[3000..], &unedited.left[3000..]);
    assert!(moved < 0.06, "{moved}");
    let step = |xs: &[f32]| {
        xs.windows(2)
            .fold(0.0_f32, |m, w| m.max((w[1] - w[0]).abs()))
    };
    assert!(step(&heard.left) < 1.1 * step(&unedited.left));
    // Taking the sum away ends the voices softly.
    host.evaluate("out: sin 440 >> mul 0");
    let end = host.render_with(2000, &[], silent);
    assert!(
        step(&end.left) < 1.1 * step(&unedited.left),
        "{}",
        step(&end.left)
    );
    assert!(end.left[600..].iter().all(|x| *x == 0.0));
}

#[test]
fn more_and_fewer_voices_keep_those_that_sound() {
    let program = |n: usize| format!("out: sin ~freq >> mul ~gate >> mul 0.1 >> poly {n}");
    let chord: Vec<Event> = [60, 63, 67, 70].iter().map(|k| on(0, *k, 1.0)).collect();
    let mut host = instrument(&program(4));
    let mut heard = host.render_with(1000, &chord, silent);
    host.evaluate(&program(16));
    heard.extend(&host.render_with(2000, &[], silent));
    let wanted = play(&program(4), 3000, &chord);
    assert_eq!(heard.first_difference(&wanted), None, "more voices");
    host.evaluate(&program(2));
    let fewer = host.render_with(2000, &[], silent);
    let joined: Vec<f32> = heard.left.iter().chain(&fewer.left).copied().collect();
    let step = |xs: &[f32]| {
        xs.windows(2)
            .fold(0.0_f32, |m, w| m.max((w[1] - w[0]).abs()))
    };
    let (joined, wanted) = (step(&joined), step(&wanted.left));
    assert!(joined <= 1.1 * wanted, "{joined} {wanted}");
    let two: f32 = fewer.left[600..].iter().fold(0.0, |m, x| m.max(x.abs()));
    assert!(two > 0.1 && two < 0.21, "two of four voices sound: {two}");
}

#[test]
fn feedback_between_voices_and_edits_of_the_sum_compile() {
    let mut host = instrument("out: saw ~freq >> mul ~gate >> poly 4 >> mul 0.1");
    host.render_with(500, &[on(0, 60, 1.0), on(0, 62, 1.0)], silent);
    for text in [
        "out: saw ~freq >> mul ~gate >> poly 4 >> lpf 900 0.8 >> mul 0.1",
        "~v: saw ~freq >> mul ~gate\nout: ~v >> poly 4 >> mul 0.1",
        "~v: saw ~freq >> mul ~gate\nout: ~v >> mul 0.1",
        "~v: saw ~freq >> mul ~gate\na: ~v >> poly 2 >> mul 0.1\nb: ~v >> poly 3 >> mul 0.1",
        "~v: saw ~freq >> mul ~gate\nb: ~v >> poly 3 >> mul 0.1",
        "~v: saw 110 >> mul 0.5\nb: ~v >> mul 0.1",
        "~v: saw ~freq >> mul ~gate >> add ~fb\n~fb: b >> mul 0.1 >> delayms 100\nb: ~v >> poly 3 >> mul 0.1",
        "~v: saw ~freq >> mul ~gate >> add ~fb\n~fb: b >> mul 0.1\nb: ~v >> poly 3 >> mul 0.1",
        "",
        "out: saw ~freq >> mul ~gate >> poly 4 >> mul 0.1",
    ] {
        host.evaluate(text);
        for _ in 0..3 {
            let audio = host.render_with(300, &[on(10, 64, 0.5), off(200, 64)], silent);
            assert!(audio.peak() < 2.0, "{text}");
        }
    }
}

#[test]
fn the_panic_button_ends_notes_and_tails_with_the_next_block() {
    let mut host = instrument("out: saw ~freq >> mul ~gate >> poly 4 >> delayms 200 >> mul 0.3");
    let button = host.engine.panic_button();
    host.render_with(20_000, &[on(0, 60, 1.0)], silent);
    let sounding = host.render_with(512, &[], silent);
    assert!(sounding.peak() > 0.05);
    button.press();
    let after = host.render_with(20_000, &[], silent);
    // What sounded falls to 0 in 5 ms; neither the held note nor its echo comes back.
    assert!(after.left[300..].iter().all(|x| *x == 0.0));
    // It is pressed once: the next note sounds.
    let again = host.render_with(20_000, &[on(0, 64, 1.0)], silent);
    assert!(again.peak() > 0.05);
}
