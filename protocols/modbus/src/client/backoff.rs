//! The state behind [`Backoff`].

use super::Backoff;

/// Counts attempts and makes waits of them. The random numbers follow from the seed alone.
#[derive(Debug)]
pub(super) struct Attempts {
    failures: u32,
    random: u64,
}

impl Attempts {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            failures: 0,
            random: seed,
        }
    }

    pub(super) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after one more failure.
    pub(super) fn next(&mut self, config: &Backoff) -> u64 {
        let doubled = 1_u64.checked_shl(self.failures).unwrap_or(u64::MAX);
        let longest = config.first.saturating_mul(doubled).min(config.most);
        self.failures = self.failures.saturating_add(1).min(63);
        let jitter = longest / 100 * u64::from(config.jitter_percent.min(100));
        longest
            - if jitter == 0 {
                0
            } else {
                self.draw() % (jitter + 1)
            }
    }

    /// Steele, Lea and Flood's SplitMix64: one addition and a mixing function.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_most_and_starts_over() {
        let config = Backoff {
            first: 100,
            most: 1000,
            jitter_percent: 0,
        };
        let mut attempts = Attempts::new(1);
        let waits: [u64; 6] = core::array::from_fn(|_| attempts.next(&config));
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
        for _ in 0..100 {
            assert_eq!(attempts.next(&config), 1000);
        }
        attempts.reset();
        assert_eq!(attempts.next(&config), 100);
    }

    #[test]
    fn jitter_shortens_within_its_bound_and_differs() {
        let config = Backoff {
            first: 1_000_000,
            most: 1_000_000,
            jitter_percent: 50,
        };
        let mut attempts = Attempts::new(7);
        let waits: [u64; 64] = core::array::from_fn(|_| attempts.next(&config));
        assert!(
            waits
                .iter()
                .all(|wait| (500_000..=1_000_000).contains(wait))
        );
        assert!(waits.iter().any(|wait| *wait < 700_000));
        assert!(waits.iter().any(|wait| *wait > 800_000));
        let mut same = Attempts::new(7);
        assert!(waits.iter().all(|wait| *wait == same.next(&config)));
    }
}
