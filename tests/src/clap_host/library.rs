//! The library: loading, scanning, and the stream states are read from.

// Loading a library runs its code.
#![allow(unsafe_code)]

use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, Result};
use clack_host::prelude::*;

use crate::host::Listing;

/// Loads a library or bundle.
pub fn load_entry(library: &Path) -> Result<PluginEntry> {
    // SAFETY: loading runs the library's initialisers; it is the plugin under test.
    unsafe { PluginEntry::load(library) }
        .with_context(|| format!("cannot load {} as CLAP", library.display()))
}

/// Lists the plugins of a library.
///
/// # Errors
/// It is no CLAP library.
pub fn scan(library: &Path) -> Result<Vec<Listing>> {
    let entry = load_entry(library)?;
    let factory = entry
        .get_plugin_factory()
        .context("the library has no plugin factory")?;
    let text = |s: Option<&std::ffi::CStr>| {
        s.map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    Ok(factory
        .plugin_descriptors()
        .map(|d| Listing {
            name: text(d.name()),
            vendor: text(d.vendor()),
            version: text(d.version()),
            features: d
                .features()
                .map(|f| f.to_string_lossy().into_owned())
                .collect(),
            id: text(d.id()),
        })
        .collect())
}

/// A stream that gives out a few bytes at a time, as files on slow disks do.
pub struct Pieces<'a> {
    /// All bytes.
    pub inner: Cursor<&'a [u8]>,
    /// Most bytes one read returns.
    pub piece_bytes: usize,
}

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(self.piece_bytes);
        self.inner.read(&mut buffer[..length])
    }
}
