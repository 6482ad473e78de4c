//! Attack and decay in straight lines, started by a trigger.

/// Position of an envelope that has ended or never began.
const IDLE: u32 = u32::MAX;

/// Attack and decay times in whole frames.
#[derive(Clone, Copy, Debug)]
pub enum Times<'a> {
    /// The same for all frames of the call.
    Held {
        /// Frames from trigger to peak.
        attack: f32,
        /// Frames from peak to 0.
        decay: f32,
    },
    /// One value per frame.
    Moving {
        /// Frames from trigger to peak.
        attack: &'a [f32],
        /// Frames from peak to 0.
        decay: &'a [f32],
    },
}

impl Times<'_> {
    #[inline(always)]
    fn at(&self, i: usize) -> (f32, f32) {
        match self {
            Times::Held { attack, decay } => (*attack, *decay),
            Times::Moving { attack, decay } => (
                attack.get(i).copied().unwrap_or(0.0),
                decay.get(i).copied().unwrap_or(0.0),
            ),
        }
    }
}

/// Whole frames in a time, not negative. A thousandth of a frame of slack keeps decimal seconds,
/// which have no exact binary form, at the frame they mean.
#[inline(always)]
#[must_use]
pub fn whole_frames(seconds: f32, frames_per_second: f64) -> f32 {
    let frames = super::math::clamp_f64(f64::from(seconds) * frames_per_second, 0.0, 16_000_000.0);
    (frames + 1e-3) as i32 as f32
}

/// A percussive envelope: `scale · p/A` up to frame A after the trigger, `scale · (A + D − p)/D` to
/// frame A + D, then 0.
///
/// Any trigger sample above 0 restarts it with that value as scale; the trigger's frame is frame 0,
/// so a held trigger keeps it there. It does not start by itself.
#[derive(Clone, Copy, Debug)]
pub struct Percussive {
    position: u32,
    scale: f32,
}

impl Default for Percussive {
    fn default() -> Self {
        Self {
            position: IDLE,
            scale: 0.0,
        }
    }
}

impl Percussive {
    /// Ends it.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Computes up to 64 frames, one per trigger sample.
    ///
    /// Returns the frames on which it runs as a bit mask, lowest bit first.
    #[inline]
    pub fn process(&mut self, trigger: &[f32], times: Times<'_>, out: &mut [f32]) -> u64 {
        let n = super::frames_of(trigger.len().min(out.len()));
        let (trigger, out) = (&trigger[..n], &mut out[..n]);
        let fires = trigger.iter().fold(false, |any, x| any | (*x > 0.0));
        if let (Times::Held { attack, decay }, false) = (times, fires) {
            return self.glide(attack, decay, out);
        }
        let mut mask = 0;
        for (i, y) in out.iter_mut().enumerate() {
            if trigger[i] > 0.0 {
                self.position = 0;
                self.scale = trigger[i];
            }
            *y = 0.0;
            if self.position != IDLE {
                let (attack, decay) = times.at(i);
                if (self.position as f32) < end(attack, decay) {
                    *y = value(self.position as f32, attack, decay, self.scale);
                    self.position += 1;
                    mask |= 1 << i;
                } else {
                    self.position = IDLE;
                }
            }
        }
        mask
    }

    /// The frames of a call without trigger and with constant times, several at a time.
    fn glide(&mut self, attack: f32, decay: f32, out: &mut [f32]) -> u64 {
        if self.position == IDLE {
            out.fill(0.0);
            return 0;
        }
        let left = end(attack, decay) - self.position as f32;
        let runs = (left.max(0.0) as usize).min(out.len());
        let (running, silent) = out.split_at_mut(runs);
        let start = self.position as i32;
        // The whole frames up to the peak rise, the others fall: one division per frame.
        let rising = (attack - self.position as f32 + 1.0).max(0.0) as usize;
        let rising = if attack > 0.0 { rising.min(runs) } else { 0 };
        let (before, after) = running.split_at_mut(rising);
        for (i, y) in before.iter_mut().enumerate() {
            *y = rise((start + i as i32) as f32, attack) * self.scale;
        }
        let start = start + rising as i32;
        for (i, y) in after.iter_mut().enumerate() {
            *y = fall((start + i as i32) as f32, attack, decay) * self.scale;
        }
        if silent.is_empty() {
            self.position += runs as u32;
        } else {
            silent.fill(0.0);
            self.position = IDLE;
        }
        if runs == 64 {
            u64::MAX
        } else {
            (1 << runs) - 1
        }
    }
}

