use std::collections::BTreeMap;

use engine::Kind;
use nice_plug::prelude::{Params, PluginState};
use serde_json::json;

use super::*;
use crate::params::{self, GlistenParams};

fn instance() -> (Arc<Session>, GlistenParams) {
    let config = engine::Config {
        sample_rate: 48_000.0,
        kind: Kind::Effect,
        seed: 0,
    };
    let parts = engine::create(&config);
    let session = Arc::new(Session::new(
        Kind::Effect,
        parts.engine,
        parts.status,
        0,
        "out: ~input",
    ));
    (session.clone(), GlistenParams::new(session))
}

/// Loads a document as the plugin does, filter included.
fn load(params: &GlistenParams, document: &str) {
    let mut state = PluginState {
        version: String::new(),
        params: BTreeMap::new(),
        fields: BTreeMap::from([(FIELD.to_owned(), document.to_owned())]),
    };
    sanitize(&mut state);
    params.deserialize_fields(&state.fields);
}

/// States as released versions wrote them. A file, once released, never changes.
const RELEASED: &[(&str, &str)] = &[(
    "state-v1.json",
    include_str!("../tests/states/state-v1.json"),
)];

#[test]
fn every_released_state_loads() {
    for (name, text) in RELEASED {
        let mut state: PluginState = serde_json::from_str(text).expect(name);
        let values = state.params.len();
        params::sanitize(&mut state);
        assert_eq!(
            state.params.len(),
            values,
            "{name}: a parameter value was dropped"
        );
        let (session, params) = instance();
        params.deserialize_fields(&state.fields);
        let document = session.document();
        assert_eq!(
            document.draft, "// a draft\nout: ~input >> lpf 900",
            "{name}"
        );
        assert_eq!(
            document.last_good.as_deref(),
            Some("out: ~input >> lpf 800 0.7"),
            "{name}"
        );
        assert_eq!(document.seed, 7, "{name}");
        assert_eq!(
            document.editor,
            Some(EditorSize {
                width: 960,
                height: 600
            }),
            "{name}"
        );
    }
}

#[test]
fn what_is_saved_is_what_was_loaded_unknown_fields_included() {
    let saved = json!({
        "format": 1,
        "draft": "out: ~input >> mul 0.5 // \u{e9}\r\n\"quoted\"",
        "last_good": "out: ~input",
        "seed": u64::MAX,
        "editor": { "width": 700, "height": 400 },
        "colours": [{ "name": "~cut", "slot": 3 }],
        "later": { "deep": [1, 2, { "x": null }] },
    });
    let (_, params) = instance();
    load(&params, &saved.to_string());
    let written = params.serialize_fields();
    let written: Value = serde_json::from_str(&written[FIELD]).expect("JSON");
    assert_eq!(written, saved);
}

#[test]
fn hostile_documents_are_refused_and_change_nothing() {
    let deep = "[".repeat(100_000);
    let hostile = [
        "",
        "null",
        "true",
        "17",
        "\"out: ~input\"",
        "[]",
        "{}",
        "{\"format\":1}",
        "{\"format\":1,\"draft\":3}",
        "{\"format\":0,\"draft\":\"x\"}",
        "{\"format\":-1,\"draft\":\"x\"}",
        "{\"format\":\"1\",\"draft\":\"x\"}",
        "{\"format\":1.5,\"draft\":\"x\"}",
        "{\"format\":1,\"draft\":\"x\",\"last_good\":4}",
        "{\"format\":1,\"draft\":\"x\",\"seed\":-4}",
        "{\"format\":1,\"draft\":\"x\",\"seed\":1e300}",
        "{\"format\":1,\"draft\":\"x",
        "{\"format\":1,\"draft\":\"\\ud800\"}",
        "\u{0}\u{1}\u{2}",
        deep.as_str(),
    ];
    for text in hostile {
        let (session, params) = instance();
        let before = (session.document(), session.view().draft_revision);
        load(&params, text);
        let after = (session.document(), session.view().draft_revision);
        let shown: String = text.chars().take(60).collect();
        assert_eq!(after, before, "{shown}");
    }
    let (session, params) = instance();
    let before = session.document();
    params.deserialize_fields(&BTreeMap::new());
    assert_eq!(session.document(), before);
}

#[test]
fn every_truncation_of_a_document_is_refused_or_whole() {
    let (session, params) = instance();
    let whole = session.document().to_json().to_string();
    let before = session.view().draft_revision;
    for end in 0..whole.len() {
        if let Some(part) = whole.get(..end) {
            load(&params, part);
        }
    }
    assert_eq!(session.view().draft_revision, before);
    load(&params, &whole);
    assert_eq!(session.view().draft_revision, before + 1);
}

#[test]
fn a_senseless_window_size_costs_no_program() {
    for editor in [
        json!(null),
        json!("big"),
        json!({ "width": -1, "height": 5 }),
        json!([]),
    ] {
        let value = json!({ "format": 1, "draft": "out: ~input", "editor": editor });
        let document = Document::from_json(value).expect("a document");
        assert_eq!(
            (document.draft.as_str(), document.editor),
            ("out: ~input", None)
        );
    }
    let value = json!({ "format": 1, "draft": "", "editor": { "width": 1, "height": 1_000_000 } });
    let document = Document::from_json(value).expect("a document");
    assert_eq!(
        document.editor,
        Some(EditorSize {
            width: 320,
            height: 8192
        })
    );
}

