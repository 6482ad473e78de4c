use edge::Parameters;
use engine::{KnobCurve, KnobUnit};

use super::*;

fn cutoff(slot: u8) -> KnobBinding {
    KnobBinding {
        slot,
        name: "cutoff".to_owned(),
        shape: KnobShape {
            min: 20.0,
            max: 20_000.0,
            default: 2000.0,
            curve: KnobCurve::Logarithmic,
            unit: KnobUnit::Hertz,
        },
        parked: false,
    }
}

fn params(faces: &Arc<KnobFaces>) -> KnobParams {
    KnobParams::new(faces)
}

#[test]
fn ids_count_from_one_and_stand_in_the_order_of_slots() {
    let params = params(&Arc::default());
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
    for (n, param) in params(&Arc::default()).all().into_iter().enumerate() {
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
fn a_bound_slot_shows_name_unit_default_and_text_of_its_knob() {
    let faces = Arc::new(KnobFaces::default());
    assert!(faces.show(&[cutoff(3)]));
    let params = params(&faces);
    let described = DescribedKnobs::new(Arc::new(KnobParams::new(&faces)), Arc::clone(&faces));
    let seen = described.describe(3).expect("a knob");
    assert_eq!((seen.name.as_str(), seen.unit.as_str()), ("cutoff", "Hz"));
    assert!((seen.default_normalised - 2.0 / 3.0).abs() < 1e-6);
    assert_eq!(described.text(3, 1.0, true), Some("20000 Hz".to_owned()));
    assert_eq!(described.text(3, 1.0, false), Some("20000".to_owned()));
    assert_eq!(described.plain(3, 0.0), 20.0);
    assert_eq!(described.normalised(3, 20_000.0), 1.0);
    assert!((described.parse(3, "200 Hz").expect("a value") - 1.0 / 3.0).abs() < 1e-6);
    // nice-plug's own way to the text is the same.
    let all = params.all();
    let knob = all.get(3).expect("a parameter");
    assert_eq!(knob.normalized_value_to_string(1.0, true), "20000 Hz");
    assert_eq!(knob.string_to_normalized_value("20 kHz"), Some(1.0));
    // Its neighbour is unused.
    let unused = described.describe(4).expect("a slot");
    assert_eq!((unused.name.as_str(), unused.unit.as_str()), ("-", ""));
    assert_eq!(described.describe(KNOB_SLOTS), None);
}

#[test]
fn a_host_is_told_of_what_it_can_see_only() {
    let faces = KnobFaces::default();
    assert!(!faces.show(&[]));
    assert!(faces.show(&[cutoff(0)]));
    assert!(!faces.show(&[cutoff(0)]));
    let parked = KnobBinding {
        parked: true,
        ..cutoff(0)
    };
    assert!(
        !faces.show(std::slice::from_ref(&parked)),
        "it keeps its name"
    );
    assert_eq!(faces.get(0), Some(parked));
    let mut other = cutoff(0);
    other.shape.default = 100.0;
    assert!(faces.show(&[other]));
    assert!(
        faces.show(&[cutoff(200)]),
        "a slot that does not exist is none"
    );
    assert_eq!(faces.get(0), None);
}

#[test]
fn every_text_of_every_slot_is_read_back() {
    let faces = KnobFaces::default();
    faces.show(&[cutoff(1)]);
    for slot in [0, 1] {
        for i in 0..=1000 {
            let text = faces.text(slot, i as f32 / 1000.0);
            let back = faces.parse(slot, &text).expect("a value");
            assert_eq!(faces.text(slot, back), text);
        }
        for text in ["", "loud", "nan", "inf"] {
            assert_eq!(faces.parse(slot, text), None, "{text}");
        }
    }
}
