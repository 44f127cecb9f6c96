use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::Wake;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

#[derive(Default)]
struct Told(AtomicUsize);

impl Wake for Told {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u64),
    Cancel(usize),
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    // Few different deadlines, so that many are equal, and some far away.
    let deadline = prop_oneof![0..40_u64, 0..1_u64 << 20, any::<u64>()];
    prop_oneof![
        4 => deadline.prop_map(Step::Insert),
        2 => any::<usize>().prop_map(Step::Cancel),
        1 => prop_oneof![0..5_u64, 0..1_u64 << 18].prop_map(Step::Advance),
    ]
}

/// A sleep of the naive model: a list that is searched.
struct Model {
    id: TimerId,
    deadline: u64,
    told: Arc<Told>,
}

fn compare_with_a_list<const N: usize>(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut slots = SleepSlots::<N>::new();
    let mut sleeps = slots.view();
    let mut model: Vec<Model> = Vec::new();
    let mut ids: Vec<TimerId> = Vec::new();
    let mut now = 0;
    for step in steps {
        match *step {
            Step::Insert(deadline) => {
                let told = Arc::new(Told::default());
                let mut waker = Some(Waker::from(told.clone()));
                let id = sleeps.insert(Instant::from_nanos(deadline), &mut waker);
                prop_assert_eq!(id.is_none(), model.len() == N);
                prop_assert_eq!(waker.is_some(), id.is_none());
                if let Some(id) = id {
                    prop_assert!(!ids.contains(&id));
                    ids.push(id);
                    model.push(Model { id, deadline, told });
                }
            }
            Step::Cancel(which) => {
                let Some(&id) = ids.get(which % ids.len().max(1)) else {
                    continue;
                };
                let known = model.iter().position(|sleep| sleep.id == id);
                prop_assert_eq!(sleeps.is_armed(id), known.is_some());
                prop_assert_eq!(sleeps.waker(id).is_some(), known.is_some());
                let waker = sleeps.cancel(id);
                prop_assert_eq!(waker.is_some(), known.is_some());
                if let Some((waker, known)) = waker.zip(known) {
                    waker.wake();
                    let told = model.remove(known).told;
                    prop_assert_eq!(Arc::strong_count(&told), 1);
                    prop_assert_eq!(told.0.load(Ordering::Relaxed), 1);
                }
            }
            Step::Advance(by) => {
                now += by;
                while let Some(waker) = sleeps.pop_due(Instant::from_nanos(now)) {
                    // Of equal ones the first: the model is in order of arming.
                    let first = (0..model.len()).min_by_key(|&at| model[at].deadline);
                    let sleep = model.remove(first.unwrap());
                    prop_assert!(sleep.deadline <= now);
                    prop_assert!(!sleeps.is_armed(sleep.id));
                    waker.wake();
                    prop_assert_eq!(sleep.told.0.load(Ordering::Relaxed), 1);
                }
                prop_assert!(model.iter().all(|sleep| sleep.deadline > now));
            }
        }
        let next = model
            .iter()
            .map(|sleep| Instant::from_nanos(sleep.deadline))
            .min();
        prop_assert_eq!(sleeps.next_deadline(), next);
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
