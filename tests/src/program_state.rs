//! States with a given program in them, made from a state the plugin itself saved.
//!
//! nice-plug stores `{"version": …, "params": {…}, "fields": {name: "<JSON>"}}`; one field holds
//! Glisten's document with `draft` and `last_good`. CLAP states carry the length in eight bytes in
//! front (little endian), VST3 states are the bare JSON.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::host::{Format, Host};

/// The JSON inside a saved state.
///
/// # Errors
/// It is no state of nice-plug.
pub fn unwrap(format: Format, state: &[u8]) -> Result<Value> {
    let json = match format {
        Format::Clap => {
            let (length, json) = state.split_at_checked(8).context("a state has a length")?;
            let length = u64::from_le_bytes(length.try_into()?);
            if length != json.len() as u64 {
                bail!("the state says {length} bytes and has {}", json.len());
            }
            json
        }
        Format::Vst3 => state,
    };
    serde_json::from_slice(json).context("a state is JSON")
}

/// The opposite of [`unwrap`].
#[must_use]
pub fn wrap(format: Format, state: &Value) -> Vec<u8> {
    let json = state.to_string().into_bytes();
    match format {
        Format::Clap => {
            let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
            bytes.extend(json);
            bytes
        }
        Format::Vst3 => json,
    }
}

/// Name and content of the field that holds Glisten's document.
///
/// # Errors
/// There is none.
pub fn document(state: &Value) -> Result<(String, Value)> {
    let fields = state["fields"].as_object().context("a state has fields")?;
    for (name, text) in fields {
        let Some(text) = text.as_str() else { continue };
        if let Ok(document) = serde_json::from_str::<Value>(text)
            && document.get("draft").is_some()
        {
            return Ok((name.clone(), document));
        }
    }
    bail!("no field of the state holds a document with a draft: {state}")
}

/// The plugin's state now, with other texts in its document.
///
/// # Errors
/// The plugin fails to save, or its state has no document.
pub fn with_texts(host: &mut dyn Host, draft: &str, last_good: Option<&str>) -> Result<Vec<u8>> {
    let mut state = unwrap(host.format(), &host.save_state()?)?;
    let (name, mut document) = document(&state)?;
    document["draft"] = draft.into();
    document["last_good"] = last_good.into();
    state["fields"][&name] = document.to_string().into();
    Ok(wrap(host.format(), &state))
}

/// Draft and last good text of the plugin's state now.
///
/// # Errors
/// The plugin fails to save, or its state has no document.
pub fn texts(host: &mut dyn Host) -> Result<(String, Option<String>)> {
    let state = unwrap(host.format(), &host.save_state()?)?;
    let (_, document) = document(&state)?;
    let draft = document["draft"]
        .as_str()
        .context("a draft is text")?
        .to_owned();
    Ok((draft, document["last_good"].as_str().map(str::to_owned)))
}

/// Loads a program: a state with this text as draft and last good text.
///
/// # Errors
/// The plugin refuses it.
pub fn set_program(host: &mut dyn Host, program: &str) -> Result<()> {
    let state = with_texts(host, program, Some(program))?;
    host.load_state(&state, usize::MAX)
}

/// Loads up to eight programs.
///
/// # Errors
/// The plugin refuses them.
pub fn set_programs(host: &mut dyn Host, programs: &[&str]) -> Result<()> {
    let [first, others @ ..] = programs else {
        bail!("no program");
    };
    let mut state = unwrap(host.format(), &host.save_state()?)?;
    let (name, mut document) = document(&state)?;
    document["draft"] = (*first).into();
    document["last_good"] = (*first).into();
    let text = |text: &&str| serde_json::json!({ "draft": text, "last_good": text });
    document["programs"] = others.iter().map(text).collect::<Vec<_>>().into();
    state["fields"][&name] = document.to_string().into();
    host.load_state(&wrap(host.format(), &state), usize::MAX)
}

/// Loads a program whose samples lie in a folder.
///
/// # Errors
/// The plugin refuses it.
pub fn set_program_with_samples(host: &mut dyn Host, program: &str, folder: &Path) -> Result<()> {
    let mut state = unwrap(host.format(), &host.save_state()?)?;
    let (name, mut document) = document(&state)?;
    document["draft"] = program.into();
    document["last_good"] = program.into();
    document["sample_folder"] = folder.to_string_lossy().into();
    state["fields"][&name] = document.to_string().into();
    host.load_state(&wrap(host.format(), &state), usize::MAX)
}

/// Loads a state with this text as draft and the last good text as it is, as a project saved in
/// the middle of an edit has it.
///
/// # Errors
/// The plugin refuses it.
pub fn set_draft(host: &mut dyn Host, draft: &str) -> Result<()> {
    let (_, last_good) = texts(host)?;
    let state = with_texts(host, draft, last_good.as_deref())?;
    host.load_state(&state, usize::MAX)
}
