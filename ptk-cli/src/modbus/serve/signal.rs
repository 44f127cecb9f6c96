//! Simulated values: functions of time.

use std::f64::consts::TAU;

/// What a value does over time. The same time gives the same value, so that two readers see the same plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Signal {
    /// Rises from `min` to `max` in a period, and starts over.
    Ramp { min: f64, max: f64 },
    /// Swings by `amplitude` around `offset`, one swing a period, `phase` of a period ahead.
    Sine {
        amplitude: f64,
        offset: f64,
        phase: f64,
    },
    /// Another value between `min` and `max` each period.
    Noise { min: f64, max: f64 },
    /// Grows by `step` each period, from `min`, and starts over behind `max`.
    Counter { min: f64, max: f64, step: f64 },
}

impl Signal {
    /// The value after so many nanoseconds. `period` is in nanoseconds and above 0; `salt` tells values with the same signal apart.
    pub fn at(self, elapsed: u64, period: u64, salt: u64) -> f64 {
        let periods = elapsed / period;
        let share = (elapsed % period) as f64 / period as f64;
        match self {
            Self::Ramp { min, max } => min + (max - min) * share,
            Self::Sine {
                amplitude,
                offset,
                phase,
            } => offset + amplitude * (TAU * (share + phase)).sin(),
            Self::Noise { min, max } => min + (max - min) * random(periods, salt),
            Self::Counter { min, max, step } => {
                let steps = ((max - min) / step).floor() + 1.0;
                min + step * (periods as f64 % steps)
            }
        }
    }
}

/// A number from 0 to 1 that follows from its arguments (SplitMix64).
fn random(index: u64, salt: u64) -> f64 {
    let mut mixed = index
        .wrapping_add(salt.wrapping_mul(0xD134_2543_DE82_EF95))
        .wrapping_add(1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 31;
    (mixed >> 11) as f64 / ((1_u64 << 53) - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_ramp_rises_and_starts_over() {
        let ramp = Signal::Ramp {
            min: 10.0,
            max: 20.0,
        };
        let values = [0, 1, 2, 3, 4, 5].map(|quarter| ramp.at(quarter * SECOND / 4, SECOND, 0));
        assert_eq!(values, [10.0, 12.5, 15.0, 17.5, 10.0, 12.5]);
    }

    #[test]
    fn a_sine_swings_around_its_offset() {
        let sine = Signal::Sine {
            amplitude: 2.0,
            offset: 5.0,
            phase: 0.25,
        };
        let values = [0, 1, 2, 3].map(|quarter| sine.at(quarter * SECOND, 4 * SECOND, 0));
        for (value, wanted) in values.into_iter().zip([7.0, 5.0, 3.0, 5.0]) {
            assert!((value - wanted).abs() < 1e-9, "{values:?}");
        }
    }

    #[test]
    fn noise_stays_within_its_bounds_and_differs() {
        let noise = Signal::Noise {
            min: -1.0,
            max: 1.0,
        };
        let values: Vec<f64> = (0..1000).map(|n| noise.at(n * SECOND, SECOND, 7)).collect();
        assert!(values.iter().all(|value| (-1.0..=1.0).contains(value)));
        assert!(values.iter().any(|value| *value < -0.9));
        assert!(values.iter().any(|value| *value > 0.9));
        // Within a period it stays, and another value has its own.
        assert_eq!(noise.at(5, SECOND, 7), noise.at(SECOND - 1, SECOND, 7));
        assert_ne!(noise.at(5, SECOND, 7), noise.at(5, SECOND, 8));
    }

    #[test]
    fn a_counter_counts_periods_and_wraps() {
        let counter = Signal::Counter {
            min: 0.0,
            max: 2.0,
            step: 1.0,
        };
        let values = [0, 1, 2, 3, 7].map(|n| counter.at(n * SECOND, SECOND, 0));
        assert_eq!(values, [0.0, 1.0, 2.0, 0.0, 1.0]);
    }
}
