//! What the typed calls of `kqueue-safe` cost beside the raw ones of `kqueue-sys`, in instructions.
//!
//! Without arguments it measures: for each operation it runs itself under callgrind four times, raw and typed, with N and with 2N rounds, and prints the
//! instructions of a round (the difference, divided by N) and their ratio. It fails when a ratio is above 1.02. Instructions of user space
//! only, those of the user-space kqueue included; both sides do the same operation on the same kind of queue.
//!
//! `cargo run --release -p benches --bin safe_instructions` (needs valgrind).

mod raw;
mod sockets;
mod typed;

use std::error::Error;
use std::process::{Command, ExitCode};

/// Rounds of the shorter run.
const ROUNDS: u64 = 2_000;
/// What a wrapper may cost.
const LIMIT: f64 = 1.02;

/// One thing to do, on both sides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// Wait, and look at token, filter and data of each of so many events.
    Wait(usize),
    /// Apply one change, whose failure is the call's.
    ApplyOne,
    /// Apply so many changes, and look at the result of each.
    Apply(usize),
    /// Apply one change and wait for one event, in one call.
    ApplyAndWait,
    /// Wait with a limit in time.
    WaitWithLimit,
}

const OPERATIONS: [(&str, Operation); 7] = [
    ("wait-1", Operation::Wait(1)),
    ("wait-64", Operation::Wait(64)),
    ("apply-one", Operation::ApplyOne),
    ("apply-1", Operation::Apply(1)),
    ("apply-64", Operation::Apply(64)),
    ("apply-and-wait-1", Operation::ApplyAndWait),
    ("wait-1-with-limit", Operation::WaitWithLimit),
];

fn run(side: &str, name: &str, rounds: u64) -> Result<u64, Box<dyn Error>> {
    let (_, operation) = OPERATIONS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or("no such operation")?;
    match side {
        "raw" => raw::run(*operation, rounds),
        "typed" => typed::run(*operation, rounds),
        _ => Err("raw or typed".into()),
    }
}

/// Instructions that callgrind counts in a run of this program.
fn instructions(side: &str, name: &str, rounds: u64) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([side, name, &rounds.to_string()])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{side} {name} under callgrind: {text}").into());
    }
    let count = text
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .ok_or_else(|| format!("callgrind said: {text}"))?;
    Ok(count.1.trim().parse()?)
}

fn measure() -> Result<bool, Box<dyn Error>> {
    println!(
        "instructions a round, difference between {ROUNDS} and {} rounds",
        2 * ROUNDS
    );
    println!(
        "{:<20} {:>10} {:>10} {:>7}",
        "operation", "raw", "typed", "ratio"
    );
    let mut good = true;
    for (name, _) in OPERATIONS {
        let mut per_round = [0.0; 2];
        for (cost, side) in per_round.iter_mut().zip(["raw", "typed"]) {
            let short = instructions(side, name, ROUNDS)?;
            let long = instructions(side, name, 2 * ROUNDS)?;
            *cost = (long - short) as f64 / ROUNDS as f64;
        }
        let ratio = per_round[1] / per_round[0];
        println!(
            "{name:<20} {:>10.1} {:>10.1} {ratio:>7.3}",
            per_round[0], per_round[1]
        );
        good &= ratio <= LIMIT;
    }
    Ok(good)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [] => measure(),
        [side, name, rounds] => rounds
            .parse()
            .map_err(Into::into)
            .and_then(|rounds| run(side, name, rounds))
            .map(|sum| {
                println!("{sum}");
                true
            }),
        _ => Err("no arguments, or: raw|typed OPERATION ROUNDS".into()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("a typed call costs more than {LIMIT} times the raw one");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("safe_instructions: {error}");
            ExitCode::FAILURE
        }
    }
}
