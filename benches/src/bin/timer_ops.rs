//! Timers beside a plain binary heap: `timer_ops [ROUNDS]`.
//!
//! For 32, 1,024 and 100,000 timers with random deadlines within ten seconds: fill, cancel all in random order, fill again, let all
//! fire. The two take turns within a round, and what is printed is the median of each and the median ratio (ours to the
//! heap's; below 1 we are faster) with its smallest and largest. A turn is as many repetitions as make 20,000 operations of each
//! kind. Pin it, and let nothing else run: `taskset -c 1 timer_ops`.
//!
//! The heap cancels lazily, as such heaps do: it marks the timer and throws it away when it comes to the top. What
//! that costs falls due when the next deadline is asked for, so `cancel` ends with that question, for both.

use std::hint::black_box;
use std::time::Instant as WallClock;

use benches::plain_heap::PlainHeap;
use benches::random::Random;
use benches::timers::Timers;
use ptk_core::timer::TimerSlots;

const SPREAD: u64 = 10_000_000_000;

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .map_or(0, |rounds| rounds.parse().expect("ROUNDS is a number"));
    compare(32, rounds, &mut TimerSlots::<32>::new());
    compare(1024, rounds, &mut TimerSlots::<1024>::new());
    let large = std::thread::Builder::new().stack_size(64 << 20);
    let large = large.spawn(move || compare(100_000, rounds, &mut TimerSlots::<100_000>::new()));
    large.expect("a thread").join().expect("it ends");
}

/// Nanoseconds for an insertion, a cancellation, an expiry.
type Round = [f64; 3];

fn compare<T: Timers>(count: usize, rounds: usize, ours: &mut T) {
    let rounds = if rounds > 0 {
        rounds
    } else {
        (2_000_000 / count).clamp(15, 101)
    };
    let mut heap = PlainHeap::default();
    let mut random = Random(1);
    let results: Vec<(Round, Round)> = (0..rounds)
        .map(|round| {
            let start = round as u64 * SPREAD;
            let deadlines: Vec<u64> = (0..count).map(|_| start + random.below(SPREAD)).collect();
            let order = random.permutation(count);
            (
                measure(ours, &deadlines, &order),
                measure(&mut heap, &deadlines, &order),
            )
        })
        .collect();
    for (column, name) in ["insert", "cancel", "fire"].into_iter().enumerate() {
        let of =
            |pick: fn(&(Round, Round)) -> Round| sorted(results.iter().map(|r| pick(r)[column]));
        let (ours, heaps) = (of(|result| result.0), of(|result| result.1));
        let ratios = sorted(results.iter().map(|(our, heap)| our[column] / heap[column]));
        println!(
            "timers={count} op={name} ours_ns={:.1} heap_ns={:.1} ratio={:.2} ratio_min={:.2} ratio_max={:.2} rounds={rounds}",
            ours[rounds / 2],
            heaps[rounds / 2],
            ratios[rounds / 2],
            ratios[0],
            ratios[rounds - 1],
        );
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// One turn: the median of its repetitions.
fn measure<T: Timers>(timers: &mut T, deadlines: &[u64], order: &[usize]) -> Round {
    let repetitions = 20_000_usize.div_ceil(deadlines.len());
    let all: Vec<Round> = (0..repetitions)
        .map(|_| repetition(timers, deadlines, order))
        .collect();
    [0, 1, 2].map(|column| sorted(all.iter().map(|round| round[column]))[repetitions / 2])
}

fn repetition<T: Timers>(timers: &mut T, deadlines: &[u64], order: &[usize]) -> Round {
    let mut ids = Vec::with_capacity(deadlines.len());
    let insert = per_operation(deadlines.len(), || fill(timers, deadlines, &mut ids));
    let ids: Vec<T::Id> = order.iter().map(|&index| ids[index]).collect();
    let cancel = per_operation(deadlines.len(), || {
        for &id in &ids {
            assert!(timers.cancel(id));
        }
        assert_eq!(timers.next_deadline(), None);
    });
    fill(timers, deadlines, &mut Vec::with_capacity(deadlines.len()));
    let mut fired = 0;
    let fire = per_operation(deadlines.len(), || {
        while let Some(deadline) = timers.next_deadline() {
            while let Some(payload) = timers.pop_expired(deadline) {
                black_box(payload);
                fired += 1;
            }
        }
    });
    assert_eq!(fired, deadlines.len());
    [insert, cancel, fire]
}

fn fill<T: Timers>(timers: &mut T, deadlines: &[u64], ids: &mut Vec<T::Id>) {
    for (payload, &deadline) in deadlines.iter().enumerate() {
        ids.push(timers.insert(deadline, payload as u64));
    }
}

fn per_operation(count: usize, work: impl FnOnce()) -> f64 {
    let begin = WallClock::now();
    work();
    begin.elapsed().as_nanos() as f64 / count as f64
}
