//! What the typed calls of `kqueue-safe` cost beside the raw ones of `kqueue-sys`: instructions, system calls, allocations.
//!
//! Without arguments it measures. For each operation it runs itself, raw and typed, with N and with 2N rounds, under callgrind for instructions and
//! under strace for system calls, and takes the difference, so that the beginning and the end of the program cancel out. It fails when a typed operation has more than 1.02
//! times the instructions of the raw one, one system call more, or an allocation. Instructions of user space only, those of the user-space kqueue
//! included; both sides do the same operation on the same kind of queue. The counts do not depend on what else the machine does.
//!
//! `cargo run --release -p benches --bin safe_instructions` (needs valgrind and strace).

mod allocations;
mod raw;
mod sockets;
mod typed;

use std::error::Error;
use std::process::{Command, ExitCode};

/// Rounds of the shorter run under callgrind.
const ROUNDS: u64 = 2_000;
/// Rounds of the shorter run under strace.
const TRACED_ROUNDS: u64 = 100;
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

/// What one run costs in all.
struct Cost {
    instructions: u64,
    allocations: u64,
}

/// Runs this program under callgrind.
fn under_callgrind(side: &str, name: &str, rounds: u64) -> Result<Cost, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([side, name, &rounds.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{side} {name} under callgrind: {text}").into());
    }
    let instructions = text
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .ok_or_else(|| format!("callgrind said: {text}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let allocations = said
        .split_whitespace()
        .nth(1)
        .ok_or_else(|| format!("{side} {name} said: {said}"))?;
    Ok(Cost {
        instructions: instructions.1.trim().parse()?,
        allocations: allocations.parse()?,
    })
}

/// System calls that strace counts in a run of this program.
fn system_calls(side: &str, name: &str, rounds: u64) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("strace")
        .args(["-f", "-qq"])
        .arg(std::env::current_exe()?)
        .args([side, name, &rounds.to_string()])
        .output()
        .map_err(|error| format!("strace: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{side} {name} under strace: {text}").into());
    }
    Ok(text.lines().count() as u64)
}

/// Per round: instructions, system calls, allocations.
fn per_round(side: &str, name: &str) -> Result<[f64; 3], Box<dyn Error>> {
    let short = under_callgrind(side, name, ROUNDS)?;
    let long = under_callgrind(side, name, 2 * ROUNDS)?;
    let calls = system_calls(side, name, 2 * TRACED_ROUNDS)?.saturating_sub(system_calls(
        side,
        name,
        TRACED_ROUNDS,
    )?);
    let share = |more: u64, rounds: u64| more as f64 / rounds as f64;
    Ok([
        share(long.instructions - short.instructions, ROUNDS),
        share(calls, TRACED_ROUNDS),
        share(long.allocations - short.allocations, ROUNDS),
    ])
}

fn measure() -> Result<bool, Box<dyn Error>> {
    println!(
        "a round: differences between {ROUNDS} and {} rounds (system calls: {TRACED_ROUNDS} and {})",
        2 * ROUNDS,
        2 * TRACED_ROUNDS
    );
    println!();
    println!(
        "| operation | instructions, raw | typed | ratio | system calls, raw | typed | allocations, raw | typed |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut good = true;
    for (name, _) in OPERATIONS {
        let raw = per_round("raw", name)?;
        let typed = per_round("typed", name)?;
        let ratio = typed[0] / raw[0];
        println!(
            "| {name} | {:.1} | {:.1} | {ratio:.3} | {:.2} | {:.2} | {:.2} | {:.2} |",
            raw[0], typed[0], raw[1], typed[1], raw[2], typed[2]
        );
        good &= ratio <= LIMIT && typed[1] <= raw[1] && typed[2] == 0.0;
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
                println!("{sum} {}", allocations::count());
                true
            }),
        _ => Err("no arguments, or: raw|typed OPERATION ROUNDS".into()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!(
                "a typed call costs more than {LIMIT} times the raw one, or a system call or an allocation more"
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("safe_instructions: {error}");
            ExitCode::FAILURE
        }
    }
}
