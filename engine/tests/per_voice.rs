//! Which nodes a program has once for each voice, and whose voices those are (R4.14 to R4.16).

use glisten_engine::nodes::BUILTIN;
use glisten_engine::registry::{FixedArg, Role};
use glisten_engine::resolve::{Arg, MAX_NODES, Program, resolve};
use glisten_engine::voice::GroupSettings;
use glisten_engine::{Parser, Registry};

fn program(text: &str) -> Program {
    let resolution = resolve(&Parser::new().parse(text), text, &Registry::new(BUILTIN));
    let told = resolution.diagnostics;
    resolution
        .program
        .unwrap_or_else(|| panic!("{text}\n{told:#?}"))
}

/// One line for each chain: its name, then its nodes with the group in whose voices each exists and
/// the chains each reads.
fn nodes_of(text: &str) -> Vec<String> {
    let program = program(text);
    let name = |id: u32| program.chains[id as usize].name.clone();
    let line = |chain: &glisten_engine::resolve::Chain| {
        let nodes = chain.nodes.iter().map(|node| {
            let mut word = node.spec.name.to_owned();
            if let Some(group) = node.group {
                word.push_str(&format!("@{group}"));
            }
            for arg in node.args.iter().chain(&node.extra) {
                match arg {
                    Arg::Chain(id) => word.push_str(&format!("({})", name(id.0))),
                    Arg::Refs(ids) => ids
                        .iter()
                        .for_each(|id| word.push_str(&format!("({})", name(id.0)))),
                    Arg::Tap(id, k) => word.push_str(&format!("({}[{k}])", name(id.0))),
                    _ => {}
                }
            }
            word
        });
        format!("{}: {}", chain.name, nodes.collect::<Vec<_>>().join(" "))
    };
    program.chains.iter().map(line).collect()
}

fn settings_of(text: &str) -> Vec<GroupSettings> {
    let program = program(text);
    for group in &program.groups {
        let node = &program.chains[group.chain.0 as usize].nodes[group.node as usize];
        assert_eq!(node.spec.role, Role::Poly, "{text}");
        assert_eq!(node.group, None, "{text}: the sum itself is shared");
    }
    program.groups.iter().map(|g| g.settings).collect()
}

#[track_caller]
fn assert_nodes(text: &str, expected: &[&str]) {
    assert_eq!(nodes_of(text), expected, "{text}");
}

#[test]
fn what_depends_on_a_key_is_per_voice_up_to_poly() {
    assert_nodes(
        "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\n\
         ~wobble: sin 3 >> mul 200 >> add 900\n\
         out: saw ~freq >> lpf ~wobble 1 >> mul ~env >> poly 8 >> plate 0.1",
        &[
            "~env: get@0(~gate) adsr@0",
            "~wobble: sin mul add",
            "out: saw@0(~freq) lpf@0(~wobble) mul@0(~env) poly plate",
            "~gate: ~gate@0",
            "~freq: ~freq@0",
        ],
    );
}

#[test]
fn a_chain_that_begins_shared_is_per_voice_from_where_a_key_reaches_it() {
    assert_nodes(
        "out: saw 110 >> lpf 800 1 >> mul ~vel >> mul 0.5",
        &["out: saw lpf mul@0(~vel) mul@0 poly", "~vel: ~vel@0"],
    );
}

#[test]
fn loops_are_per_voice_as_a_whole() {
    assert_nodes(
        "~a: mix ~b ~c\n~b: saw ~freq\n~c: ~a >> delayms 200 >> mul 0.5\nout: ~a >> poly 4",
        &[
            "~a: mix@0(~b)(~c)",
            "~b: saw@0(~freq)",
            "~c: get@0(~a) delayms@0 mul@0",
            "out: get@0(~a) poly",
            "~freq: ~freq@0",
        ],
    );
}

#[test]
fn notes_of_a_pattern_and_arithmetic_carry_voices() {
    assert_nodes(
        "~n: ~note >> add 12\nout: seq ~n >> sawsynth 0.01 0.1 >> mul (~vel * 0.5) >> poly 2",
        &[
            "~n: get@0(~note) add@0",
            "out: seq@0(~n) sawsynth@0 mul@0(out mul 0 value) poly",
            "~note: ~note@0",
            "~vel: ~vel@0",
            "out mul 0 value: expr@0(~vel)",
        ],
    );
}

