//! State-variable filter with two integrators, trapezoidal rule.
//!
//! Zavalishin, "The Art of VA Filter Design", 2.1.0, §4; Simper, "Solving the continuous SVF
//! equations using trapezoidal integration and equivalent currents", 2013. With g = tan(π·cutoff/rate)
//! as a fraction N/D and 1/Q = k, the textbook's a1 = 1/(1 + g(g + k)) gives
//!
//! ```text
//! 2·g·a1 = 2·N·D·Q / (Q·(N² + D²) + N·D)      2·g²·a1 = 2·N²·Q / (Q·(N² + D²) + N·D)
//! ```
//!
//! which stays well scaled up to 0.49 of the sample rate and costs one division. Cutoff, Q and gain may
//! change at every frame: the states are voltages, not coefficients' products.
//!
//! The shelves and the bell are Simper's: with A = 10^(dB/40), a low shelf divides g by √A, a high
//! shelf multiplies it by √A, a bell multiplies Q by A, and each adds its shares of the two
//! integrators to the input. So a boost and a cut of the same size undo each other exactly.
//!
//! A frame's new state is a matrix times the old one plus the input's share, and waiting for it is
//! most of what a filter costs. So frames go in groups of four, cut where the frame number is a
//! multiple of four: the product of four matrices leads from group to group, and the states between
//! are computed for many groups side by side (look-ahead: Parhi, Messerschmitt, "Pipeline
//! interleaving and parallelism in recursive digital filters", IEEE Trans. ASSP 37(7), 1989). A group
//! that a call leaves unfinished is kept and computed again by the next one, so that cuts change
//! nothing.

mod number;
mod output;

use super::MAX_FRAMES;
use number::{LANES, Lanes};

pub use number::Number;
pub use output::{
    BandPass, Bell, HighPass, HighShelf, LowPass, LowShelf, Notch, Output, root_of_gain,
};

/// Lowest cutoff in Hz.
pub const MIN_CUTOFF_HZ: f32 = 5.0;
/// Highest cutoff in cycles per frame.
pub const MAX_CUTOFF_CYCLES: f32 = 0.49;
/// Lowest Q.
pub const MIN_Q: f32 = 0.05;
/// Highest Q.
pub const MAX_Q: f32 = 100.0;

/// Coefficients for one frame, or one per lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Coefficients<T = f32> {
    /// 2·g·a1.
    b: T,
    /// 2·g²·a1.
    d: T,
    /// 1 − 2·g·(g + k)·a1.
    keep1: T,
    /// 1 − 2·g²·a1.
    keep2: T,
    /// 1/Q.
    k: T,
    /// A: the square root of the gain; 1 for outputs without.
    amplitude: T,
}

impl Coefficients {
    /// Coefficients of a cutoff in Hz and a Q, both limited to what the filter can do.
    #[inline(always)]
    #[must_use]
    pub fn new(cutoff_hz: f32, q: f32, seconds_per_frame: f32) -> Self {
        Self::of::<LowPass>(cutoff_hz, q, 1.0, seconds_per_frame)
    }

    /// Coefficients for an output with a gain, given by its fourth root ([`root_of_gain`]).
    #[inline(always)]
    #[must_use]
    pub fn with_gain<O: Output>(
        cutoff_hz: f32,
        q: f32,
        gain_root: f32,
        seconds_per_frame: f32,
    ) -> Self {
        Self::of::<O>(cutoff_hz, q, gain_root, seconds_per_frame)
    }

    /// A frame that changes nothing, whatever its input.
    const IDENTITY: Self = Self {
        b: 0.0,
        d: 0.0,
        keep1: 1.0,
        keep2: 1.0,
        k: 0.0,
        amplitude: 1.0,
    };

    /// The same ones in all lanes.
    #[inline(always)]
    fn splat(&self) -> Coefficients<Lanes> {
        Coefficients {
            b: Lanes::splat(self.b),
            d: Lanes::splat(self.d),
            keep1: Lanes::splat(self.keep1),
            keep2: Lanes::splat(self.keep2),
            k: Lanes::splat(self.k),
            amplitude: Lanes::splat(self.amplitude),
        }
    }
}

impl<T: Number> Coefficients<T> {
    /// See [`new`](Coefficients::new).
    #[inline(always)]
    fn of<O: Output>(cutoff_hz: T, q: T, gain_root: T, seconds_per_frame: f32) -> Self {
        let q = q.limit(MIN_Q, MAX_Q);
        let lowest = MIN_CUTOFF_HZ * seconds_per_frame;
        let cycles = (cutoff_hz * T::splat(seconds_per_frame)).limit(lowest, MAX_CUTOFF_CYCLES);
        let one = T::splat(1.0);
        let (n, m, q) = O::tune(tangent(cycles), q, gain_root);
        let (nm, nn) = (n * m, n * n);
        let twice = T::splat(2.0) / (q * (nn + m * m) + nm);
        let b = (nm * q) * twice;
        let d = (nn * q) * twice;
        // 2·g·(g + k)·a1 = d + 2·N·D/(Q·(N² + D²) + N·D).
        let p = d + nm * twice;
        Self {
            b,
            d,
            keep1: one - p,
            keep2: one - d,
            k: one / q,
            amplitude: O::amplitude(gain_root),
        }
    }

