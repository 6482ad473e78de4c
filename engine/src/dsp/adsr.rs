//! An envelope in four straight lines: attack, decay, sustain, release.
//!
//! The gate is open while its input is above 0. Every line starts at the level that is there, so a
//! gate that comes back early does not click. An input that is above 0 for a single frame is a
//! trigger and not a gate: it keeps the gate open until the decay has ended.

/// Times as whole frames; sustain as a level.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Frames from the start of the gate to 1.
    pub attack_frames: f32,
    /// Frames from 1 to the sustain level.
    pub decay_frames: f32,
    /// Level while the gate stays open.
    pub sustain: f32,
    /// Frames from the end of the gate to 0.
    pub release_frames: f32,
}

/// The line under way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// 0, before the first gate and after the release.
    Idle,
    Attack,
    Decay,
    Sustain,
    Release,
}

/// What keeps the gate open.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Gate {
    Closed,
    /// The input rose in the frame before: whether it is a trigger shows now.
    Risen,
    /// The input.
    Held,
    /// A single frame of input; open until the decay has ended.
    Triggered,
}

/// The envelope's state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adsr {
    stage: Stage,
    gate: Gate,
    /// Frames since the stage began, and its length, fixed when it began.
    position: f32,
    length: f32,
    /// Level at the start of an attack or release.
    from: f32,
}

impl Default for Adsr {
    fn default() -> Self {
        Self {
            stage: Stage::Idle,
            gate: Gate::Closed,
            position: 0.0,
            length: 0.0,
            from: 0.0,
        }
    }
}

impl Adsr {
    /// Ends it at once.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The level of the next frame. A time counts from where its line begins; the sustain level may
    /// move at any frame.
    #[inline]
    pub fn next(&mut self, input: f32, shape: &Shape) -> f32 {
        let above = input > 0.0;
        self.finish_stages(shape);
        let level = self.level(shape.sustain);
        match (self.gate, above) {
            (Gate::Closed | Gate::Triggered, true) => {
                self.gate = Gate::Risen;
                self.begin(Stage::Attack, shape.attack_frames, level);
            }
            (Gate::Risen, true) => self.gate = Gate::Held,
            (Gate::Risen, false) => self.gate = Gate::Triggered,
            (Gate::Held, false) => self.release(shape, level),
            (Gate::Closed | Gate::Triggered, false) | (Gate::Held, true) => {}
        }
        if self.gate == Gate::Triggered && self.stage == Stage::Sustain {
            self.release(shape, level);
        }
        self.finish_stages(shape);
        let level = self.level(shape.sustain);
        self.position += 1.0;
        level
    }

    fn release(&mut self, shape: &Shape, level: f32) {
        self.gate = Gate::Closed;
        self.begin(Stage::Release, shape.release_frames, level);
    }

    fn begin(&mut self, stage: Stage, length: f32, from: f32) {
        self.stage = stage;
        self.position = 0.0;
        self.length = length;
        self.from = from;
    }

    /// Goes on to the stage that holds the present frame.
    #[inline]
    fn finish_stages(&mut self, shape: &Shape) {
        loop {
            let ended = self.position >= self.length;
            let over = self.position - self.length;
            match self.stage {
                Stage::Attack if ended => self.begin(Stage::Decay, shape.decay_frames, 1.0),
                Stage::Decay if ended => self.begin(Stage::Sustain, 0.0, 0.0),
                Stage::Release if ended => self.begin(Stage::Idle, 0.0, 0.0),
                _ => return,
            }
            self.position = over;
        }
    }

