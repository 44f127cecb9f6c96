//! Both sides, run under callgrind and compared.

mod raw;
mod typed;

use std::error::Error;
use std::process::{Command, ExitCode};

/// Rounds of the shorter run.
const ROUNDS: u64 = 2_000;
/// What a `send` and a `receive` together may cost more than the raw two.
const LIMIT: f64 = 24.0;

/// Bytes of a message.
const SIZE: usize = 64;

/// One thing to do, on both sides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// `send` on one end of a stream, `recv` on the other.
    Stream,
    /// `recv` with nothing there.
    WouldBlock,
    /// `sendto` and `recvmsg` with the sender's address.
    Datagram,
}

const OPERATIONS: [(&str, Operation); 3] = [
    ("send + receive", Operation::Stream),
    ("receive: would block", Operation::WouldBlock),
    ("send_to + receive_from", Operation::Datagram),
];

fn run(side: &str, name: &str, rounds: u64) -> Result<u64, Box<dyn Error>> {
    let operation = OPERATIONS.iter().find(|(known, _)| *known == name);
    let (_, operation) = operation.ok_or("no such operation")?;
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
    let count = text.lines().find_map(|line| line.split_once("Collected :"));
    match count {
        Some((_, count)) if output.status.success() => Ok(count.trim().parse()?),
        _ => Err(format!("{side} {name} under callgrind: {text}").into()),
    }
}

fn measure() -> Result<bool, Box<dyn Error>> {
    println!(
        "instructions a round, difference between {ROUNDS} and {} rounds",
        2 * ROUNDS
    );
    println!(
        "{:<24} {:>8} {:>8} {:>8}",
        "operation", "raw", "typed", "more"
    );
    let mut good = true;
    for (name, operation) in OPERATIONS {
        let mut per_round = [0.0; 2];
        for (cost, side) in per_round.iter_mut().zip(["raw", "typed"]) {
            let short = instructions(side, name, ROUNDS)?;
            let long = instructions(side, name, 2 * ROUNDS)?;
            *cost = (long - short) as f64 / ROUNDS as f64;
        }
        let [raw, typed] = per_round;
        println!("{name:<24} {raw:>8.1} {typed:>8.1} {:>8.1}", typed - raw);
        good &= operation != Operation::Stream || typed - raw <= LIMIT;
    }
    Ok(good)
}

/// The program.
pub fn main() -> ExitCode {
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
            eprintln!("send and receive cost more than {LIMIT} instructions above the raw calls");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("net_instructions: {error}");
            ExitCode::FAILURE
        }
    }
}
