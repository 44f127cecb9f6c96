use core::time::Duration;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::time::Instant;

const MS: Duration = Duration::from_millis(1);

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn drain(timers: &mut Timers<'_>, now: Instant) -> Vec<u64> {
    core::iter::from_fn(|| timers.pop_expired(now).map(|expired| expired.payload)).collect()
}

#[test]
fn fires_in_order_of_deadline_then_of_arming() {
    let mut slots = TimerSlots::<8>::new();
    for (deadline, payload) in [(5, 1), (3, 2), (5, 3), (1, 4), (5, 5), (3, 6)] {
        slots.insert(at(deadline), None, payload).unwrap();
    }
    assert_eq!(slots.next_deadline(), Some(at(1)));
    assert_eq!(drain(&mut slots.view(), at(4)), [4, 2, 6]);
    assert_eq!(slots.next_deadline(), Some(at(5)));
    assert_eq!(drain(&mut slots.view(), at(5)), [1, 3, 5]);
    assert_eq!(slots.next_deadline(), None);
    assert_eq!(slots.high_water(), 6);
}

#[test]
fn nothing_fires_before_its_nanosecond() {
    let mut slots = TimerSlots::<1>::new();
    slots.insert(Instant::from_nanos(10), None, 0).unwrap();
    assert_eq!(slots.pop_expired(Instant::from_nanos(9)), None);
    assert!(slots.pop_expired(Instant::from_nanos(10)).is_some());
}

#[test]
fn a_full_table_hands_the_payload_back() {
    let mut slots = TimerSlots::<2>::new();
    slots.insert(at(1), None, 1).unwrap();
    let second = slots.insert(at(2), None, 2).unwrap();
    assert_eq!(slots.insert(at(3), None, 3), Err(InsertError::Full(3)));
    assert!(slots.cancel(second));
    slots.insert(at(3), None, 3).unwrap();
}

#[test]
fn a_period_of_zero_is_refused() {
    let mut slots = TimerSlots::<2>::new();
    assert_eq!(
        slots.insert(at(1), Some(Duration::ZERO), 1),
        Err(InsertError::ZeroPeriod)
    );
    assert!(slots.is_empty());
}

#[test]
fn a_periodic_timer_keeps_its_phase_and_counts_what_it_missed() {
    let mut slots = TimerSlots::<1>::new();
    slots.insert(at(10), Some(10 * MS), 7).unwrap();
    let late = at(10) + Duration::from_micros(300);
    let first = slots.pop_expired(late).unwrap();
    assert_eq!((first.deadline, first.missed), (at(10), 0));
    assert_eq!(slots.next_deadline(), Some(at(20)));
    let second = slots.pop_expired(at(59)).unwrap();
    assert_eq!((second.deadline, second.missed), (at(20), 3));
    assert_eq!(slots.next_deadline(), Some(at(60)));
    assert_eq!(slots.pop_expired(at(59)), None);
}

#[test]
fn a_periodic_timer_cancels_itself_in_its_own_action() {
    let mut slots = TimerSlots::<1>::new();
    let id = slots.insert(at(1), Some(MS), 0).unwrap();
    let expired = slots.pop_expired(at(1)).unwrap();
    assert_eq!(expired.id, id);
    assert!(slots.cancel(expired.id));
    assert_eq!(slots.next_deadline(), None);
    assert_eq!(slots.pop_expired(at(100)), None);
}

/// The seed lost a one-shot that was attached again in its own action.
#[test]
fn a_one_shot_armed_again_in_its_own_action_survives() {
    let mut slots = TimerSlots::<1>::new();
    let id = slots.insert(at(1), None, 9).unwrap();
    for turn in 1..5 {
        let expired = slots.pop_expired(at(turn)).unwrap();
        assert_eq!((expired.id, expired.payload), (id, 9));
        assert!(slots.rearm(id, at(turn + 1)));
        assert_eq!(slots.pop_expired(at(turn)), None);
    }
    assert_eq!(slots.next_deadline(), Some(at(5)));
}

#[test]
fn a_one_shot_that_has_fired_gives_way_to_a_new_timer_in_its_own_action() {
    let mut slots = TimerSlots::<1>::new();
    let old = slots.insert(at(1), None, 1).unwrap();
    slots.pop_expired(at(1)).unwrap();
    let new = slots.insert(at(2), None, 2).unwrap();
    assert!(!slots.rearm(old, at(3)) && !slots.cancel(old));
    assert_eq!(slots.pop_expired(at(2)).unwrap().id, new);
}