#[test]
fn a_document_of_a_later_version_loads_what_is_known() {
    let value = json!({ "format": 12, "draft": "out: sin 1", "colours": {} });
    let document = Document::from_json(value).expect("a document");
    assert_eq!(document.draft, "out: sin 1");
    assert_eq!(document.last_good, None);
    assert!(document.unknown.contains_key("colours"));
}

#[test]
fn the_sample_folder_is_saved_and_a_senseless_one_is_dropped() {
    let read = |folder: Value| {
        let value = json!({"format": 1, "draft": "", "sample_folder": folder});
        Document::from_json(value).expect("a document")
    };
    let document = read(json!("/home/me/sounds"));
    assert_eq!(document.sample_folder.as_deref(), Some("/home/me/sounds"));
    assert_eq!(
        document.to_json()["sample_folder"],
        json!("/home/me/sounds")
    );
    for folder in [json!(""), json!(7), json!(null), json!({"path": "x"})] {
        assert_eq!(read(folder).sample_folder, None);
    }
    assert_eq!(read(json!(null)).to_json().get("sample_folder"), None);
}

#[test]
fn eight_programs_are_saved_and_read_back_with_what_a_later_version_put_there() {
    let saved = json!({
        "format": 1,
        "draft": "out: sig 1",
        "last_good": null,
        "seed": 3,
        "programs": [
            { "draft": "out: sig 2", "last_good": "out: sig 2" },
            null,
            { "draft": "", "last_good": null, "colour": "red" },
            null,
            null,
            null,
            { "draft": "out: sig 8 >>", "last_good": "out: sig 8" },
        ],
    });
    let (session, params) = instance();
    load(&params, &saved.to_string());
    let written: Value = serde_json::from_str(&params.serialize_fields()[FIELD]).expect("JSON");
    assert_eq!(written, saved);
    session.show(7);
    assert_eq!(&*session.draft(), "out: sig 8 >>");
    // A document without programs, as the first version wrote it, empties them.
    load(&params, "{\"format\":1,\"draft\":\"out: ~input\"}");
    assert_eq!(&*session.draft(), "");
    assert_eq!(session.document().to_json().get("programs"), None);
}

#[test]
fn a_senseless_program_costs_no_other() {
    for programs in [
        json!(7),
        json!({}),
        json!([3, "x", [], { "draft": 4, "last_good": 5 }, { "draft": "out: sig 6" }]),
        json!([null, null, null, null, null, null, null, { "draft": "a ninth" }]),
    ] {
        let value = json!({ "format": 1, "draft": "out: ~input", "programs": programs });
        let document = Document::from_json(value).expect("a document");
        assert_eq!(document.draft, "out: ~input");
        let sixth = document.others[4].draft.as_str();
        assert!(sixth.is_empty() || sixth == "out: sig 6");
        assert!(document.others[..4].iter().all(|p| p.draft.is_empty()));
        assert!(
            document
                .to_json()
                .get("programs")
                .is_none_or(|p| p[4]["draft"] == "out: sig 6")
        );
    }
}

#[test]
fn knobs_are_saved_to_the_bit_and_senseless_ones_are_dropped() {
    let knob = json!({"slot": 3, "name": "cut", "min": 20.1, "max": 20000.3, "default": 800.7,
                      "curve": "log", "unit": "hz", "parked": true});
    let read = |knobs: Value| {
        let value = json!({"format": 1, "draft": "", "knobs": knobs});
        Document::from_json(value).expect("a document")
    };
    let document = read(json!([knob]));
    let [binding] = document.knobs.as_slice() else {
        panic!("{:?}", document.knobs)
    };
    assert_eq!((binding.slot, binding.name.as_str()), (3, "cut"));
    assert!(binding.parked);
    assert_eq!(
        (binding.shape.min, binding.shape.max, binding.shape.default),
        (20.1, 20000.3, 800.7)
    );
    let again = Document::from_json(document.to_json()).expect("a document");
    assert_eq!(again, document);

    let with = |field: &str, value: Value| {
        let mut knob = knob.clone();
        knob[field] = value;
        read(json!([knob])).knobs.len()
    };
    assert_eq!(
        with("unit", json!("furlongs")),
        1,
        "a unit of a later version"
    );
    for (field, value) in [
        ("slot", json!(-1)),
        ("slot", json!("first")),
        ("name", json!(7)),
        ("max", json!(20.1)),
        ("default", json!(0)),
        ("curve", json!("wavy")),
        ("parked", json!("yes")),
    ] {
        assert_eq!(with(field, value.clone()), 0, "{field}: {value}");
    }
    assert_eq!(read(json!({})).knobs, []);
    assert_eq!(read(json!([])).to_json().get("knobs"), None);
}
