use std::collections::BTreeMap;

use engine::Kind;
use nice_plug::plugin::ParamValue;

use super::*;

fn params() -> GlistenParams {
    let config = engine::Config {
        sample_rate: 48_000.0,
        kind: Kind::Effect,
        seed: 0,
    };
    let parts = engine::create(&config);
    let session = Session::new(Kind::Effect, parts.engine, parts.status, 0, "out: ~input");
    GlistenParams::new(Arc::new(session))
}

/// Text to value to text must settle after one turn, with and without the unit.
fn settles(param: &impl Param, normalized: f32) {
    for unit in [true, false] {
        let text = param.normalized_value_to_string(normalized, unit);
        let back = param.string_to_normalized_value(&text);
        let back = back.unwrap_or_else(|| panic!("{}: \"{text}\" is not read", param.name()));
        assert_eq!(
            param.normalized_value_to_string(back, unit),
            text,
            "{}",
            param.name()
        );
    }
}

#[test]
fn every_value_survives_the_way_through_its_text() {
    let params = params();
    for i in 0..=2000 {
        let normalized = i as f32 / 2000.0;
        settles(&params.gain, normalized);
        settles(&params.bypass, normalized);
        settles(&params.guard, normalized);
        settles(&params.launch, normalized);
        settles(&params.free_run, normalized);
        settles(&params.bend, normalized);
        settles(&params.mpe, normalized);
        settles(&params.knobs.knob1, normalized);
    }
}

#[test]
fn gain_text_is_read_as_people_write_it() {
    for (text, gain_db) in [
        ("-6", -6.0),
        (" -6.5 dB ", -6.5),
        ("+3db", 3.0),
        ("\u{2212}12 DB", -12.0),
        ("-inf", MIN_GAIN_DB),
        ("-inf dB", MIN_GAIN_DB),
        ("100", MAX_GAIN_DB),
    ] {
        assert_eq!(parse_gain(text), Some(gain_db), "{text}");
    }
    for text in ["", "loud", "nan", "inf", "dB", "--3"] {
        assert_eq!(parse_gain(text), None, "{text}");
    }
    assert_eq!(gain_text(-0.001), "0.00");
}

#[test]
fn nonsense_is_no_value() {
    let params = params();
    for text in ["", "no such value", "perhaps"] {
        assert_eq!(
            params.bypass.string_to_normalized_value(text),
            None,
            "{text}"
        );
        assert_eq!(
            params.guard.string_to_normalized_value(text),
            None,
            "{text}"
        );
        assert_eq!(params.gain.string_to_normalized_value(text), None, "{text}");
        assert_eq!(
            params.launch.string_to_normalized_value(text),
            None,
            "{text}"
        );
    }
}

#[test]
fn the_neutral_gain_is_exactly_one() {
    let params = params();
    assert_eq!(util::db_to_gain(params.gain.value()), 1.0);
}

#[test]
fn ids_defaults_and_choices_are_those_of_every_saved_project() {
    let params = params();
    let ids: Vec<String> = params.param_map().into_iter().map(|(id, ..)| id).collect();
    let (knobs, others) = ids.split_at(engine::KNOB_SLOTS);
    assert!(knobs.iter().all(|id| knobs::is_knob(id)), "{knobs:?}");
    assert_eq!(
        others,
        [
            "bypass", "gain", "guard", "launch", "program", "free_run", "bend", "mpe"
        ]
    );
    assert_eq!((params.bend.value(), params.mpe.value()), (2, false));
    assert!(!params.bypass.value() && params.guard.value());
    assert_eq!(params.launch.value(), LaunchPoint::NextBar);
    assert_eq!(params.program.value(), 1);
    assert_eq!(params.free_run.value(), FreeRunChoice::OnApply);
    assert_eq!(
        FreeRunChoice::ids(),
        Some(["apply", "never", "always"].as_slice())
    );
    assert_eq!(
        LaunchPoint::ids(),
        Some(["now", "beat", "bar", "bars2", "bars4", "bars8"].as_slice())
    );
    assert!(params.bypass.flags().contains(ParamFlags::BYPASS));
}

#[test]
fn values_that_are_none_never_reach_the_parameters() {
    let mut state = PluginState {
        version: String::new(),
        params: BTreeMap::from([
            ("bypass".to_owned(), ParamValue::F32(1.0)),
            ("gain".to_owned(), ParamValue::F32(1e30)),
            ("guard".to_owned(), ParamValue::Bool(false)),
            ("launch".to_owned(), ParamValue::I32(99)),
            ("unknown".to_owned(), ParamValue::I32(1)),
            ("bend".to_owned(), ParamValue::I32(99)),
            ("knob32".to_owned(), ParamValue::F32(-3.0)),
            ("knob33".to_owned(), ParamValue::F32(0.5)),
        ]),
        fields: BTreeMap::new(),
    };
    sanitize(&mut state);
    let left: Vec<_> = state.params.keys().map(String::as_str).collect();
    assert_eq!(left, ["bend", "gain", "guard", "knob32"]);
    assert!(matches!(state.params["bend"], ParamValue::I32(48)));
    assert!(matches!(state.params["knob32"], ParamValue::F32(0.0)));
    assert!(matches!(state.params["gain"], ParamValue::F32(x) if x == MAX_GAIN_DB));

    for (id, value) in [
        ("gain", ParamValue::F32(f32::NAN)),
        ("gain", ParamValue::Bool(true)),
        ("knob1", ParamValue::F32(f32::NAN)),
        ("knob1", ParamValue::Bool(true)),
        ("bend", ParamValue::F32(2.0)),
        ("mpe", ParamValue::I32(1)),
        ("launch", ParamValue::String("sometime".to_owned())),
        ("free_run", ParamValue::String("sometimes".to_owned())),
    ] {
        state.params = BTreeMap::from([(id.to_owned(), value)]);
        sanitize(&mut state);
        assert!(state.params.is_empty(), "{id}");
    }
}
