//! The demo of `cargo xtask run`: a track to play with, the programs, and the words around them.

use std::f64::consts::TAU;

use crate::scenario::Random;

/// Frames per second of everything in the demo.
pub const RATE: f64 = 48_000.0;

/// Tempo of the demo.
pub const BPM: f64 = 120.0;

/// Frames in a bar of four beats.
pub const BAR_FRAMES: u64 = (4.0 * 60.0 / BPM * RATE) as u64;

/// An effect over the track, and two edits of it.
pub const EFFECT: [&str; 3] = [
    "out: ~input >> hpf 120 0.7 >> delayms 375 >> mul 0.4\ndry: ~input >> mul 0.7\n",
    "out: ~input >> hpf 120 0.7 >> delayms 375 >> mul 0.4 >> plate 0.3\ndry: ~input >> mul 0.7\n",
    "~sweep: sin 0.25 >> mul 900 >> add 1300\n\
     out: ~input >> lpf ~sweep 2.0 >> plate 0.2\n\
     echo: ~input >> hpf 900 0.7 >> delayms 375 >> mul 0.3\n",
];

/// A pattern, and two edits of it.
pub const PATTERN: [&str; 3] = [
    "kick: speed 2 >> seq 60 60 >> bd 0.25 >> mul 0.4\n\
     hats: speed 4 >> seq 60 60_60 >> hh 0.04 >> mul 0.15\n",
    "kick: speed 2 >> seq 60 60 >> bd 0.25 >> mul 0.4\n\
     hats: speed 4 >> seq 60 60_60 >> hh 0.04 >> mul 0.15\n\
     snare: seq _ 60 _ 60 >> sn 0.15 >> mul 0.15\n\
     ~env: speed 4 >> seq 60 _60 >> envperc 0.005 0.18\n\
     bass: saw 55 >> lpf 500 1.2 >> mul ~env >> mul 0.2\n",
    "kick: speed 2 >> seq 60 60 >> bd 0.25 >> mul 0.4\n\
     hats: speed 4 >> seq 60 60_60 >> hh 0.04 >> mul 0.15\n\
     snare: seq _ 60 _ 60 >> sn 0.15 >> mul 0.15\n\
     ~env: speed 4 >> seq 60 _60 >> envperc 0.005 0.18\n\
     ~cut: sin 0.5 >> mul 700 >> add 1000\n\
     bass: saw 55 >> lpf ~cut 1.2 >> mul ~env >> mul 0.2\n\
     pad: tri 220 >> mul 0.06 >> plate 0.4\n",
];

/// A loop of drums and chords of `bars` bars at [`BPM`]: the same on every machine but for the last
/// bits of its sines.
#[must_use]
pub fn track(bars: u64) -> Vec<[f32; 2]> {
    let beat = 60.0 / BPM;
    let frames = (bars * BAR_FRAMES) as usize;
    let mut out = vec![[0.0f32; 2]; frames];
    let mut random = Random::new(1);
    for (i, sample) in out.iter_mut().enumerate() {
        let time = i as f64 / RATE;
        let beats = time / beat;
        let (since_beat, in_bar) = ((beats % 1.0) * beat, (beats as u64) % 4);
        let since_half = (beats % 0.5) * beat;
        let bar = (beats / 4.0) as usize;
        let noise = random.unit() * 2.0 - 1.0;

        let kick_phase = 50.0 * since_beat + 30.0 * (1.0 - (-40.0 * since_beat).exp()) / 10.0;
        let kick = if in_bar % 2 == 0 {
            (TAU * kick_phase).sin() * (-9.0 * since_beat).exp() * 0.7
        } else {
            0.0
        };
        let snare = if in_bar % 2 == 1 {
            noise * (-22.0 * since_beat).exp() * 0.35
        } else {
            0.0
        };
        let hat = noise * (-90.0 * since_half).exp() * 0.12;

        // A minor, F, C, G.
        let roots = [
            [220.0, 261.63, 329.63],
            [174.61, 220.0, 261.63],
            [196.0, 261.63, 329.63],
        ];
        let chord = roots
            .get(bar % 4)
            .copied()
            .unwrap_or([196.0, 246.94, 293.66]);
        let swell = 0.5 - 0.5 * (TAU * beats / 4.0).cos();
        let (mut left, mut right) = (0.0, 0.0);
        for (voice, hertz) in chord.into_iter().enumerate() {
            let tone: f64 = (1..=5)
                .map(|k| (TAU * hertz * f64::from(k) * time).sin() / f64::from(k * k))
                .sum();
            let side = voice as f64 / 2.0;
            left += tone * (1.0 - 0.6 * side);
            right += tone * (0.4 + 0.6 * side);
        }
        let drums = kick + snare + hat;
        *sample = [left, right].map(|pad| (drums + pad * 0.09 * swell) as f32);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{peak, rms};

    #[test]
    fn the_track_is_sane() {
        let audio = track(2);
        assert_eq!(audio.len() as u64, 2 * BAR_FRAMES);
        assert!(peak(&audio) < 1.0 && rms(&audio) > 0.02);
    }
}
