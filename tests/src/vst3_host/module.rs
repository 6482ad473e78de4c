//! The library and its class factory.

// COM from end to end.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use vst3::Steinberg::{
    IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactoryTrait, PClassInfo2,
    kResultOk,
};
use vst3::{ComPtr, Interface};

use crate::host::Listing;

/// A loaded library. Never unloaded: a plugin's threads may outlive its instances.
pub struct Module {
    factory: ComPtr<IPluginFactory>,
}

/// Text of a C character array.
fn text(characters: &[c_char]) -> String {
    let bytes: Vec<u8> = characters
        .iter()
        .take_while(|c| **c != 0)
        .map(|c| c.cast_unsigned())
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Module {
    /// Loads a bundle or the bare library.
    ///
    /// # Errors
    /// It is missing or no VST3 module.
    pub fn load(path: &Path) -> Result<Self> {
        let library = resolve(path);
        let name = CString::new(library.as_os_str().as_bytes())?;
        // SAFETY: loading runs the library's initialisers; it is the plugin under test.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() {
            // SAFETY: after a failed dlopen there is a message.
            let message = unsafe { CStr::from_ptr(libc::dlerror()) };
            bail!(
                "cannot load {}: {}",
                library.display(),
                message.to_string_lossy()
            );
        }
        // SAFETY: symbols of the standard, with the signatures of the standard.
        let factory = unsafe {
            let enter = libc::dlsym(handle, c"ModuleEntry".as_ptr());
            if !enter.is_null() {
                let enter: unsafe extern "C" fn(*mut c_void) -> bool = std::mem::transmute(enter);
                if !enter(handle) {
                    bail!("ModuleEntry of {} fails", library.display());
                }
            }
            let get = libc::dlsym(handle, c"GetPluginFactory".as_ptr());
            if get.is_null() {
                bail!("{} has no GetPluginFactory", library.display());
            }
            let get: unsafe extern "system" fn() -> *mut IPluginFactory = std::mem::transmute(get);
            ComPtr::from_raw(get()).context("the library has no class factory")?
        };
        Ok(Self { factory })
    }

    fn classes(&self) -> Vec<PClassInfo2> {
        let Some(factory) = self.factory.cast::<IPluginFactory2>() else {
            return Vec::new();
        };
        // SAFETY: plain values; `info` is writable.
        unsafe {
            (0..factory.countClasses())
                .filter_map(|index| {
                    let mut info: PClassInfo2 = std::mem::zeroed();
                    (factory.getClassInfo2(index, &raw mut info) == kResultOk).then_some(info)
                })
                .collect()
        }
    }

    /// The classes.
    pub fn list(&self) -> Result<Vec<Listing>> {
        let classes = self.classes();
        let listings = classes.iter().map(|info| Listing {
            name: text(&info.name),
            vendor: text(&info.vendor),
            version: text(&info.version),
            features: text(&info.subCategories)
                .split('|')
                .map(str::to_owned)
                .collect(),
            id: info
                .cid
                .iter()
                .map(|byte| format!("{:02x}", byte.cast_unsigned()))
                .collect(),
        });
        Ok(listings.collect())
    }

    /// Makes an object of the class with a name.
    pub fn create<I: Interface>(&self, name: &str) -> Result<ComPtr<I>> {
        let classes = self.classes();
        let info = classes
            .iter()
            .find(|info| text(&info.name) == name)
            .with_context(|| format!("the library has no class \"{name}\""))?;
        let mut object: *mut c_void = std::ptr::null_mut();
        // SAFETY: both ids are 16 bytes; `object` is writable and, on success, ours.
        unsafe {
            let result =
                self.factory
                    .createInstance(info.cid.as_ptr(), super::iid::<I>(), &raw mut object);
            if result != kResultOk {
                bail!("cannot make an instance of \"{name}\" ({result})");
            }
            ComPtr::from_raw(object.cast::<I>()).context("the factory returns nothing")
        }
    }
}

/// The library inside a bundle.
fn resolve(path: &Path) -> PathBuf {
    if !path.is_dir() {
        return path.to_path_buf();
    }
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let folder = format!("{}-linux", std::env::consts::ARCH);
    path.join("Contents")
        .join(folder)
        .join(format!("{stem}.so"))
}
