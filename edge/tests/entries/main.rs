//! The entry points as hosts use them, with a plugin whose parameters get names while it runs.
//!
//! Everything that nice-plug could change under the edge is asked for here.

#![allow(unsafe_code, missing_docs)]

mod clap_side;
mod named;
mod vst3_side;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::ThreadId;

use named::{Seen, newest};

glisten_edge::export!(named::Named);

/// What a host shows of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub id: u32,
    pub name: String,
    /// VST3 only; CLAP has units in the text.
    pub unit: String,
    pub default: f64,
}

/// What the plugin told its host.
#[derive(Debug)]
pub struct Told {
    main_thread: ThreadId,
    /// Names and values are to be read again.
    pub rescans: AtomicU32,
    /// The project changed.
    pub dirty: AtomicU32,
    pub wrong_thread: AtomicU32,
    pub wrong_flags: AtomicU32,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            main_thread: std::thread::current().id(),
            rescans: AtomicU32::new(0),
            dirty: AtomicU32::new(0),
            wrong_thread: AtomicU32::new(0),
            wrong_flags: AtomicU32::new(0),
        }
    }
}

impl Told {
    pub fn count(&self, what: &AtomicU32) {
        what.fetch_add(1, Ordering::SeqCst);
        if std::thread::current().id() != self.main_thread {
            self.wrong_thread.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Rescans and marks since the last call; all came on the main thread, with the right flags.
    fn take(&self) -> (u32, u32) {
        assert_eq!(self.wrong_thread.load(Ordering::SeqCst), 0);
        assert_eq!(self.wrong_flags.load(Ordering::SeqCst), 0);
        let take = |count: &AtomicU32| count.swap(0, Ordering::SeqCst);
        (take(&self.rescans), take(&self.dirty))
    }
}

/// One block: frames, automation of `a` (frame, value), notes (frame, key), and whether the host
/// hands over the side chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Block<'a> {
    pub frames: usize,
    pub a: &'a [(u32, f64)],
    pub notes: &'a [(u32, u8)],
    pub sidechain: bool,
}

/// A host in either format.
pub trait TestHost {
    /// What the plugin told so far.
    fn told(&self) -> &Told;
    /// Serves the main thread.
    fn idle(&self);
    fn shown(&self) -> Vec<Shown>;
    /// Asks for a parameter behind the last. Whether there is one.
    fn shows_too_many(&self) -> bool;
    /// Text of a value, 0..1.
    fn text(&self, id: u32, value: f64) -> String;
    fn parse(&self, id: u32, text: &str) -> Option<f64>;
    fn value(&self, id: u32) -> f64;
    fn save(&self) -> Vec<u8>;
    fn load(&self, state: &[u8]);
    fn process(&self, block: Block<'_>);
}

fn hosts() -> [Box<dyn TestHost>; 2] {
    [
        Box::new(clap_side::ClapSide::new()),
        Box::new(vst3_side::Vst3Side::new()),
    ]
}

/// Runs a test with a host of each format and what its instance shares.
fn in_both(test: impl Fn(&dyn TestHost, &named::Shared)) {
    let clap = clap_side::ClapSide::new();
    test(&clap, &newest());
    let vst3 = vst3_side::Vst3Side::new();
    test(&vst3, &newest());
}

fn names(shown: &[Shown]) -> Vec<&str> {
    shown.iter().map(|s| s.name.as_str()).collect()
}

fn ids(shown: &[Shown]) -> Vec<u32> {
    shown.iter().map(|s| s.id).collect()
}

#[test]
fn names_units_and_defaults_change_and_ids_stay() {
    in_both(|host, shared| {
        let before = host.shown();
        assert_eq!(names(&before), ["Fixed", "-", "-"]);
        assert_eq!(before[1].default, 0.0);
        assert_eq!(host.told().take(), (0, 0));

        shared.rename(0, "cutoff", "Hz", 1000.0);
        host.idle();
        assert_eq!(host.told().take(), (1, 0));
        let after = host.shown();
        assert_eq!(names(&after), ["Fixed", "cutoff", "-"]);
        assert_eq!(ids(&before), ids(&after));
        assert_eq!((after[1].default, after[2].default), (0.25, 0.0));
        assert_eq!(after[0], before[0], "nice-plug's own");

        host.idle();
        assert_eq!(host.told().take(), (0, 0), "told once");
        assert!(!host.shows_too_many(), "index = count");
    });
}

#[test]
fn both_formats_know_parameters_by_the_same_numbers() {
    let [clap, vst3] = hosts().map(|host| ids(&host.shown()));
    assert_eq!(clap, vst3);
    // The number of an id is a hash of it, and part of every saved project.
    assert_eq!(clap, [97_445_748, 97, 98]);
}

#[test]
fn texts_go_both_ways() {
    in_both(|host, shared| {
        let ids = ids(&host.shown());
        assert_eq!(host.text(ids[1], 0.5), "0.500", "an unused slot, too");
        assert_eq!(host.parse(ids[1], "0.75"), Some(0.75));
        shared.rename(0, "cutoff", "Hz", 1000.0);
        let text = host.text(ids[1], 0.8125);
        assert!(text == "812.5 Hz" || text == "812.5", "{text}");
        assert_eq!(host.parse(ids[1], &text), Some(0.8125));
        assert_eq!(host.parse(ids[1], "400 Hz"), Some(0.4));
        assert_eq!(host.parse(ids[1], "loud"), None);
        assert!(host.text(ids[0], 0.25).starts_with('1'), "nice-plug's own");
    });
    let vst3 = vst3_side::Vst3Side::new();
    newest().rename(0, "cutoff", "Hz", 1000.0);
    assert_eq!(vst3.shown()[1].unit, "Hz");
    let id = vst3.shown()[1].id;
    assert_eq!(vst3.plain(id, 0.25), (250.0, 0.25), "there and back");
    let clap = clap_side::ClapSide::new();
    newest().rename(0, "cutoff", "Hz", 1000.0);
    assert_eq!(clap.text(clap.shown()[1].id, 0.5), "500.0 Hz");
}

#[test]
fn news_from_other_threads_reach_the_main_thread() {
    in_both(|host, shared| {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                shared.rename(1, "res", "", 1.0);
                shared.host.mark_dirty();
            });
        });
        host.idle();
        assert_eq!(host.told().take(), (1, 1));
        assert_eq!(names(&host.shown()), ["Fixed", "-", "res"]);
        // Looking, saving and processing are no changes.
        host.save();
        host.process(Block {
            frames: 16,
            ..Block::default()
        });
        host.idle();
        assert_eq!(host.told().take(), (0, 0));
    });
}