/// First frame after the envelope.
#[inline(always)]
fn end(attack: f32, decay: f32) -> f32 {
    // With no decay the peak itself still sounds.
    let total = attack + decay;
    if decay >= 1.0 || attack < 1.0 {
        total
    } else {
        attack + 1.0
    }
}

#[inline(always)]
fn value(position: f32, attack: f32, decay: f32, scale: f32) -> f32 {
    // The peak belongs to the attack, so that it is there even without decay.
    let shape = if position <= attack && attack > 0.0 {
        rise(position, attack)
    } else {
        fall(position, attack, decay)
    };
    shape * scale
}

#[inline(always)]
fn rise(position: f32, attack: f32) -> f32 {
    position / attack
}

#[inline(always)]
fn fall(position: f32, attack: f32, decay: f32) -> f32 {
    (attack + decay - position) / decay
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(attack: f32, decay: f32) -> Times<'static> {
        Times::Held { attack, decay }
    }

    fn run(envelope: &mut Percussive, trigger: &[f32], times: Times<'_>) -> Vec<f32> {
        let mut out = vec![0.0; trigger.len()];
        for (x, y) in trigger.chunks(64).zip(out.chunks_mut(64)) {
            envelope.process(x, times, y);
        }
        out
    }

    #[test]
    fn upstream_s_values_at_44_1_khz() {
        let attack = whole_frames(0.01, 44_100.0);
        let decay = whole_frames(0.1, 44_100.0);
        assert_eq!((attack, decay), (441.0, 4410.0));
        let mut trigger = vec![0.0; 6000];
        trigger[0] = 1.0;
        let y = run(&mut Percussive::default(), &trigger, held(attack, decay));
        assert_eq!(y[0], 0.0);
        assert!((y[1] - 0.002_27).abs() < 1e-5);
        assert_eq!(y[441], 1.0);
        assert!((y[2645] - 0.500_23).abs() < 1e-5);
        assert!(y[4850] > 0.0);
        assert!(y[4851..].iter().all(|v| *v == 0.0));
    }

    #[test]
    fn silent_until_triggered_and_scaled_by_the_trigger() {
        let mut trigger = vec![0.0; 300];
        trigger[100] = 2.0;
        trigger[150] = -5.0;
        let y = run(&mut Percussive::default(), &trigger, held(10.0, 50.0));
        assert!(y[..=100].iter().all(|v| *v == 0.0));
        assert_eq!(y[110], 2.0);
        assert!(y[151] > 0.0, "a negative sample is no trigger");
        assert!(y[160..].iter().all(|v| *v == 0.0));
    }

    #[test]
    fn edges_of_the_times() {
        let trigger = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let y = |a, d| run(&mut Percussive::default(), &trigger, held(a, d));
        assert_eq!(y(0.0, 2.0), [1.0, 0.5, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(y(2.0, 0.0), [0.0, 0.5, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(y(0.0, 0.0), [0.0; 6]);
        let gate = run(&mut Percussive::default(), &[3.0; 70], held(5.0, 5.0));
        assert!(gate.iter().all(|v| *v == 0.0));
    }

    #[test]
    fn held_and_moving_and_any_cut_agree_to_the_bit() {
        let mut trigger = vec![0.0; 2000];
        for i in [3, 500, 510, 1200, 1263] {
            trigger[i] = 0.7;
        }
        let whole = run(&mut Percussive::default(), &trigger, held(30.0, 170.0));
        let (mut a, mut b) = (Percussive::default(), Percussive::default());
        let mut at = 0;
        let mut cut = 1;
        while at < trigger.len() {
            let n = cut.min(trigger.len() - at);
            let (mut x, mut y) = ([0.0; 64], [0.0; 64]);
            let m1 = a.process(&trigger[at..at + n], held(30.0, 170.0), &mut x);
            let times = Times::Moving {
                attack: &[30.0; 64],
                decay: &[170.0; 64],
            };
            let m2 = b.process(&trigger[at..at + n], times, &mut y);
            assert_eq!(m1, m2);
            assert_eq!(x[..n], whole[at..at + n]);
            assert_eq!(y[..n], whole[at..at + n]);
            at += n;
            cut = cut * 7 % 64 + 1;
        }
    }
}
