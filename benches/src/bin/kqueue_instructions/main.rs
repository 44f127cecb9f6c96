//! User instructions of one `kevent` call that waits, on Linux: the call of a C programmer, from the arguments to the result.
//!
//! Without arguments it runs itself under callgrind for each shape, with N and with 2N rounds, with the call and without it, and prints the instructions of a call
//! (what is left when loop, socket calls and start are taken off), and those of each further event of a batch.
//!
//! `cargo run --release -p benches --bin kqueue_instructions` (needs valgrind).

mod shape;

use std::error::Error;
use std::process::{Command, ExitCode};

use shape::{SHAPES, Shape};

/// Rounds of the shorter run.
const ROUNDS: u64 = 500;

/// Instructions that callgrind counts in a run of this program.
fn instructions(name: &str, rounds: u64, calls: bool) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([
            name,
            &rounds.to_string(),
            if calls { "call" } else { "none" },
        ])
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{name} under callgrind: {text}").into());
    }
    let count = text
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .ok_or_else(|| format!("callgrind said: {text}"))?;
    Ok(count.1.trim().parse()?)
}

/// Instructions of a round.
fn per_round(name: &str, calls: bool) -> Result<f64, Box<dyn Error>> {
    let (short, long) = (
        instructions(name, ROUNDS, calls)?,
        instructions(name, 2 * ROUNDS, calls)?,
    );
    Ok((long - short) as f64 / ROUNDS as f64)
}

fn measure() -> Result<(), Box<dyn Error>> {
    println!(
        "{:<34} {:>7} {:>12} {:>16}",
        "shape", "events", "instructions", "further event"
    );
    let mut first = 0.0;
    for (name, shape) in SHAPES {
        let cost = per_round(name, true)? - per_round(name, false)?;
        let events = shape.events();
        // Shapes come in pairs: the smallest batch, then a large one.
        let further = if shape.descriptors == 1 {
            first = cost;
            String::new()
        } else {
            let one = events / shape.descriptors;
            format!("{:.1}", (cost - first) / (events - one) as f64)
        };
        println!("{name:<34} {events:>7} {cost:>12.1} {further:>16}");
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [] => measure(),
        [name, rounds, calls] => rounds
            .parse()
            .map_err(Into::into)
            .and_then(|rounds| Shape::named(name)?.run(rounds, calls == "call")),
        _ => Err("no arguments, or: SHAPE ROUNDS call|none".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kqueue_instructions: {error}");
            ExitCode::FAILURE
        }
    }
}