#[test]
fn a_loaded_state_brings_its_names_and_is_no_change() {
    in_both(|host, shared| {
        shared.rename(0, "drive", "Hz", 10.0);
        let state = host.save();
        shared.rename(0, "cutoff", "Hz", 10.0);
        host.idle();
        host.told().take();
        host.load(&state);
        let (rescans, dirty) = host.told().take();
        assert_eq!((rescans, dirty), (1, 0), "at the end of the load itself");
        assert_eq!(names(&host.shown()), ["Fixed", "drive", "-"]);
    });
}

#[test]
fn values_can_be_set_from_any_thread() {
    in_both(|host, shared| {
        let id = host.shown()[1].id;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert!(shared.host.set_value(0, 0.625));
                assert!(!shared.host.set_value(0, f32::NAN));
                assert!(!shared.host.set_value(2, 0.5), "an id that does not exist");
                assert!(!shared.host.set_value(3, 0.5));
            });
        });
        assert_eq!(host.value(id), 0.625);
    });
}

#[test]
fn instances_have_names_of_their_own() {
    let [first, second] = [clap_side::ClapSide::new(), clap_side::ClapSide::new()];
    let of_second = newest();
    let third = vst3_side::Vst3Side::new();
    newest().rename(0, "three", "", 1.0);
    of_second.rename(0, "two", "", 1.0);
    let all: [&dyn TestHost; 3] = [&first, &second, &third];
    let shown = all.map(|host| host.shown()[1].name.clone());
    assert_eq!(shown, ["-", "two", "three"]);
    for host in all {
        host.idle();
    }
    assert_eq!(all.map(|host| host.told().take().0), [0, 1, 1]);
}

