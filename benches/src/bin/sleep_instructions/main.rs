//! What a sleep of a task costs to arm, to cancel and to fire, in instructions, beside tokio's.
//!
//! Without arguments it measures: it runs itself under callgrind with N and with 2N rounds for each row and counts what is done inside of `counted`; the
//! difference, divided by N and by the number of sleeps, is one sleep's. The system calls that valgrind makes of reading a clock are not counted, nor
//! is what the C library does for a read without valgrind. As in `timer_peers`, deadlines are random within 10 s, a waker does nothing,
//! sleeps are cancelled in random order, by being dropped, and freeing their memory is part of that.
//!
//! `cargo run --release -p benches --bin sleep_instructions [ours|tokio]` (needs valgrind).

mod ours;
mod theirs;

use std::process::{Command, ExitCode};

use benches::random::Random;

const OPERATIONS: [&str; 3] = ["insert", "cancel", "fire"];
/// How many sleeps, and how many rounds.
const SIZES: [(usize, usize); 3] = [(32, 200), (1_024, 20), (100_000, 1)];
const SPREAD: u64 = 10_000_000_000;

/// What is to be counted: callgrind begins where this function does, and ends with it.
#[inline(never)]
fn counted<R>(is: bool, work: impl FnOnce() -> R) -> R {
    if is { work_counted(work) } else { work() }
}

#[inline(never)]
fn work_counted<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// The rounds of one measurement: each arms and cancels all sleeps, or arms them and lets them fire.
struct Rounds {
    operation: &'static str,
    count: usize,
    rounds: usize,
    random: Random,
}

impl Rounds {
    /// Deadlines and an order for the next round.
    fn next(&mut self) -> (Vec<u64>, Vec<usize>) {
        let deadlines = (0..self.count).map(|_| self.random.below(SPREAD)).collect();
        (deadlines, self.random.permutation(self.count))
    }

    fn counts(&self, operation: &str) -> bool {
        self.operation == operation
    }
}

/// Instructions of what is counted in so many rounds.
fn collected(whose: &str, operation: &str, count: usize, rounds: usize) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*work_counted*")
        .arg(program)
        .args([whose, operation, &count.to_string(), &rounds.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stderr).ok()?;
    text.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

fn measure(whose: &str) -> Option<()> {
    for (count, rounds) in SIZES {
        print!("| {count} | {whose} |");
        for operation in OPERATIONS {
            let few = collected(whose, operation, count, rounds)?;
            let many = collected(whose, operation, count, 2 * rounds)?;
            let each = many.saturating_sub(few) as f64 / (count * rounds) as f64;
            print!(" {each:.1} |");
        }
        println!();
    }
    Some(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let whose: &[&str] = match arguments[..] {
        [] => &["ours", "tokio"],
        ["ours"] => &["ours"],
        ["tokio"] => &["tokio"],
        [whose, operation, count, rounds] => {
            let operation = OPERATIONS.into_iter().find(|known| *known == operation);
            let (Some(operation), Ok(count), Ok(rounds)) =
                (operation, count.parse(), rounds.parse())
            else {
                return ExitCode::from(2);
            };
            let rounds = Rounds {
                operation,
                count,
                rounds,
                random: Random(0x9E37_79B9_7F4A_7C15),
            };
            if whose == "tokio" {
                theirs::run(rounds);
            } else {
                ours::run(rounds);
            }
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("usage: sleep_instructions [ours|tokio]");
            return ExitCode::from(2);
        }
    };
    println!("| sleeps | whose | insert | cancel | fire |\n|---|---|---|---|---|");
    for whose in whose {
        if measure(whose).is_none() {
            eprintln!("sleep_instructions: cannot run valgrind");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
