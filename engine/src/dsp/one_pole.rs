//! A one-pole low-pass with the corner where it is asked for, at every rate.
//!
//! Trapezoidal integration with the corner pre-warped (Zavalishin, "The Art of VA Filter Design",
//! 2.1.0, section 3): −3 dB at the corner, 0 at half the sample rate.

use super::math::{clamp, tan_half_turns};

/// Highest corner in cycles per frame.
const MAX_CYCLES: f32 = 0.49;

/// The coefficient for a corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corner(f32);

impl Corner {
    /// A corner in cycles per frame, limited to 0 to 0.49.
    #[inline]
    #[must_use]
    pub fn new(cycles_per_frame: f32) -> Self {
        let g = tan_half_turns(clamp(cycles_per_frame, 0.0, MAX_CYCLES));
        Self(g / (1.0 + g))
    }

    /// The coefficient of a first-order all-pass of this corner: see [`OnePole::all_pass`].
    #[inline]
    #[must_use]
    pub fn gain(self) -> f32 {
        self.0
    }
}

/// One channel's state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OnePole(f32);

impl OnePole {
    /// The part below the corner.
    #[inline]
    pub fn low(&mut self, x: f32, corner: Corner) -> f32 {
        let v = (x - self.0) * corner.0;
        let y = v + self.0;
        self.0 = y + v;
        y
    }

    /// The part above the corner.
    #[inline]
    pub fn high(&mut self, x: f32, corner: Corner) -> f32 {
        x - self.low(x, corner)
    }

    /// The low part minus the high part: all frequencies at full level, turned by 90° at the corner
    /// and by 180° far above.
    #[inline]
    pub fn all_pass(&mut self, x: f32, corner: Corner) -> f32 {
        let low = self.low(x, corner);
        low + low - x
    }

    /// What [`all_pass`](Self::all_pass) adds to its input's share, `(2·gain − 1)·x`.
    #[inline]
    #[must_use]
    pub fn all_pass_memory(&self, corner: Corner) -> f32 {
        (2.0 - 2.0 * corner.0) * self.0
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use std::f64::consts::{PI, TAU};

    /// Response at `cycles` per frame, from the impulse response.
    fn response(corner: f32, cycles: f64, run: fn(&mut OnePole, f32, Corner) -> f32) -> (f64, f64) {
        let (mut state, corner) = (OnePole::default(), Corner::new(corner));
        let (mut re, mut im) = (0.0, 0.0);
        for i in 0..20_000 {
            let y = f64::from(run(&mut state, if i == 0 { 1.0 } else { 0.0 }, corner));
            let phase = TAU * cycles * f64::from(i);
            re += y * phase.cos();
            im -= y * phase.sin();
        }
        (re, im)
    }

    #[test]
    fn responses_are_those_of_the_analogue_circuit_on_a_bent_axis() {
        for corner in [0.001f64, 0.02, 0.2, 0.45] {
            for cycles in [0.0005f64, 0.01, 0.1, 0.3] {
                let w = (PI * cycles).tan() / (PI * corner).tan();
                let low = response(corner as f32, cycles, OnePole::low);
                let high = response(corner as f32, cycles, OnePole::high);
                let all = response(corner as f32, cycles, OnePole::all_pass);
                let size = |(re, im): (f64, f64)| (re * re + im * im).sqrt();
                assert!((size(low) - 1.0 / (1.0 + w * w).sqrt()).abs() < 1e-4);
                assert!((size(high) - w / (1.0 + w * w).sqrt()).abs() < 1e-4);
                assert!((size(all) - 1.0).abs() < 1e-4);
                let turned = -all.1.atan2(all.0);
                assert!((turned - 2.0 * w.atan()).abs() < 1e-3, "{corner} {cycles}");
            }
        }
    }

    #[test]
    fn the_memory_is_the_rest_of_the_all_pass() {
        let (mut state, corner) = (OnePole(0.3), Corner::new(0.07));
        let memory = state.all_pass_memory(corner);
        let y = state.all_pass(0.8, corner);
        assert!((y - ((2.0 * corner.gain() - 1.0) * 0.8 + memory)).abs() < 1e-6);
    }
}