#[test]
fn each_audible_chain_ends_its_voices_itself() {
    let text = "~e: ~gate >> adsr 0.1 0.1 0.5 0.1\na: saw ~freq >> mul ~e\nb: squ ~freq >> mul ~e";
    assert_nodes(
        text,
        &[
            "~e: get@0(~gate) adsr@0",
            "a: saw@0(~freq) mul@0(~e) poly",
            "b: squ@1(~freq for b poly 0) mul@1(~e for b poly 0) poly",
            "~gate: ~gate@0",
            "~freq: ~freq@0",
            "~e for b poly 0: get@1(~gate for b poly 0) adsr@1",
            "~gate for b poly 0: ~gate@1",
            "~freq for b poly 0: ~freq@1",
        ],
    );
    let eight = GroupSettings {
        polyphony: 8,
        legato: false,
        glide_ms: 0.0,
        gated: true,
    };
    assert_eq!(settings_of(text), [eight, eight]);
}

#[test]
fn a_shared_beginning_is_not_repeated() {
    assert_nodes(
        "~n: noiz 1 >> lpf 500 1 >> mul ~vel\nout: ~n >> poly 2\nb: mix ~n >> hpf 20 1 >> poly 3",
        &[
            "~n: noiz lpf mul@0(~vel)",
            "out: get@0(~n) poly",
            "b: mix@1(~n for b poly 0) hpf@1 poly",
            "~vel: ~vel@0",
            "~n for b poly 0: get@1(~n[1]) mul@1(~vel for b poly 0)",
            "~vel for b poly 0: ~vel@1",
        ],
    );
}

#[test]
fn nodes_of_the_user_carry_voices() {
    assert_nodes(
        "~tone ~p: saw ~p >> mul ~vel\n~wide: lpf ~freq 1\nout: ~tone ~freq >> ~wide >> poly 3 >> pan 0.1",
        &[
            "~tone: ",
            "~wide: ",
            "out: saw@0(~freq) mul@0(~vel) lpf@0(~freq) poly pan",
            "~freq: ~freq@0",
            "~vel: ~vel@0",
        ],
    );
}

#[test]
fn the_sum_of_voices_may_steer_other_voices() {
    assert_nodes(
        "~bass: saw ~freq >> poly 1 mono\nout: tri ~freq >> duck ~bass >> poly 4",
        &[
            "~bass: saw@0(~freq) poly",
            "out: tri@1(~freq for out poly 0) duck@1(~bass) poly",
            "~freq: ~freq@0",
            "~freq for out poly 0: ~freq@1",
        ],
    );
}

#[test]
fn poly_says_how_many_and_how() {
    let settings = |poly: &str| {
        let found = settings_of(&format!("out: saw ~freq >> {poly}"));
        let [one] = found.as_slice() else {
            panic!("{poly}: {found:?}");
        };
        (one.polyphony, one.legato, one.glide_ms)
    };
    assert_eq!(settings("poly"), (8, false, 0.0));
    assert_eq!(settings("poly 64"), (64, false, 0.0));
    assert_eq!(settings("poly 1 mono"), (1, false, 0.0));
    assert_eq!(settings("poly 1 legato 80"), (1, true, 80.0));
    assert_eq!(settings("poly 8 poly 10000"), (8, false, 10_000.0));
}

#[test]
fn a_group_without_gate_or_trigger_is_gated_from_outside() {
    let gated = |text: &str| settings_of(text).first().map(|s| s.gated);
    assert_eq!(gated("out: saw ~freq"), Some(false));
    assert_eq!(gated("out: saw ~freq >> mul ~gate"), Some(true));
    assert_eq!(gated("out: midi >> sawsynth 0.01 0.3"), Some(true));
    // A gate elsewhere is none of this group.
    assert_eq!(
        gated("a: saw ~freq\nb: saw ~freq >> mul ~gate"),
        Some(false)
    );
    assert_eq!(gated("out: saw 110"), None);
}

