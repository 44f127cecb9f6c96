use super::*;
use proptest::prelude::*;
use std::format;

#[test]
fn operators_saturate_instead_of_panicking() {
    assert_eq!(
        Instant::FAR_FUTURE + Duration::from_nanos(1),
        Instant::FAR_FUTURE
    );
    assert_eq!(Instant::ZERO - Duration::from_nanos(1), Instant::ZERO);
    assert_eq!(Instant::ZERO - Instant::FAR_FUTURE, Duration::ZERO);
    let mut point = Instant::from_secs(1);
    point += Duration::from_secs(2);
    point -= Duration::from_secs(1);
    assert_eq!(point, Instant::from_secs(2));
}

#[test]
fn conversions_saturate() {
    assert_eq!(Instant::from_secs(u64::MAX), Instant::FAR_FUTURE);
    assert_eq!(Instant::from_millis(u64::MAX), Instant::FAR_FUTURE);
    assert_eq!(Instant::from_micros(u64::MAX), Instant::FAR_FUTURE);
    assert_eq!(Instant::from_timespec(i64::MAX, 0), Instant::FAR_FUTURE);
    assert_eq!(
        Instant::from_timespec(1, i64::MAX),
        Instant::from_nanos(1_999_999_999)
    );
    assert_eq!(
        Instant::from_timespec(1, i64::MIN),
        Instant::from_nanos(1_000_000_000)
    );
}

#[test]
fn milliseconds_are_rounded_up_and_bounded() {
    assert_eq!(millis_rounded_up(Duration::from_nanos(1)), 1);
    assert_eq!(millis_rounded_up(Duration::from_nanos(1_000_001)), 2);
    assert_eq!(millis_rounded_up(Duration::MAX), u32::MAX);
}

#[test]
fn shown_in_seconds() {
    assert_eq!(
        format!("{}", Instant::from_nanos(1_000_000_001)),
        "1.000000001s"
    );
    assert_eq!(format!("{:?}", Instant::ZERO), "0.000000000s");
}

proptest! {
    #[test]
    fn timespec_round_trip(nanos: u64) {
        let point = Instant::from_nanos(nanos);
        let (secs, rest) = point.to_timespec();
        prop_assert_eq!(Instant::from_timespec(secs as i64, i64::from(rest)), point);
    }

    #[test]
    fn add_then_subtract_round_trip(start in 0..u64::MAX / 2, step in 0..u64::MAX / 2) {
        let point = Instant::from_nanos(start);
        let step = Duration::from_nanos(step);
        prop_assert_eq!((point + step) - step, point);
        prop_assert_eq!((point + step) - point, step);
        prop_assert_eq!(point.checked_add(step), Some(point + step));
        prop_assert_eq!((point + step).checked_sub(step), Some(point));
    }

    #[test]
    fn rounding_stays_within_one_step(nanos: u64, step in 1..u64::MAX) {
        let point = Instant::from_nanos(nanos);
        let down = point.round_down(Duration::from_nanos(step));
        let up = point.round_up(Duration::from_nanos(step));
        prop_assert!(down <= point && point <= up);
        prop_assert_eq!(down.as_nanos() % step, 0);
        prop_assert!(up == Instant::FAR_FUTURE || up.as_nanos().is_multiple_of(step));
        prop_assert!((point - down).as_nanos() < u128::from(step));
        prop_assert!((up - point).as_nanos() < u128::from(step));
    }
}