    /// What one frame makes of the state.
    #[inline(always)]
    fn step(&self, x: T) -> Step<T> {
        Step {
            m: [[self.keep1, -self.b], [self.b, self.keep2]],
            w: [self.b * x, self.d * x],
        }
    }
}

/// Numerator and denominator of `tan(π x)` for `0 <= x <= 0.49`; relative error of the quotient
/// below 2e-5, so a cutoff is right to a fiftieth of a thousandth.
///
/// Minimax in the relative error (iterated least squares; 9.7e-6 in exact arithmetic).
#[inline(always)]
fn tangent<T: Number>(x: T) -> (T, T) {
    let k = T::splat;
    let z = x * x;
    let numerator = (k(-3.025_525_8) * z + k(3.141_562_2)) * x;
    let denominator = (k(1.014_698_8) * z - k(4.253_664)) * z + k(1.0);
    (numerator, denominator)
}

/// State after some frames, from the state before: `m · state + w`.
#[derive(Clone, Copy)]
struct Step<T> {
    m: [[T; 2]; 2],
    w: [T; 2],
}

impl<T: Number> Step<T> {
    /// This step, then the next one.
    #[inline(always)]
    fn then(self, next: Self) -> Self {
        let ([[a, b], [c, d]], m) = (next.m, self.m);
        Self {
            m: [
                [a * m[0][0] + b * m[1][0], a * m[0][1] + b * m[1][1]],
                [c * m[0][0] + d * m[1][0], c * m[0][1] + d * m[1][1]],
            ],
            w: next.apply(self.w),
        }
    }

    #[inline(always)]
    fn apply(self, s: State<T>) -> State<T> {
        let [[a, b], [c, d]] = self.m;
        [
            a * s[0] + (b * s[1] + self.w[0]),
            c * s[0] + (d * s[1] + self.w[1]),
        ]
    }
}

/// Frames in a group.
const GROUP: usize = 4;
/// Frames of as many groups as there are lanes.
const QUAD: usize = LANES * GROUP;
/// How many of them a full chunk has.
const QUADS: usize = MAX_FRAMES / QUAD;

/// Arguments that change from frame to frame.
#[derive(Clone, Copy, Debug)]
pub struct Moving<'a> {
    /// Cutoffs in Hz.
    pub cutoff_hz: &'a [f32; MAX_FRAMES],
    /// Qs.
    pub q: &'a [f32; MAX_FRAMES],
    /// Fourth roots of the gains ([`root_of_gain`]).
    pub gain_root: &'a [f32; MAX_FRAMES],
}

impl<'a> Moving<'a> {
    /// Arguments for an output without a gain.
    #[must_use]
    pub fn plain(cutoff_hz: &'a [f32; MAX_FRAMES], q: &'a [f32; MAX_FRAMES]) -> Self {
        Self {
            cutoff_hz,
            q,
            gain_root: &[1.0; MAX_FRAMES],
        }
    }
}

/// Values of the two integrators.
type State<T = f32> = [T; 2];

/// The two integrators.
#[derive(Clone, Copy, Debug, Default)]
pub struct Svf {
    /// State before the group's first frame.
    state: State,
    /// Frames of the group that have passed, 0 to 3.
    passed: usize,
    /// Their inputs and coefficients.
    inputs: [f32; GROUP],
    coefficients: [Coefficients; GROUP],
}

impl Svf {
    /// Empties both integrators.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Filters with constant coefficients. `frame` is the number of the first frame, counted from
    /// anywhere.
    #[inline]
    pub fn held<O: Output>(
        &mut self,
        c: &Coefficients,
        frame: u64,
        input: &[f32],
        out: &mut [f32],
    ) {
        let (c, quad) = (*c, [c.splat(); GROUP]);
        self.run::<O>(frame, (input, out), true, |_| c, |_| &quad);
    }