#[test]
fn controllers_are_shared_and_know_their_number() {
    let text = "out: saw ~freq >> mul ~cc7 >> mul ~cc127 >> mul ~cc7";
    assert_nodes(
        text,
        &[
            "out: saw@0(~freq) mul@0(~cc7) mul@0(~cc127) mul@0(~cc7) poly",
            "~freq: ~freq@0",
            "~cc7: ~cc",
            "~cc127: ~cc",
        ],
    );
    let numbers: Vec<FixedArg> = program(text)
        .chains
        .iter()
        .flat_map(|c| &c.nodes)
        .filter(|n| n.spec.role == Role::Controller)
        .filter_map(|n| match n.args.first() {
            Some(Arg::Fixed(value)) => Some(value.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [FixedArg::Value(7.0), FixedArg::Value(127.0)]);
}

#[test]
fn a_family_has_the_members_that_it_says() {
    let registry = Registry::new(BUILTIN);
    let number = |name: &str| registry.find(name).and_then(|spec| spec.member(name));
    assert_eq!(number("~cc0"), Some(0));
    assert_eq!(number("~cc127"), Some(127));
    for name in ["~cc", "~cc128", "~cc07", "~cc00", "~cc+1", "~cc1x", "cc1"] {
        assert!(registry.find(name).is_none(), "{name}");
    }
    let names: Vec<&str> = registry.names().filter(|n| n.starts_with("~cc")).collect();
    assert_eq!(names, ["~cc1"]);
}

/// Names of the chains that a group repeats.
fn repeated(text: &str) -> Vec<String> {
    let chains = program(text).chains;
    let names = chains.into_iter().map(|c| c.name);
    names.filter(|n| n.contains(" for ")).collect()
}

#[test]
fn repeated_chains_keep_their_names_over_edits() {
    let before =
        "~e: ~gate >> adsr 0.1 0.1 0.5 0.1\na: saw ~freq >> mul ~e\nb: squ ~freq >> mul ~e";
    let names = repeated(before);
    assert_eq!(names.len(), 3);
    // Lines put in before and between, another envelope, more nodes, a poly written out.
    for after in [
        "~n: sig 2\n~e: ~gate >> adsr 0.2 0.1 0.5 0.1 >> mul ~n\na: saw ~freq >> mul ~e\n\
         c: sin 440\nb: squ ~freq >> mul ~e",
        "~e: ~gate >> adsr 0.1 0.1 0.5 0.1\na: saw ~freq >> lpf 900 1 >> mul ~e >> poly 4\n\
         b: squ ~freq >> mul ~e >> poly 2 >> plate 0.1",
    ] {
        let mut now = repeated(after);
        now.sort_unstable();
        let mut names = names.clone();
        names.sort_unstable();
        assert_eq!(now, names, "{after}");
    }
}

#[test]
fn nodes_count_once_for_each_voice() {
    // `poly 1` has three physical voices; each chain of 1000 nodes reads one more, `~freq`.
    let text = |polys: usize, nodes: usize| {
        let mut text = format!("~v: saw ~freq{}\n", " >> mul 1".repeat(nodes - 1));
        for i in 0..polys {
            text.push_str(&format!("o{i}: ~v >> poly 1\n"));
        }
        text
    };
    let codes = |text: &str| -> Vec<&str> {
        let told = resolve(&Parser::new().parse(text), text, &Registry::new(BUILTIN)).diagnostics;
        told.iter().map(|d| d.code.0).collect()
    };
    // Six groups: 6 sums and 6 * 3 * (n nodes, a reference and `~freq`).
    let most = (MAX_NODES - 6) / (6 * 3) - 2;
    assert_eq!(codes(&text(6, most)), Vec::<&str>::new());
    assert_eq!(codes(&text(6, most + 1)), ["E063"]);
    let count: usize = program(&text(6, most))
        .chains
        .iter()
        .map(|c| c.nodes.len())
        .sum();
    assert_eq!(count, 6 + 6 * (most + 2));
    assert_eq!(codes(&text(900, 1000)), ["E063"]);
}

#[test]
fn a_chain_that_is_heard_is_read_as_the_sum_of_its_voices() {
    for text in [
        "a: saw ~freq\nb: a >> mul 0.5",
        "b: a >> mul 0.5\na: saw ~freq",
        "b: mix a >> mul 0.5\na: saw ~freq >> poly 8",
    ] {
        let program = program(text);
        let chain = |name: &str| program.chains.iter().find(|c| c.name == name).unwrap();
        let names = |name: &str| -> Vec<&str> {
            let nodes = chain(name).nodes.iter();
            nodes.map(|n| n.spec.name).collect()
        };
        assert_eq!(names("a"), ["saw", "poly"], "{text}");
        assert_eq!(names("b").last(), Some(&"mul"), "{text}");
        assert!(chain("b").nodes.iter().all(|n| n.group.is_none()), "{text}");
        assert_eq!(program.groups.len(), 1, "{text}");
    }
    // With a key of its own, it has voices of its own, which the sum steers.
    assert_nodes(
        "b: saw ~freq >> mul a\na: tri ~freq",
        &[
            "b: saw@0(~freq) mul@0(a) poly",
            "a: tri@1(~freq for a poly 0) poly",
            "~freq: ~freq@0",
            "~freq for a poly 0: ~freq@1",
        ],
    );
}
