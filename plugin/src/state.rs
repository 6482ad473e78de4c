//! What a project file keeps of an instance, and how it is read back.
//!
//! One JSON object in one persistent field of nice-plug's state:
//!
//! ```json
//! {"format": 1, "draft": "…", "last_good": "…", "seed": 0, "editor": {"width": 900, "height": 560},
//!  "sample_folder": "/home/me/sounds", "programs": [null, {"draft": "…", "last_good": "…"}],
//!  "knobs": [{"slot": 0, "name": "cutoff", "min": 20.0, "max": 20000.0, "default": 800.0,
//!             "curve": "log", "unit": "hz", "parked": false}]}
//! ```
//!
//! `draft` and `last_good` are the first program; `programs` are the second to the eighth, those
//! that have no text as `null` or not at all. So an older version plays the first one and keeps the
//! others.
//!
//! Every released version loads for ever (`tests/states/`). Fields of later versions are kept and
//! saved again. Anything else is refused as a whole, with one line in the log, and the plugin goes
//! on playing what it played.
//!
//! Thread: host's main thread.

use std::sync::Arc;

use engine::{KnobBinding, PROGRAMS};
use nice_plug::params::persist::PersistentField;
use nice_plug::prelude::{PluginState, nice_warn};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::session::Session;

mod knobs;

/// Version of the document this program writes. It rises when an older program could misread it.
const FORMAT: u64 = 1;

/// Size of the editor's window in logical points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditorSize {
    /// Width in points.
    pub width: u32,
    /// Height in points.
    pub height: u32,
}

impl EditorSize {
    /// The same size, brought into what a window can be: 320 x 200 to 8192 x 8192 points.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            width: self.width.clamp(320, 8192),
            height: self.height.clamp(200, 8192),
        }
    }
}

/// Texts of one of the programs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedProgram {
    /// Text in the editor, sound or not.
    pub draft: String,
    /// Newest text that was accepted by a Run.
    pub last_good: Option<String>,
    /// Fields of later versions.
    pub unknown: Map<String, Value>,
}

impl SavedProgram {
    fn to_json(&self) -> Value {
        if *self == Self::default() {
            return Value::Null;
        }
        let mut object = self.unknown.clone();
        object.insert("draft".to_owned(), self.draft.clone().into());
        object.insert("last_good".to_owned(), self.last_good.clone().into());
        Value::Object(object)
    }

    /// What makes no sense is an empty program: it is no reason to lose the others.
    fn from_json(value: Value) -> Self {
        let Value::Object(mut object) = value else {
            return Self::default();
        };
        let mut text = |name| match object.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        Self {
            draft: text("draft").unwrap_or_default(),
            last_good: text("last_good"),
            unknown: object,
        }
    }
}

/// The saved document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Text of the first program in the editor, sound or not.
    pub draft: String,
    /// Newest text of the first program that was accepted by a Run; `None` if there never was one.
    pub last_good: Option<String>,
    /// The second program to the eighth.
    pub others: [SavedProgram; PROGRAMS - 1],
    /// Seed of all random choices.
    pub seed: u64,
    /// Size of the editor's window.
    pub editor: Option<EditorSize>,
    /// Where samples lie, if somebody chose a folder; else it is the shared one.
    pub sample_folder: Option<String>,
    /// Which slot of the bank belongs to which knob.
    pub knobs: Vec<KnobBinding>,
    /// Fields of later versions.
    pub unknown: Map<String, Value>,
}

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// It is not a JSON object.
    #[error("the saved state is not a Glisten document")]
    NotAnObject,
    /// A field is missing or of the wrong type.
    #[error("the saved state has no usable field \"{0}\"")]
    Field(&'static str),
}

impl Document {
    /// The document as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = self.unknown.clone();
        object.insert("format".to_owned(), FORMAT.into());
        object.insert("draft".to_owned(), self.draft.clone().into());
        object.insert("last_good".to_owned(), self.last_good.clone().into());
        object.insert("seed".to_owned(), self.seed.into());
        if let Some(size) = self.editor {
            object.insert(
                "editor".to_owned(),
                serde_json::json!({ "width": size.width, "height": size.height }),
            );
        }
        let mut others: Vec<Value> = self.others.iter().map(SavedProgram::to_json).collect();
        while others.last().is_some_and(Value::is_null) {
            others.pop();
        }
        if !others.is_empty() {
            object.insert("programs".to_owned(), others.into());
        }
        if let Some(folder) = &self.sample_folder {
            object.insert("sample_folder".to_owned(), folder.clone().into());
        }
        if !self.knobs.is_empty() {
            object.insert("knobs".to_owned(), knobs::to_json(&self.knobs));
        }
        Value::Object(object)
    }

    /// Reads a document of any version.
    ///
    /// # Errors
    /// When it is no document: see [`StateError`]. A window size, a sample folder or a knob that
    /// makes no sense is dropped, because it is no reason to lose a program.
    pub fn from_json(value: Value) -> Result<Self, StateError> {
        let Value::Object(mut object) = value else {
            return Err(StateError::NotAnObject);
        };
        match object.remove("format") {
            Some(Value::Number(n)) if n.as_u64().is_some_and(|n| n >= 1) => {}
            _ => return Err(StateError::Field("format")),
        }
        let Some(Value::String(draft)) = object.remove("draft") else {
            return Err(StateError::Field("draft"));
        };
        let last_good = match object.remove("last_good") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => return Err(StateError::Field("last_good")),
        };
        let seed = match object.remove("seed") {
            None => crate::DEFAULT_SEED,
            Some(value) => value.as_u64().ok_or(StateError::Field("seed"))?,
        };
        let editor = object
            .remove("editor")
            .and_then(|value| serde_json::from_value::<EditorSize>(value).ok())
            .map(EditorSize::clamped);
        let sample_folder = match object.remove("sample_folder") {
            Some(Value::String(folder)) if !folder.is_empty() => Some(folder),
            _ => None,
        };
        let mut others: [SavedProgram; PROGRAMS - 1] = Default::default();
        if let Some(Value::Array(programs)) = object.remove("programs") {
            for (program, value) in others.iter_mut().zip(programs) {
                *program = SavedProgram::from_json(value);
            }
        }
        Ok(Self {
            draft,
            last_good,
            others,
            seed,
            editor,
            sample_folder,
            knobs: object
                .remove("knobs")
                .map_or_else(Vec::new, knobs::from_json),
            unknown: object,
        })
    }
}

/// The session as nice-plug's persistent field: reading it saves, setting it loads.
///
/// nice-plug calls neither `activate` nor `reset` after a state load; [`set`](PersistentField::set)
/// is the only hook, so the program is compiled right there, in the host's main thread.
#[derive(Debug)]
pub struct SavedSession(pub Arc<Session>);

impl PersistentField<'_, Value> for SavedSession {
    fn set(&self, value: Value) {
        match Document::from_json(value) {
            Ok(document) => self.0.load(document),
            Err(error) => nice_warn!("A state was refused, the sound stays as it is: {error}"),
        }
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&Value) -> R,
    {
        f(&self.0.document().to_json())
    }
}

/// Name of the persistent field.
pub const FIELD: &str = "glisten";

/// Drops a document that is no JSON, with a line in the log: nice-plug itself would say so in
/// debug builds only.
pub fn sanitize(state: &mut PluginState) {
    let error = match state
        .fields
        .get(FIELD)
        .map(|text| serde_json::from_str::<Value>(text))
    {
        Some(Err(error)) => error,
        _ => return,
    };
    nice_warn!("A state was refused, the sound stays as it is: {error}");
    state.fields.remove(FIELD);
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