    /// Filters with cutoffs in Hz, Qs and fourth roots of gains per frame, at most [`MAX_FRAMES`];
    /// outputs without a gain do not look at the last. `frame` is the number of the first frame,
    /// counted from anywhere.
    #[inline]
    pub fn moving<O: Output>(
        &mut self,
        Moving {
            cutoff_hz,
            q,
            gain_root,
        }: Moving<'_>,
        seconds_per_frame: f32,
        frame: u64,
        input: &[f32],
        out: &mut [f32],
    ) {
        let input = &input[..input.len().min(MAX_FRAMES)];
        let first = before_group(frame);
        let mut quads = [[Coefficients::IDENTITY.splat(); GROUP]; QUADS];
        let full = input.len().saturating_sub(first) / QUAD;
        let cutoffs = cutoff_hz[first..].as_chunks().0.iter();
        for (((quad, cutoff_hz), q), gain_root) in quads[..full]
            .iter_mut()
            .zip(cutoffs)
            .zip(q[first..].as_chunks().0)
            .zip(gain_root[first..].as_chunks().0)
        {
            coefficients::<O>((cutoff_hz, q, gain_root), seconds_per_frame, quad);
        }
        self.run::<O>(
            frame,
            (input, out),
            false,
            |i| Coefficients::of::<O>(cutoff_hz[i], q[i], gain_root[i], seconds_per_frame),
            |i| &quads[i % QUADS],
        );
    }

    /// Filters any number of frames: four groups at a time where a group begins and so many are
    /// left, one group or a part of it elsewhere. `c` gives the coefficients of a frame, `quad` those
    /// of the next four groups, by place in the group; `alike` says that all are the same.
    #[inline(always)]
    fn run<'a, O: Output>(
        &mut self,
        frame: u64,
        (input, out): (&[f32], &mut [f32]),
        alike: bool,
        c: impl Fn(usize) -> Coefficients,
        quad: impl Fn(usize) -> &'a [Coefficients<Lanes>; GROUP],
    ) {
        self.align(frame);
        let n = input.len().min(out.len());
        let (input, out) = (&input[..n], &mut out[..n]);
        let first = before_group(frame).min(n);
        if first > 0 {
            self.piece::<O>(&c, &input[..first], &mut out[..first]);
        }
        let mut at = first;
        for (chunk, out) in input[first..]
            .chunks(MAX_FRAMES)
            .zip(out[first..].chunks_mut(MAX_FRAMES))
        {
            let (inputs, outs) = (chunk.as_chunks().0, out.as_chunks_mut().0);
            self.quads::<O>(alike, &quad, inputs, outs);
            let mut done = inputs.len() * QUAD;
            while done < chunk.len() {
                let rest = (&chunk[done..], &mut out[done..]);
                done += self.piece::<O>(|i| c(at + done + i), rest.0, rest.1);
            }
            at += chunk.len();
        }
    }

    /// Makes the group's place fit the frame number: at the start and after frames left out.
    #[inline]
    fn align(&mut self, frame: u64) {
        let place = (frame % GROUP as u64) as usize;
        if self.passed != place {
            for i in 0..self.passed {
                self.state = self.coefficients[i].step(self.inputs[i]).apply(self.state);
            }
            self.passed = place;
            self.inputs = [0.0; GROUP];
            self.coefficients = [Coefficients::IDENTITY; GROUP];
        }
    }

    /// Up to four times four groups. `c` gives the coefficients of four groups for each place;
    /// `alike` says that they are the same for all groups.
    ///
    /// What happens side by side and what happens in turn are kept apart, each for all groups, so
    /// that neither waits for the other's stores.
    #[inline(always)]
    fn quads<'a, O: Output>(
        &mut self,
        alike: bool,
        c: impl Fn(usize) -> &'a [Coefficients<Lanes>; GROUP],
        input: &[[f32; QUAD]],
        out: &mut [[f32; QUAD]],
    ) {
        let zero = [Lanes::splat(0.0); 2];
        let nothing = Step {
            m: [zero; 2],
            w: zero,
        };
        let mut steps = [nothing; QUADS];
        let mut first = nothing.m;
        for (i, (step, input)) in steps.iter_mut().zip(input).enumerate() {
            if i > 0 && alike {
                shares_over_groups(c(i), input, &mut step.w);
                step.m = first;
            } else {
                over_groups(c(i), input, step);
                first = step.m;
            }
        }
        // The states before each group and after it.
        let mut ends = [[zero; 2]; QUADS];
        let mut state = self.state;
        for (step, [before, after]) in steps.iter().zip(&mut ends).take(input.len()) {
            for lane in 0..LANES {
                let group = Step {
                    m: step.m.map(|row| row.map(|m| m.0[lane])),
                    w: step.w.map(|w| w.0[lane]),
                };
                before[0].0[lane] = state[0];
                before[1].0[lane] = state[1];
                state = group.apply(state);
                after[0].0[lane] = state[0];
                after[1].0[lane] = state[1];
            }
        }
        self.state = state;
        for (i, ((input, out), ends)) in input.iter().zip(out).zip(&ends).enumerate() {
            let mut rows = [0.0; QUAD];
            inside_groups::<O>(c(i), input, ends, &mut rows);
            let columns = transposed(&rows);
            for (out, y) in out.as_chunks_mut().0.iter_mut().zip(columns) {
                *out = y.0;
            }
        }
    }

    /// Frames up to the end of the group, by the operations of [`quads`](Self::quads); returns how
    /// many.
    #[inline]
    fn piece<O: Output>(
        &mut self,
        c: impl Fn(usize) -> Coefficients,
        input: &[f32],
        out: &mut [f32],
    ) -> usize {
        let first = self.passed;
        let n = input.len().min(out.len()).min(GROUP - first);
        for (i, x) in input[..n].iter().enumerate() {
            self.inputs[first + i] = *x;
            self.coefficients[first + i] = c(i);
        }
        let steps: [Step<f32>; GROUP] =
            std::array::from_fn(|i| self.coefficients[i].step(self.inputs[i]));
        let [s0, s1, s2, s3] = steps;
        let last = s0.then(s1).then(s2.then(s3)).apply(self.state);
        let mut before = self.state;
        for i in 0..first + n {
            let after = if i + 1 == GROUP {
                last
            } else {
                steps[i].apply(before)
            };
            if i >= first {
                out[i - first] =
                    output::<O, _>(self.inputs[i], &self.coefficients[i], before, after);
            }
            before = after;
        }
        if first + n == GROUP {
            self.state = last;
        }
        self.passed = (first + n) % GROUP;
        n
    }
}

