//! Names of knobs that reach the host while audio runs, and in a second instance.

use glisten_tests::fixture::{fresh, playing};
use glisten_tests::host::{FORMATS, Host, Kind};
use glisten_tests::program_state::set_program;
use glisten_tests::scenario::{Blocks, Keep, Scenario};

/// A program with knobs of these names, in the order of slots.
fn program(names: &[&str]) -> String {
    let knobs = names
        .iter()
        .map(|name| format!("~{name}: knob 800 20 20000 hz\n"));
    let uses = names.iter().map(|name| format!(" >> lpf ~{name} 0.7"));
    format!(
        "{}out: ~input{}",
        knobs.collect::<String>(),
        uses.collect::<String>()
    )
}

/// Names of the first slots, as the host lists them.
fn first_names(host: &mut dyn Host, count: usize) -> Vec<String> {
    let params = host.params().into_iter();
    params.take(count).map(|p| p.name).collect()
}

#[test]
fn a_load_while_audio_runs_renames_on_the_main_thread() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, &program(&["one"]));
        assert_eq!(first_names(&mut *host, 3), ["one", "-", "-"], "{format:?}");
        let ids: Vec<u32> = host.params().iter().map(|p| p.id).collect();
        host.idle();
        let before = host.take_requests();
        assert_eq!((before.dirty, before.wrong_thread), (0, 0), "{format:?}");
        let scenario = Scenario {
            keep: Keep::Nothing,
            ..Scenario::new(20 * 48_000).blocks(Blocks::Fixed(64))
        };
        let mut loads = 0;
        host.render_while(&scenario, &mut |host, busy| {
            while busy() && loads < 20 {
                loads += 1;
                let name = format!("load{loads}");
                set_program(host, &program(&[&name])).expect("a state");
                host.idle();
                let names: Vec<_> = host.params().into_iter().map(|p| p.name).collect();
                assert!(names.contains(&name), "{format:?}: {name} in {names:?}");
                let told = host.take_requests();
                assert!(told.param_rescans >= 1, "{format:?}: {told:?}");
                assert_eq!((told.dirty, told.wrong_thread), (0, 0), "{format:?}");
            }
        });
        assert!(loads > 0, "{format:?}");
        let after: Vec<u32> = host.params().iter().map(|p| p.id).collect();
        assert_eq!(ids, after, "{format:?}: ids never change");
    }
}

#[test]
fn instances_show_names_of_their_own() {
    for format in FORMATS {
        let mut first = fresh(format, Kind::Effect);
        let mut second = fresh(format, Kind::Effect);
        set_program(&mut *first, &program(&["one", "two"])).expect("a state");
        set_program(&mut *second, &program(&["three"])).expect("a state");
        assert_eq!(first_names(&mut *first, 3), ["one", "two", "-"]);
        assert_eq!(first_names(&mut *second, 3), ["three", "-", "-"]);
    }
}