#[test]
fn a_one_shot_is_over_at_the_next_expiry() {
    let mut slots = TimerSlots::<2>::new();
    let id = slots.insert(at(1), None, 1).unwrap();
    slots.pop_expired(at(1)).unwrap();
    assert_eq!(slots.pop_expired(at(1)), None);
    assert!(!slots.rearm(id, at(2)) && !slots.cancel(id));
    assert!(slots.is_empty());
}

#[test]
fn a_timer_that_is_due_can_be_cancelled_by_the_one_before_it() {
    let mut slots = TimerSlots::<2>::new();
    slots.insert(at(1), None, 1).unwrap();
    let second = slots.insert(at(1), None, 2).unwrap();
    slots.pop_expired(at(1)).unwrap();
    assert!(slots.cancel(second));
    assert_eq!(slots.pop_expired(at(1)), None);
}

#[test]
fn an_old_handle_does_not_reach_the_slots_next_timer() {
    let mut slots = TimerSlots::<1>::new();
    let old = slots.insert(at(1), None, 1).unwrap();
    assert!(slots.cancel(old));
    let new = slots.insert(at(2), None, 2).unwrap();
    assert_eq!(old.slot(), new.slot());
    assert!(!slots.cancel(old) && !slots.rearm(old, at(9)));
    assert_eq!(slots.next_deadline(), Some(at(2)));
    assert_eq!(TimerId::from_raw(new.into_raw()), new);
    assert!(!slots.cancel(TimerId::from_raw(0)));
    assert!(!slots.cancel(TimerId::from_raw(u64::MAX)));
}

/// A bucket whose timers do not fit beside those before it stays where it is, with its cancelled ones.
#[test]
fn a_bucket_that_does_not_fit_any_more_is_left_with_its_cancelled_timers() {
    let mut slots = TimerSlots::<128>::new();
    let mut arm = |nanos: u64| {
        let id = slots.insert(Instant::from_nanos(nanos), None, nanos);
        id.unwrap()
    };
    // More than the front holds, so that the others are in the wheel: 5 in one bucket, 30 in the next.
    let early: Vec<u64> = (1..=40).collect();
    let few: Vec<u64> = (0..5).map(|index| (1 << 12) + index).collect();
    let many: Vec<u64> = (0..30).map(|index| (2 << 12) + (index * 11) % 30).collect();
    for &nanos in early.iter().chain(&few) {
        arm(nanos);
    }
    let ids: Vec<TimerId> = many.iter().map(|&nanos| arm(nanos)).collect();
    for id in ids.iter().step_by(3) {
        assert!(slots.cancel(*id));
    }
    let mut timers = slots.view();
    assert_eq!(drain(&mut timers, Instant::from_nanos(40)), early);
    assert_eq!(timers.next_deadline(), Some(Instant::from_nanos(few[0])));

    // The cancelled timers' slots are used again while the bucket still knows them.
    let late: Vec<u64> = (0..10).map(|index| (3 << 12) + index).collect();
    for &nanos in &late {
        timers
            .insert(Instant::from_nanos(nanos), None, nanos)
            .unwrap();
    }
    let mut rest: Vec<u64> = many
        .iter()
        .enumerate()
        .filter(|(index, _)| index % 3 != 0)
        .map(|(_, &nanos)| nanos)
        .collect();
    rest.sort_unstable();
    let expected: Vec<u64> = few.into_iter().chain(rest).chain(late).collect();
    assert_eq!(drain(&mut timers, Instant::from_nanos(4 << 12)), expected);
    assert!(timers.is_empty());
}

/// More timers of one nanosecond than the front holds, and mixed with earlier and later ones.
#[test]
fn many_equal_deadlines_fire_in_order_of_arming() {
    let mut slots = TimerSlots::<256>::new();
    for payload in 0..200 {
        let nanos = [500, 100, 500, 900][payload as usize % 4];
        slots
            .insert(Instant::from_nanos(nanos), None, payload)
            .unwrap();
    }
    let mut expected: Vec<u64> = (0..200).collect();
    expected.sort_by_key(|payload| [500, 100, 500, 900][*payload as usize % 4]);
    assert_eq!(drain(&mut slots.view(), Instant::from_nanos(900)), expected);
}

