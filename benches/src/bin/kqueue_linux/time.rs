//! Ratios of time: batches of both sides in turn, so that a change of the machine's speed meets both.

use crate::operations::{OPERATIONS, Step, others, step};

const ROUNDS: usize = 41;
/// Operations of one batch: about a millisecond.
const BATCH: usize = 2000;

/// The processor's time that this thread has had, user and kernel, in nanoseconds. No operation here sleeps, so it is the time that they take, without the time that other
/// programs had in between.
fn processor_time() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the struct lives across the call; the clock exists for every thread.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

fn nanoseconds(step: &mut Step) -> f64 {
    let start = processor_time();
    (0..BATCH).for_each(|_| step());
    (processor_time() - start) / BATCH as f64
}

struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

fn spread(mut values: Vec<f64>) -> Spread {
    values.sort_by(f64::total_cmp);
    Spread {
        least: values[0],
        median: values[values.len() / 2],
        most: values[values.len() - 1],
    }
}

/// Keeps this thread on the processor that it is on: a move in the middle of a batch would be measured.
fn pin() -> usize {
    // SAFETY: no argument; a set is plain bits, of which the one of an existing processor is set.
    unsafe {
        let processor = libc::sched_getcpu().max(0) as usize;
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(processor, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
        processor
    }
}

pub fn report() {
    let processor = pin();
    println!("### Time of the processor, kqueue-linux divided by raw calls\n");
    println!(
        "Medians of {ROUNDS} rounds of {BATCH} operations on each side, in turn, in one thread, pinned to processor {processor}; the ratio with its smallest and largest value.\n"
    );
    println!(
        "| operation | raw | here | registrations | raw, ns | here, ns | ratio | least | most |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, raw_words, our_words) in OPERATIONS {
        for registrations in [1, 64, 10_000] {
            let others = others(if *name == "timer" { 0 } else { registrations });
            let (mut raw, mut ours) = (
                step(name, "raw", registrations, &others),
                step(name, "kqueue", registrations, &others),
            );
            nanoseconds(&mut raw);
            nanoseconds(&mut ours);
            let (mut raws, mut mine, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
            for round in 0..ROUNDS {
                // Who goes first changes with each round.
                let (theirs, own) = if round % 2 == 0 {
                    let theirs = nanoseconds(&mut raw);
                    (theirs, nanoseconds(&mut ours))
                } else {
                    let own = nanoseconds(&mut ours);
                    (nanoseconds(&mut raw), own)
                };
                raws.push(theirs);
                mine.push(own);
                ratios.push(own / theirs);
            }
            let ratio = spread(ratios);
            println!(
                "| {name} | {raw_words} | {our_words} | {registrations} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} |",
                spread(raws).median,
                spread(mine).median,
                ratio.median,
                ratio.least,
                ratio.most,
            );
        }
    }
    println!();
}
