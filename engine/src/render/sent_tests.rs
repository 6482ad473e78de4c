use super::*;
use crate::processor::NoteOut;

fn note(frame: u64, frames: u32, key: u8) -> NoteOut {
    NoteOut {
        frame,
        frames,
        channel: 0,
        key,
        velocity: 0.5,
    }
}

/// Lets notes pass in chunks that end at multiples of 64 and wherever `cut` says, as one block.
fn run(sent: &mut Sent, notes: &[NoteOut], end: u64, cut: u64) -> Vec<(usize, u8, bool)> {
    let sink = NoteSink::new(MAX_PER_CHUNK);
    sent.begin_block();
    let mut first = 0;
    while first < end {
        let next = ((first / 64 + 1) * 64).min(first + cut).min(end);
        let here = |n: &&NoteOut| (first..next).contains(&n.frame);
        notes.iter().filter(here).for_each(|n| sink.push(*n));
        let chunk = Stretch {
            first,
            start: first as usize,
            frames: (next - first) as usize,
        };
        sent.collect(&sink, chunk, false);
        first = next;
    }
    let listed = sent.list().iter();
    listed.map(|n| (n.frame, n.key, n.on)).collect()
}

#[test]
fn a_note_ends_after_its_length_and_one_frame_is_the_least() {
    for cut in [1, 7, 64] {
        let got = run(
            &mut Sent::default(),
            &[note(10, 100, 60), note(20, 0, 61)],
            200,
            cut,
        );
        let want = [
            (10, 60, true),
            (20, 61, true),
            (21, 61, false),
            (110, 60, false),
        ];
        assert_eq!(got, want, "{cut}");
    }
}

#[test]
fn a_key_that_sounds_ends_before_it_starts_again() {
    let notes = [note(10, 100, 60), note(50, 100, 60), note(150, 10, 60)];
    let got = run(&mut Sent::default(), &notes, 300, 64);
    let want = [
        (10, 60, true),
        (50, 60, false),
        (50, 60, true),
        // Due on this very frame: it ends once.
        (150, 60, false),
        (150, 60, true),
        (160, 60, false),
    ];
    assert_eq!(got, want);
}

#[test]
fn the_oldest_gives_way_when_too_many_sound() {
    let notes: Vec<NoteOut> = (0..130)
        .map(|i| NoteOut {
            channel: (i / 100) as u8,
            ..note(i * 8, 1_000_000, (i % 100) as u8)
        })
        .collect();
    let got = run(&mut Sent::default(), &notes, 2000, 64);
    let ends: Vec<_> = got.iter().filter(|n| !n.2).collect();
    assert_eq!(ends, [&(1024, 0, false), &(1032, 1, false)]);
}

#[test]
fn the_end_of_all_comes_on_the_next_frame_and_once() {
    let mut sent = Sent::default();
    run(&mut sent, &[note(0, 1000, 60), note(3, 1000, 64)], 64, 64);
    sent.reset();
    assert_eq!(
        run(&mut sent, &[note(5, 9, 60)], 64, 64),
        [
            (0, 60, false),
            (0, 64, false),
            (5, 60, true),
            (14, 60, false)
        ]
    );
    assert_eq!(run(&mut sent, &[], 2000, 64), []);
}

/// More notes than may start: which ones do is a matter of frames, not of cuts.
#[test]
fn a_flood_is_cut_off_alike_for_every_cut() {
    // Two nodes that fire every second frame, computed one after the other in each chunk.
    let flood: Vec<NoteOut> = (0..2)
        .flat_map(|node| (0..500).map(move |i| note(i * 2, 3, (i % 60 + node * 60) as u8)))
        .collect();
    let want = run(&mut Sent::default(), &flood, 1100, 64);
    for cut in [1, 5, 33] {
        assert_eq!(run(&mut Sent::default(), &flood, 1100, cut), want, "{cut}");
    }
    let starts = want.iter().filter(|n| n.2).count();
    // 64 at once and 16 for each of the 15 further cells that notes fall into.
    assert_eq!(starts, 64 + 16 * 15);
    assert_eq!(want.len(), 2 * starts);
    assert!(want.windows(2).all(|w| w[0].0 <= w[1].0));
}

#[test]
fn every_start_has_its_end_even_when_a_block_is_full() {
    let mut sent = Sent::default();
    let flood: Vec<NoteOut> = (0..60_000)
        .map(|i| note(i * 2, 40, (i % 128) as u8))
        .collect();
    let first = run(&mut sent, &flood, 120_000, 64);
    assert!(first.len() <= MAX_PER_BLOCK && first.len() > MAX_PER_BLOCK - 200);
    sent.end_all();
    let rest = run(&mut sent, &[], 64, 64);
    let (on, off): (Vec<_>, Vec<_>) = first.iter().chain(&rest).copied().partition(|n| n.2);
    assert_eq!(on.len(), off.len());
}
