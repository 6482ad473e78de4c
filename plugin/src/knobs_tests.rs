use super::*;

#[test]
fn ids_count_from_one_and_stand_in_the_order_of_slots() {
    let params = KnobParams::new();
    let expected: Vec<String> = (1..=KNOB_SLOTS).map(|n| format!("knob{n}")).collect();
    assert_eq!(IDS.to_vec(), expected);
    let map = params.param_map();
    let ids: Vec<&String> = map.iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, expected.iter().collect::<Vec<_>>());
    for (param, (id, pointer, _)) in params.all().into_iter().zip(&map) {
        assert_eq!(param.as_ptr(), *pointer, "{id}");
    }
    assert!(is_knob("knob32") && !is_knob("knob33") && !is_knob("knob0"));
}

#[test]
fn names_and_defaults_are_those_of_every_saved_project() {
    for (n, param) in KnobParams::new().all().into_iter().enumerate() {
        assert_eq!(param.name(), format!("Knob {}", n + 1));
        assert_eq!(param.default_plain_value(), 0.0);
        assert_eq!(param.step_count(), None);
        assert!(
            !param.flags().contains(ParamFlags::HIDDEN)
                && !param.flags().contains(ParamFlags::NON_AUTOMATABLE)
        );
    }
}

#[test]
fn a_slot_without_a_knob_reads_its_own_text() {
    for i in 0..=1000 {
        let text = bare_text(i as f32 / 1000.0);
        assert_eq!(parse_bare(&text).map(bare_text), Some(text));
    }
    assert_eq!(parse_bare("2"), Some(1.0));
    for text in ["", "loud", "nan", "inf"] {
        assert_eq!(parse_bare(text), None, "{text}");
    }
}
