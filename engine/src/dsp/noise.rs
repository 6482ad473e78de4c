//! White noise as a function of seed and frame: no state, so any frame can be computed at any time.
//!
//! A counter goes through the 64-bit finaliser of MurmurHash3 (Appleby, 2011, public domain), whose
//! every output bit depends on every input bit; seeds are spread over the counter space by the same
//! function, so two seeds give unrelated streams.

/// Odd constant nearest to 2^64 divided by the golden ratio (Knuth, TAOCP vol. 3, §6.4).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes 64 bits: a bijection that leaves no visible relation between near inputs.
#[inline(always)]
#[must_use]
pub fn mix(mut x: u64) -> u64 {
    x ^= x >> 33;
    x = x.wrapping_mul(0xff51_afd7_ed55_8ccd);
    x ^= x >> 33;
    x = x.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    x ^ (x >> 33)
}

/// Hash of a key and an index, for random events.
#[inline(always)]
#[must_use]
pub fn hash(key: u64, index: u64) -> u64 {
    mix(key ^ mix(index.wrapping_add(GOLDEN)))
}

/// Start of a seed's stream. Fractions of the seed are cut off.
#[inline(always)]
#[must_use]
pub fn stream(seed: f32) -> u64 {
    mix((seed as i64 as u64).wrapping_add(GOLDEN))
}

/// The sample of a stream at a frame: uniform, −1 ≤ sample < 1.
#[inline(always)]
#[must_use]
pub fn sample(stream: u64, frame: u64) -> f32 {
    let bits = mix(stream.wrapping_add(frame.wrapping_mul(GOLDEN)));
    // The top 24 bits as a signed fraction: every value is exact in single precision.
    ((bits as i64) >> 40) as f32 * (1.0 / 8_388_608.0)
}

/// Writes the samples of a stream from `frame` on.
pub fn fill(stream: u64, frame: u64, out: &mut [f32]) {
    for (i, y) in out.iter_mut().enumerate() {
        *y = sample(stream, frame.wrapping_add(i as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 200_000;

    fn take(seed: f32) -> Vec<f32> {
        let mut out = vec![0.0; N];
        fill(stream(seed), 0, &mut out);
        out
    }

    #[test]
    fn uniform_with_the_moments_of_a_uniform_distribution() {
        let x = take(42.0);
        let mean = x.iter().map(|v| f64::from(*v)).sum::<f64>() / N as f64;
        let power = x.iter().map(|v| f64::from(v * v)).sum::<f64>() / N as f64;
        assert!(mean.abs() < 0.005, "{mean}");
        assert!((power - 1.0 / 3.0).abs() < 0.005, "{power}");
        assert!(x.iter().all(|v| (-1.0..1.0).contains(v)));
        let mut bins = [0usize; 20];
        for v in &x {
            bins[((v + 1.0) * 10.0) as usize] += 1;
        }
        // 10,000 are expected in each; five standard deviations are 490.
        assert!(bins.iter().all(|n| n.abs_diff(N / 20) < 490), "{bins:?}");
    }

    #[test]
    fn seeds_and_lags_are_unrelated() {
        let a = take(1.0);
        for (other, lags) in [(take(2.0), 0..8), (a.clone(), 1..9)] {
            for lag in lags {
                let n = N - lag;
                let r = (0..n)
                    .map(|i| f64::from(a[i] * other[i + lag]))
                    .sum::<f64>()
                    / n as f64;
                assert!((r * 3.0).abs() < 0.012, "lag {lag}: {r}");
            }
        }
    }

    #[test]
    fn starts_anywhere() {
        let whole = take(7.0);
        let mut part = vec![0.0; 100];
        fill(stream(7.9), 1234, &mut part);
        assert_eq!(part, whole[1234..1334]);
    }
}
