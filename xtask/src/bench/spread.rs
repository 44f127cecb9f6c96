//! Medians and how far the values lie apart.

use std::fmt;

/// The median of several values, their smallest and largest.
#[derive(Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Spread {
    /// Of at least one value.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (values.first(), values.last()) else {
            return Self {
                median: f64::NAN,
                min: f64::NAN,
                max: f64::NAN,
            };
        };
        let upper = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[upper]
        } else {
            f64::midpoint(values[upper - 1], values[upper])
        };
        Self { median, min, max }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = f.precision().unwrap_or(2);
        write!(
            f,
            "{:.places$} ({:.places$}..{:.places$})",
            self.median, self.min, self.max
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn odd_and_even_counts() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]).to_string(), "2.00 (1.00..3.00)");
        assert_eq!(format!("{:.1}", Spread::of([4.0, 1.0])), "2.5 (1.0..4.0)");
    }
}