#[test]
fn a_hundred_instances_come_and_go() {
    for _ in 0..100 {
        let make: [fn() -> Box<dyn TestHost>; 2] = [
            || Box::new(clap_side::ClapSide::new()),
            || Box::new(vst3_side::Vst3Side::new()),
        ];
        for make in make {
            let host = make();
            let shared = newest();
            shared.rename(0, "x", "", 1.0);
            drop(host);
            // The plugin's handle outlives its host.
            shared.host.mark_dirty();
            assert!(!shared.host.set_value(0, 0.5), "the parameters are gone");
        }
    }
}

#[test]
fn every_interface_leads_to_every_other() {
    vst3_side::Vst3Side::new().query_all();
}

#[test]
fn automation_arrives_at_its_frames_in_one_part() {
    in_both(|host, shared| {
        let a = [(3, 0.25), (3, 0.5), (17, 0.75), (99, 1.0)];
        let block = Block {
            frames: 32,
            a: &a,
            notes: &[(5, 60), (31, 61)],
            ..Block::default()
        };
        host.process(block);
        let part = |a| Seen::Part {
            frames: 32,
            a,
            sidechain: 0.0,
        };
        let change = |frame, value| Seen::A { frame, value };
        let key = |frame, key| Seen::Key { frame, key };
        let expected = [
            part(0.0),
            change(3, 0.5),
            change(17, 0.75),
            change(31, 1.0),
            key(5, 60),
            key(31, 61),
        ];
        assert_eq!(shared.take_seen(), expected);
        assert_eq!(host.value(host.shown()[1].id), 1.0, "what the host reads");
        host.process(Block {
            frames: 32,
            ..Block::default()
        });
        assert_eq!(shared.take_seen(), [part(1.0)]);
    });
}

#[test]
fn blocks_without_frames_lose_nothing() {
    in_both(|host, shared| {
        host.process(Block {
            a: &[(0, 0.5)],
            notes: &[(0, 60), (0, 61)],
            ..Block::default()
        });
        assert_eq!(shared.take_seen(), []);
        assert_eq!(host.value(host.shown()[1].id), 0.5);
        host.process(Block {
            frames: 8,
            notes: &[(4, 62)],
            ..Block::default()
        });
        let key = |frame, key| Seen::Key { frame, key };
        let part = Seen::Part {
            frames: 8,
            a: 0.5,
            sidechain: 0.0,
        };
        let expected = [part, key(0, 60), key(0, 61), key(4, 62)];
        assert_eq!(shared.take_seen(), expected);
        host.process(Block {
            frames: 8,
            ..Block::default()
        });
        assert_eq!(shared.take_seen(), [part], "delivered once");
    });
}

#[test]
fn a_host_without_the_side_chain_gives_silence() {
    in_both(|host, shared| {
        for (sidechain, loudest) in [(true, 0.5), (false, 0.0), (true, 0.5)] {
            host.process(Block {
                frames: 16,
                sidechain,
                ..Block::default()
            });
            let expected = Seen::Part {
                frames: 16,
                a: 0.0,
                sidechain: loudest,
            };
            assert_eq!(shared.take_seen(), [expected]);
        }
    });
}

#[test]
fn a_vst3_host_gets_the_side_chain_it_asks_for() {
    // Main input, side chain, output; whether that is possible; loudest sample on average.
    let cases = [
        ([2, 2, 2], true, 0.5),
        ([2, 1, 2], true, 0.5),
        ([1, 1, 1], true, 0.5),
        // 0.5 · (0.5 + 0.25)
        ([1, 2, 1], true, 0.375),
        ([2, 6, 2], false, 0.0),
        ([1, 2, 2], false, 0.0),
    ];
    let host = vst3_side::Vst3Side::new();
    let shared = newest();
    for (channels, possible, loudest) in cases {
        let before = host.arrange([2, 2, 2]);
        let (agreed, arrangement, width) = host.arrange(channels);
        assert_eq!(agreed, possible, "{channels:?}");
        if !agreed {
            assert_eq!((arrangement, width), (before.1, before.2), "{channels:?}");
            continue;
        }
        assert_eq!(arrangement.count_ones(), channels[1], "{channels:?}");
        assert_eq!(width, channels[1] as i32, "{channels:?}");
        let block = Block {
            frames: 64,
            sidechain: true,
            ..Block::default()
        };
        host.process_arranged(block, channels.map(|count| count as i32));
        let expected = Seen::Part {
            frames: 64,
            a: 0.0,
            sidechain: loudest,
        };
        assert_eq!(shared.take_seen(), [expected], "{channels:?}");
    }
}
