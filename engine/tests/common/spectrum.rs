//! A transform, and levels in bands.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

/// Radix-2 transform in place (Cooley and Tukey 1965).
pub fn transform(re: &mut [f64], im: &mut [f64]) {
    let n = re.len();
    let bits = n.trailing_zeros();
    for i in 0..n {
        let j = i.reverse_bits() >> (usize::BITS - bits);
        if i < j {
            re.swap(i, j);
            im.swap(i, j);
        }
    }
    let mut size = 2;
    while size <= n {
        let step = -std::f64::consts::TAU / size as f64;
        for start in (0..n).step_by(size) {
            for k in 0..size / 2 {
                let (c, s) = ((step * k as f64).cos(), (step * k as f64).sin());
                let (a, b) = (start + k, start + k + size / 2);
                let (x, y) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c);
                (re[b], im[b]) = (re[a] - x, im[a] - y);
                (re[a], im[a]) = (re[a] + x, im[a] + y);
            }
        }
        size *= 2;
    }
}

/// Mean power of both channels together between each two edges, in Hz.
pub fn band_powers(left: &[f32], right: &[f32], rate: f64, edges_hz: &[f64]) -> Vec<f64> {
    let n = left.len().next_power_of_two();
    // One transform for both: left as the real and right as the imaginary part.
    let part = |x: &[f32]| {
        let mut part: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
        part.resize(n, 0.0);
        part
    };
    let (mut re, mut im) = (part(left), part(right));
    transform(&mut re, &mut im);
    let mut powers = vec![0.0; edges_hz.len() - 1];
    for k in 1..n / 2 {
        let hz = k as f64 * rate / n as f64;
        let band = edges_hz.windows(2).position(|e| (e[0]..e[1]).contains(&hz));
        if let Some(band) = band {
            let power = |k: usize| re[k] * re[k] + im[k] * im[k];
            powers[band] += (power(k) + power(n - k)) / n as f64 / left.len() as f64;
        }
    }
    powers
}
