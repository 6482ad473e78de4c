//! Fuzz target: see `glisten_fuzz::resolver`.
#![no_main]

libfuzzer_sys::fuzz_target!(init: glisten_fuzz::crash::install(), |data: &[u8]| {
    glisten_fuzz::resolver(data);
});