/// What each group makes of the state.
///
/// A function of its own, as is [`inside_groups`]: next to the scalar part between them the compiler
/// takes the lanes apart.
#[inline(never)]
fn over_groups(c: &[Coefficients<Lanes>; GROUP], x: &[f32; QUAD], all: &mut Step<Lanes>) {
    let x = transposed(x);
    let [s0, s1, s2, s3]: [_; GROUP] = std::array::from_fn(|i| c[i].step(x[i]));
    *all = s0.then(s1).then(s2.then(s3));
}

/// The inputs' share of [`over_groups`] alone.
#[inline(never)]
fn shares_over_groups(c: &[Coefficients<Lanes>; GROUP], x: &[f32; QUAD], w: &mut State<Lanes>) {
    let x = transposed(x);
    let [s0, s1, s2, s3]: [_; GROUP] = std::array::from_fn(|i| c[i].step(x[i]));
    *w = s0.then(s1).then(s2.then(s3)).w;
}

/// The outputs of all frames, by place in the group, from the states at the groups' ends.
#[inline(never)]
fn inside_groups<O: Output>(
    c: &[Coefficients<Lanes>; GROUP],
    x: &[f32; QUAD],
    [before, after]: &[State<Lanes>; 2],
    out: &mut [f32; QUAD],
) {
    let x = transposed(x);
    let second = c[0].step(x[0]).apply(*before);
    let third = c[1].step(x[1]).apply(second);
    let fourth = c[2].step(x[2]).apply(third);
    let states = [*before, second, third, fourth, *after];
    for (i, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        *out = output::<O, _>(x[i], &c[i], states[i], states[i + 1]).0;
    }
}

/// Frames before the first group that begins at or after a frame.
#[inline(always)]
fn before_group(frame: u64) -> usize {
    (frame.wrapping_neg() % GROUP as u64) as usize
}

/// The four places of four groups, each with one lane per group.
#[inline(always)]
fn transposed(x: &[f32; QUAD]) -> [Lanes; GROUP] {
    std::array::from_fn(|i| Lanes([x[i], x[4 + i], x[8 + i], x[12 + i]]))
}

/// Output of a frame between two states.
#[inline(always)]
fn output<O: Output, T: Number>(x: T, c: &Coefficients<T>, before: State<T>, after: State<T>) -> T {
    let half = T::splat(0.5);
    let band = half * (before[0] + after[0]);
    let low = half * (before[1] + after[1]);
    O::pick(x, c.k, c.amplitude, band, low)
}

/// Coefficients of four groups, one set per place in the group, from cutoffs in Hz, Qs and fourth
/// roots of gains.
#[inline(never)]
fn coefficients<O: Output>(
    (cutoff_hz, q, gain_root): (&[f32; QUAD], &[f32; QUAD], &[f32; QUAD]),
    seconds_per_frame: f32,
    out: &mut [Coefficients<Lanes>; GROUP],
) {
    let (cutoff_hz, q) = (transposed(cutoff_hz), transposed(q));
    let gain_root = transposed(gain_root);
    for (i, out) in out.iter_mut().enumerate() {
        *out = Coefficients::of::<O>(cutoff_hz[i], q[i], gain_root[i], seconds_per_frame);
    }
}

#[cfg(test)]
mod tests;
