//! The transistor ladder: four one-pole low-passes in a row with feedback around them.
//!
//! Each pole is integrated by the trapezoidal rule and the loop is solved within the sample, so that
//! cutoff and resonance are where they are asked for at every rate (Zavalishin, "The Art of VA Filter
//! Design", 2.1.0, sections 5.1 to 5.3). For small signals, with the cutoff as the unit of frequency,
//!
//! ```text
//! H(s) = 1 / ((1 + s)⁴ + k)
//! ```
//!
//! The difference of input and feedback passes `tanh`, as in the circuit's input stage (Stilson,
//! Smith, "Analyzing the Moog VCF", ICMC 1996). The loop is solved as if it were linear and bent
//! after that, which saves an iteration per sample and is exact where the signal is small.

use super::math::{clamp, tan_half_turns};
use super::waveshaper::{Curve, Tanh};

/// Feedback at full resonance. At 4 the ladder would sound for ever.
pub const MAX_FEEDBACK: f64 = 3.98;
/// Lowest and highest cutoff in cycles per frame.
const CYCLES: (f32, f32) = (1e-5, 0.49);

/// Coefficients of one frame.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients {
    /// Share of a pole's input in its output, and of its state.
    gain: f64,
    rest: f64,
    feedback: f64,
    /// 1/(1 + k·G⁴).
    solution: f64,
}

impl Coefficients {
    /// From a cutoff in Hz, limited to what the filter can do, and a resonance from 0 to 1.
    #[inline(always)]
    #[must_use]
    pub fn new(cutoff_hz: f32, resonance: f32, seconds_per_frame: f32) -> Self {
        let cycles = clamp(cutoff_hz * seconds_per_frame, CYCLES.0, CYCLES.1);
        let g = f64::from(tan_half_turns(cycles));
        let rest = 1.0 / (1.0 + g);
        let gain = g * rest;
        let feedback = MAX_FEEDBACK * f64::from(clamp(resonance, 0.0, 1.0));
        let square = gain * gain;
        Self {
            gain,
            rest,
            feedback,
            solution: 1.0 / (1.0 + feedback * square * square),
        }
    }
}

/// The four integrators, in double precision: at low cutoffs they move by little.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ladder([f64; 4]);

impl Ladder {
    /// Empties the integrators.
    pub fn reset(&mut self) {
        self.0 = [0.0; 4];
    }

    /// Filters one frame.
    #[inline(always)]
    pub fn tick(&mut self, x: f32, c: &Coefficients) -> f32 {
        // What the states alone put out.
        let [a, b, d, e] = self.0;
        let past = (((a * c.gain + b) * c.gain + d) * c.gain + e) * c.rest;
        let mut y = Tanh::value((f64::from(x) - c.feedback * past) * c.solution);
        for state in &mut self.0 {
            let v = (y - *state) * c.gain;
            y = v + *state;
            *state = y + v;
        }
        y as f32
    }
}