#[derive(Clone, Debug)]
enum Step {
    Insert { deadline: u64, period: Option<u64> },
    Cancel(usize),
    Rearm(usize, u64),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    // Few different deadlines, so that many are equal, and some far away.
    let deadline = prop_oneof![0..40_u64, 0..1_u64 << 20, any::<u64>()];
    prop_oneof![
        4 => (deadline.clone(), proptest::option::weighted(0.3, 1..30_u64))
            .prop_map(|(deadline, period)| Step::Insert { deadline, period }),
        2 => any::<usize>().prop_map(Step::Cancel),
        2 => (any::<usize>(), deadline).prop_map(|(which, deadline)| Step::Rearm(which, deadline)),
        3 => prop_oneof![0..5_u64, 0..1_u64 << 18].prop_map(Step::Advance),
    ]
}

/// A timer of the naive model: a list that is searched.
#[derive(Clone, Debug)]
struct Model {
    id: TimerId,
    deadline: u64,
    order: u64,
    period: Option<u64>,
    payload: u64,
}

fn compare_with_a_list<const N: usize>(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut slots = TimerSlots::<N>::new();
    let mut timers = slots.view();
    let mut model: Vec<Model> = Vec::new();
    let mut ids: Vec<TimerId> = Vec::new();
    let mut now = 0;
    let mut order = 0;
    for (payload, step) in steps.iter().enumerate() {
        let payload = payload as u64;
        order += 1;
        match *step {
            Step::Insert { deadline, period } => {
                let answer = timers.insert(
                    Instant::from_nanos(deadline),
                    period.map(Duration::from_nanos),
                    payload,
                );
                if model.len() == N {
                    prop_assert_eq!(answer, Err(InsertError::Full(payload)));
                } else {
                    let id = answer.unwrap();
                    prop_assert!(!ids.contains(&id));
                    ids.push(id);
                    model.push(Model {
                        id,
                        deadline,
                        order,
                        period,
                        payload,
                    });
                }
            }
            Step::Cancel(which) if !ids.is_empty() => {
                let id = ids[which % ids.len()];
                let known = model.iter().position(|timer| timer.id == id);
                prop_assert_eq!(timers.cancel(id), known.is_some());
                known.map(|index| model.remove(index));
            }
            Step::Rearm(which, deadline) if !ids.is_empty() => {
                let id = ids[which % ids.len()];
                let known = model.iter_mut().find(|timer| timer.id == id);
                prop_assert_eq!(
                    timers.rearm(id, Instant::from_nanos(deadline)),
                    known.is_some()
                );
                if let Some(timer) = known {
                    timer.deadline = deadline;
                    timer.order = order;
                }
            }
            Step::Cancel(_) | Step::Rearm(..) => {}
            Step::Advance(by) => {
                now += by;
                while let Some(expired) = timers.pop_expired(Instant::from_nanos(now)) {
                    let first = model
                        .iter()
                        .enumerate()
                        .min_by_key(|(_, t)| (t.deadline, t.order));
                    let (index, timer) = first.unwrap();
                    prop_assert_eq!(expired.id, timer.id);
                    prop_assert_eq!(expired.payload, timer.payload);
                    prop_assert_eq!(expired.deadline, Instant::from_nanos(timer.deadline));
                    let late = now - timer.deadline;
                    order += 1;
                    match timer.period {
                        None => {
                            prop_assert_eq!(expired.missed, 0);
                            model.remove(index);
                        }
                        Some(period) => {
                            prop_assert_eq!(expired.missed, late / period);
                            model[index].deadline += (expired.missed + 1) * period;
                            model[index].order = order;
                        }
                    }
                }
                let due = model.iter().any(|timer| timer.deadline <= now);
                prop_assert!(!due);
            }
        }
        let next = model
            .iter()
            .map(|timer| Instant::from_nanos(timer.deadline))
            .min();
        prop_assert_eq!(timers.next_deadline(), next);
        prop_assert_eq!(timers.len(), model.len());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_list_1(steps in proptest::collection::vec(step(), 0..100)) {
        compare_with_a_list::<1>(&steps)?;
    }

    #[test]
    fn agrees_with_a_list_7(steps in proptest::collection::vec(step(), 0..300)) {
        compare_with_a_list::<7>(&steps)?;
    }

    #[test]
    fn agrees_with_a_list_64(steps in proptest::collection::vec(step(), 0..600)) {
        compare_with_a_list::<64>(&steps)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_a_list_300(steps in proptest::collection::vec(step(), 0..1500)) {
        compare_with_a_list::<300>(&steps)?;
    }
}