    #[inline]
    fn level(&self, sustain: f32) -> f32 {
        // The part that is still ahead; written so that both ends of a line are exact.
        let ahead = || (self.length - self.position) / self.length;
        match self.stage {
            Stage::Idle => 0.0,
            Stage::Attack => 1.0 - (1.0 - self.from) * ahead(),
            Stage::Decay => sustain + (1.0 - sustain) * ahead(),
            Stage::Sustain => sustain,
            Stage::Release => self.from * ahead(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::envelope::whole_frames;

    fn shape(attack: f32, decay: f32, sustain: f32, release: f32) -> Shape {
        Shape {
            attack_frames: attack,
            decay_frames: decay,
            sustain,
            release_frames: release,
        }
    }

    fn run(shape: &Shape, frames: usize, input: impl Fn(usize) -> f32) -> Vec<f32> {
        let mut adsr = Adsr::default();
        (0..frames).map(|i| adsr.next(input(i), shape)).collect()
    }

    fn between(i: usize, from: usize, to: usize) -> f32 {
        if (from..to).contains(&i) { 1.0 } else { 0.0 }
    }

    #[test]
    fn every_sample_of_a_held_note_at_two_rates() {
        // 0.01 s, 0.1 s, 0.5, 0.2 s.
        for (rate, a, d, r) in [
            (44_100.0, 441usize, 4410usize, 8820usize),
            (96_000.0, 960, 9600, 19_200),
        ] {
            let frames = |s| whole_frames(s, rate);
            let shape = shape(frames(0.01), frames(0.1), 0.5, frames(0.2));
            let (on, off) = (100, 100 + a + d + 3000);
            let y = run(&shape, off + r + 500, |i| between(i, on, off) * 0.3);
            for (i, y) in y.iter().enumerate() {
                let line = |from: usize, n: usize| (i - from) as f32 / n as f32;
                let want = if i < on {
                    0.0
                } else if i <= on + a {
                    line(on, a)
                } else if i <= on + a + d {
                    1.0 - 0.5 * line(on + a, d)
                } else if i <= off {
                    0.5
                } else if i <= off + r {
                    0.5 * (1.0 - line(off, r))
                } else {
                    0.0
                };
                assert!((y - want).abs() < 2e-7, "{rate} frame {i}: {y}, not {want}");
            }
            assert_eq!((y[on], y[on + a], y[on + a + d]), (0.0, 1.0, 0.5));
            assert!(y[off + r - 1] > 0.0 && y[off + r] == 0.0);
        }
    }

    #[test]
    fn a_single_frame_holds_its_gate_for_attack_and_decay() {
        let shape = shape(10.0, 20.0, 0.5, 40.0);
        let y = run(&shape, 200, |i| between(i, 5, 6));
        assert_eq!((y[5], y[15], y[35]), (0.0, 1.0, 0.5));
        assert!((y[25] - 0.75).abs() < 1e-6);
        assert!((y[36] - 0.5 * 39.0 / 40.0).abs() < 1e-6);
        assert!(y[74] > 0.0);
        assert!(y[75..].iter().all(|y| *y == 0.0));
        // Two frames are a gate of two frames, and are over before anything is heard.
        let short = run(&shape, 200, |i| between(i, 5, 7));
        assert!((short[7] - 0.2).abs() < 1e-6);
        assert!((short[27] - 0.1).abs() < 1e-6);
        assert!(short[47..].iter().all(|y| *y == 0.0));
    }

    #[test]
    fn a_new_gate_starts_at_the_level_that_is_there() {
        let shape = shape(100.0, 100.0, 0.6, 100.0);
        // Released at 0.6, half way down at 0.3 when the gate opens again.
        let y = run(&shape, 800, |i| between(i, 0, 300) + between(i, 350, 800));
        assert!((y[350] - 0.3).abs() < 1e-6);
        assert!((y[400] - 0.65).abs() < 1e-6);
        assert_eq!(y[450], 1.0);
        // A trigger during attack, decay and release: no step is larger than the steepest line.
        let y = run(&shape, 800, |i| {
            between(i, 10, 11) + between(i, 50, 51) + between(i, 200, 201) + between(i, 420, 421)
        });
        for (i, pair) in y.windows(2).enumerate() {
            assert!((pair[1] - pair[0]).abs() < 0.010_01, "frame {i}");
        }
        // The gate that closes during the attack releases from there.
        let y = run(&shape, 300, |i| between(i, 0, 50));
        assert_eq!(y[50], 0.5);
        assert!((y[100] - 0.25).abs() < 1e-6 && y[150] == 0.0);
    }

    #[test]
    fn times_of_zero_and_a_sustain_that_moves() {
        let y = run(&shape(0.0, 0.0, 0.4, 0.0), 10, |i| between(i, 2, 5));
        let s = 0.4;
        assert_eq!(y, [0.0, 0.0, s, s, s, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let y = run(&shape(0.0, 4.0, 0.0, 9.0), 8, |i| between(i, 1, 2));
        assert_eq!(y, [0.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0, 0.0]);
        let mut adsr = Adsr::default();
        for i in 0..20 {
            let sustain = 0.1 + 0.01 * i as f32;
            let y = adsr.next(1.0, &shape(0.0, 0.0, sustain, 1.0));
            assert!((y - sustain).abs() < 1e-7);
        }
        // Negative samples are no gate.
        assert!(
            run(&shape(1.0, 1.0, 1.0, 1.0), 50, |_| -1.0)
                .iter()
                .all(|y| *y == 0.0)
        );
    }
}
