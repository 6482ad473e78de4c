//! Kernels: plain numbers and slices, no knowledge of nodes, plans or hosts.
//!
//! Rules every kernel here obeys, because chunks may be cut anywhere:
//! - the samples for a run of frames do not depend on how the run is cut into calls;
//! - an argument that is held and one that moves but stays the same give the same bits, so every
//!   coefficient is a function of one frame's argument and is computed by the same operations in
//!   both paths;
//! - `reset` returns to the just-built state and never touches the memory of a line;
//! - no fused multiply-add and no transcendental function of the standard library (see [`math`]).
//!
//! Slices hold at most [`MAX_FRAMES`] frames per call unless a kernel says otherwise.

pub mod adsr;
pub mod bit_crusher;
pub mod breakpoints;
pub mod chorus;
pub mod colored_noise;
pub mod delay_head;
pub mod delay_line;
pub mod dynamics;
pub mod echo;
pub mod elementary;
pub mod envelope;
pub mod euclid;
pub mod feedback_line;
pub mod fraction;
pub mod freeverb;
pub mod hall;
pub mod ladder;
pub mod math;
pub mod noise;
pub mod one_pole;
pub mod oscillator;
pub mod phaser;
pub mod plate;
pub mod playback;
pub mod pluck;
pub mod pulse;
pub mod reader;
pub mod sinc;
#[cfg(test)]
mod spectrum;
pub mod splice;
pub mod supersaw;
pub mod svf;
pub mod sweep;
pub mod walk;
pub mod waveshaper;
pub mod wavetable;

/// Most frames one call of a kernel handles.
pub const MAX_FRAMES: usize = 64;

/// Cuts a run of frames to what one call may handle.
#[inline]
pub(crate) fn frames_of(len: usize) -> usize {
    len.min(MAX_FRAMES)
}

/// `out[i] = f(xs[i])`, up to the shorter end. `xs` and `out` are mostly [`MAX_FRAMES`] long, and a
/// length known to the compiler needs neither prologue nor tail.
#[inline(always)]
pub(crate) fn map(xs: &[f32], out: &mut [f32], f: impl Fn(f32) -> f32) {
    if let (Ok(xs), Ok(out)) = (
        <&[f32; MAX_FRAMES]>::try_from(xs),
        <&mut [f32; MAX_FRAMES]>::try_from(&mut *out),
    ) {
        for (y, x) in out.iter_mut().zip(xs) {
            *y = f(*x);
        }
        return;
    }
    for (y, x) in out.iter_mut().zip(xs) {
        *y = f(*x);
    }
}

/// `xs[i] = f(xs[i])`; see [`map`].
#[inline(always)]
pub(crate) fn map_own(xs: &mut [f32], f: impl Fn(f32) -> f32) {
    if let Ok(xs) = <&mut [f32; MAX_FRAMES]>::try_from(&mut *xs) {
        xs.iter_mut().for_each(|x| *x = f(*x));
        return;
    }
    xs.iter_mut().for_each(|x| *x = f(*x));
}

/// `xs[i] = f(xs[i], ys[i])`, up to the shorter end; see [`map`].
#[inline(always)]
pub(crate) fn map_own_pairs(xs: &mut [f32], ys: &[f32], f: impl Fn(f32, f32) -> f32) {
    if let (Ok(xs), Ok(ys)) = (
        <&mut [f32; MAX_FRAMES]>::try_from(&mut *xs),
        <&[f32; MAX_FRAMES]>::try_from(ys),
    ) {
        for (x, y) in xs.iter_mut().zip(ys) {
            *x = f(*x, *y);
        }
        return;
    }
    for (x, y) in xs.iter_mut().zip(ys) {
        *x = f(*x, *y);
    }
}

/// `out[i] = f(xs[i], ys[i])`, up to the shortest end; see [`map`].
#[inline(always)]
pub(crate) fn map_pairs(xs: &[f32], ys: &[f32], out: &mut [f32], f: impl Fn(f32, f32) -> f32) {
    if let (Ok(xs), Ok(ys), Ok(out)) = (
        <&[f32; MAX_FRAMES]>::try_from(xs),
        <&[f32; MAX_FRAMES]>::try_from(ys),
        <&mut [f32; MAX_FRAMES]>::try_from(&mut *out),
    ) {
        for ((z, x), y) in out.iter_mut().zip(xs).zip(ys) {
            *z = f(*x, *y);
        }
        return;
    }
    for ((z, x), y) in out.iter_mut().zip(xs).zip(ys) {
        *z = f(*x, *y);
    }
}
