use std::format;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

#[test]
fn buckets_follow_each_other_without_a_gap() {
    assert_eq!(bucket(0), 0);
    let mut next = 0;
    for index in 0..1920 {
        assert_eq!(bucket(next), index);
        assert_eq!(bucket(upper(index)), index);
        next = upper(index).wrapping_add(1);
    }
    assert_eq!(next, 0); // the last bucket ends where u64 does
}

#[test]
fn the_documented_ranges() {
    assert_eq!(bucket((1 << 36) - 1), DEFAULT_BUCKETS - 1);
    assert_eq!(bucket((1 << 20) - 1), 511);
    assert_eq!(size_of::<Histogram>(), 4 * 1024 + 32);
}

#[test]
fn an_empty_histogram_knows_nothing() {
    let empty = Histogram::<64>::new();
    assert_eq!((empty.min(), empty.max(), empty.mean()), (None, None, None));
    assert_eq!(empty.percentile(50.0), None);
    assert_eq!(empty.snapshot(), Summary::default());
}

#[test]
fn small_values_are_exact() {
    let mut histogram = Histogram::<64>::new();
    for value in 1..=4 {
        histogram.record_nanos(value);
    }
    let at = |percent| histogram.percentile_nanos(percent).unwrap();
    assert_eq!(
        [at(0.0), at(25.0), at(26.0), at(75.0), at(100.0)],
        [1, 1, 2, 3, 4]
    );
    assert_eq!(histogram.mean(), Some(Duration::from_nanos(2)));
}

#[test]
fn values_beyond_the_range_count_in_the_last_bucket() {
    let mut histogram = Histogram::<64>::new();
    histogram.record_nanos(5);
    histogram.record(Duration::MAX);
    assert_eq!(histogram.percentile_nanos(50.0), Some(5));
    assert_eq!(histogram.percentile_nanos(100.0), Some(u64::MAX));
    assert_eq!(histogram.count(), 2);
    histogram.clear();
    assert!(histogram.is_empty());
}

#[test]
fn one_line_to_print() {
    let mut histogram = Histogram::<1024>::new();
    histogram.record(Duration::from_nanos(1_550));
    assert_eq!(
        format!("{}", histogram.snapshot()),
        "n=1 min=1.5us mean=1.5us p50=1.5us p90=1.5us p99=1.5us p999=1.5us max=1.5us"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_percentile_is_at_most_one_bucket_too_high(
        mut values in proptest::collection::vec(prop_oneof![0..1000_u64, 0..1_u64 << 36], 1..200),
        percent in 0.0..100.0_f64,
    ) {
        let mut histogram = Histogram::<1024>::new();
        values.iter().for_each(|&value| histogram.record_nanos(value));
        values.sort_unstable();
        let rank = ((percent / 100.0 * values.len() as f64).ceil() as usize).clamp(1, values.len());
        let exact = values[rank - 1];
        let answer = histogram.percentile_nanos(percent).unwrap();
        prop_assert!(answer >= exact && answer <= exact + exact / 32);
        prop_assert_eq!(histogram.min(), values.first().map(|&v| Duration::from_nanos(v)));
        prop_assert_eq!(histogram.max(), values.last().map(|&v| Duration::from_nanos(v)));
    }

    #[test]
    fn merging_is_counting_together(
        left in proptest::collection::vec(any::<u64>(), 0..50),
        right in proptest::collection::vec(any::<u64>(), 0..50),
    ) {
        let of = |values: &Vec<u64>| {
            let mut histogram = Histogram::<1920>::new();
            values.iter().for_each(|&value| histogram.record_nanos(value));
            histogram
        };
        let mut merged = of(&left);
        merged.merge(&of(&right));
        let together = of(&left.iter().chain(&right).copied().collect());
        prop_assert_eq!(merged.snapshot(), together.snapshot());
        prop_assert_eq!(merged.buckets, together.buckets);
    }
}
