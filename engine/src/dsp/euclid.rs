//! Euclidean rhythms: a number of hits spread over a number of steps as evenly as whole steps allow.

/// Most steps of a rhythm.
pub const MAX_STEPS: u32 = 64;

/// Part of a rhythm: bits, the first step lowest, and how many.
#[derive(Clone, Copy)]
struct Part {
    bits: u64,
    steps: u32,
}

impl Part {
    fn then(self, other: Self) -> Self {
        Self {
            bits: self.bits | other.bits.checked_shl(self.steps).unwrap_or(0),
            steps: self.steps + other.steps,
        }
    }
}

/// The steps of a rhythm on which there is a hit, the first step in the lowest bit.
///
/// Bjorklund's algorithm ("The Theory of Rep-Rate Pattern Generation in the SNS Timing System", 2003;
/// Toussaint, "The Euclidean Algorithm Generates Traditional Musical Rhythms", 2005): the rests are
/// put behind the hits, and the remainders behind the parts as long as there is more than one. The first step is a hit.
/// Numbers beyond [`MAX_STEPS`], or more hits than steps, count as the nearest that fit.
#[must_use]
pub fn euclid(hits: u32, steps: u32) -> u64 {
    let steps = steps.clamp(1, MAX_STEPS);
    let hits = hits.min(steps);
    let (mut part, mut rest) = (Part { bits: 1, steps: 1 }, Part { bits: 0, steps: 1 });
    let (mut parts, mut rests) = (hits, steps - hits);
    if parts == 0 {
        return 0;
    }
    let mut first = rests > 0;
    while rests > 1 || first {
        first = false;
        let longer = part.then(rest);
        if parts > rests {
            rest = part;
            (parts, rests) = (rests, parts - rests);
        } else {
            rests -= parts;
        }
        part = longer;
    }
    let mut rhythm = Part { bits: 0, steps: 0 };
    for _ in 0..parts {
        rhythm = rhythm.then(part);
    }
    for _ in 0..rests {
        rhythm = rhythm.then(rest);
    }
    rhythm.bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(hits: u32, steps: u32) -> String {
        let bits = euclid(hits, steps);
        let sign = |i| if bits >> i & 1 == 1 { 'x' } else { '.' };
        (0..steps).map(sign).collect()
    }

    #[test]
    fn rhythms_of_the_paper() {
        // Toussaint's table.
        let table = [
            (1, 2, "x."),
            (1, 3, "x.."),
            (2, 3, "x.x"),
            (3, 4, "x.xx"),
            (2, 5, "x.x.."),
            (3, 5, "x.x.x"),
            (4, 5, "x.xxx"),
            (3, 7, "x.x.x.."),
            (4, 7, "x.x.x.x"),
            (3, 8, "x..x..x."),
            (5, 8, "x.xx.xx."),
            (7, 8, "x.xxxxxx"),
            (4, 9, "x.x.x.x.."),
            (5, 9, "x.x.x.x.x"),
            (4, 11, "x..x..x..x."),
            (5, 12, "x..x.x..x.x."),
            (7, 12, "x.xx.x.xx.x."),
            (5, 16, "x..x..x..x..x..."),
            (7, 16, "x..x.x.x..x.x.x."),
        ];
        for (hits, steps, want) in table {
            assert_eq!(drawn(hits, steps), want, "{hits} in {steps}");
        }
    }

    #[test]
    fn every_rhythm_has_its_hits_spread_evenly() {
        for steps in 1..=MAX_STEPS {
            for hits in 0..=steps {
                let bits = euclid(hits, steps);
                assert_eq!(bits.count_ones(), hits, "{hits} in {steps}");
                assert!(steps == 64 || bits >> steps == 0);
                assert!(hits == 0 || bits & 1 == 1);
                // The gaps of such a rhythm differ by at most one.
                let at: Vec<u32> = (0..steps).filter(|i| bits >> i & 1 == 1).collect();
                let gap = |i: usize| match at.get(i + 1) {
                    Some(next) => next - at[i],
                    None => at[0] + steps - at[i],
                };
                let gaps: Vec<u32> = (0..at.len()).map(gap).collect();
                let (least, most) = (gaps.iter().min(), gaps.iter().max());
                assert!(
                    least.zip(most).is_none_or(|(a, b)| b - a <= 1),
                    "{hits} in {steps}"
                );
            }
        }
        assert_eq!(
            (euclid(9, 4), euclid(3, 0), euclid(80, 80)),
            (15, 1, u64::MAX)
        );
    }
}
