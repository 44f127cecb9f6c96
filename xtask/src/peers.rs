//! `cargo xtask peers`: the program `ptk` against other people's Modbus software.
//!
//! Installs pymodbus (a virtual environment under `target/`), mbpoll and libmodbus (Debian), builds `ptk`, and lets them talk: every
//! peer on a port that is picked here, on loopback, bounded in count and time. A scenario that fails does not stop the others.

mod faults;
mod libmodbus;
mod mbpoll;
mod plant;
mod process;
mod programs;
mod ptk;
mod pymodbus;
mod raw;
mod system_calls;

use std::path::PathBuf;
use std::time::Instant;

use programs::Programs;

/// `cargo xtask peers`
#[derive(clap::Args)]
pub struct Arguments {
    /// The program to test, instead of building it.
    #[arg(long)]
    ptk: Option<PathBuf>,
    /// Only the scenarios whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// How long the plant of 20 devices and 500 tags is polled.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(5..=3600))]
    seconds: u64,
    /// Names the scenarios and does nothing.
    #[arg(long)]
    list: bool,
}

/// One story of two programs. `Err` says what went wrong.
type Scenario = fn(&Programs) -> Result<(), String>;

const SCENARIOS: &[(&str, Scenario)] = &[
    (
        "mbpoll reads and writes every kind of point",
        mbpoll::every_kind,
    ),
    (
        "mbpoll is told of an illegal address",
        mbpoll::illegal_address,
    ),
    ("mbpoll with another unit", mbpoll::another_unit),
    ("mbpoll's words mean the same to ptk", mbpoll::same_words),
    (
        "pymodbus client, functions 1-6, 15, 16 and exceptions",
        pymodbus::every_function,
    ),
    (
        "libmodbus client, every function of its own and exceptions",
        libmodbus::every_function,
    ),
    ("pymodbus clients side by side", pymodbus::side_by_side),
    (
        "ptk reads and writes a pymodbus server",
        ptk::against_pymodbus,
    ),
    (
        "ptk reads and writes a libmodbus server",
        ptk::against_libmodbus,
    ),
    ("ptk reads and writes ptk", ptk::against_itself),
    ("ptk is told of an illegal address", ptk::illegal_address),
    ("ptk against a server with faults", faults::each),
    (
        "the library's client goes on after each fault",
        faults::goes_on,
    ),
    (
        "a frame byte by byte, several in one segment",
        raw::cut_and_joined,
    ),
    (
        "garbage, oversized length, half a frame, reset",
        raw::hostile,
    ),
    ("the connection after the last", raw::one_too_many),
    ("one clear line and a non-zero exit", ptk::mistakes),
    (
        "ptk polls 20 pymodbus servers, 500 tags, without a missed period",
        plant::without_a_missed_period,
    ),
    ("system calls at rest", system_calls::at_rest),
    (
        "system calls for each request",
        system_calls::for_each_request,
    ),
];

/// Runs the scenarios.
///
/// # Errors
/// When a peer cannot be installed, or a scenario failed.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let wanted = |name: &str| {
        arguments
            .only
            .as_ref()
            .is_none_or(|part| name.contains(part))
    };
    let chosen: Vec<_> = SCENARIOS.iter().filter(|(name, _)| wanted(name)).collect();
    if arguments.list {
        chosen.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    }
    let programs = Programs::find(arguments.ptk.as_deref(), arguments.seconds)?;
    let mut failed = 0;
    for (name, scenario) in &chosen {
        let started = Instant::now();
        let result = scenario(&programs);
        let time = started.elapsed().as_secs_f32();
        match result {
            Ok(()) => println!("ok      {name} ({time:.1} s)"),
            Err(why) => {
                failed += 1;
                println!(
                    "FAILED  {name} ({time:.1} s)\n        {}",
                    why.replace('\n', "\n        ")
                );
            }
        }
    }
    println!("{} scenarios, {failed} failed", chosen.len());
    match failed {
        0 => Ok(()),
        _ => Err(format!("{failed} of {} scenarios failed", chosen.len())),
    }
}

/// `Ok` when this holds; else what was expected and what was there.
fn expect(holds: bool, expected: &str, got: &dyn std::fmt::Display) -> Result<(), String> {
    if holds {
        return Ok(());
    }
    Err(format!("expected {expected}; got:\n{got}"))
}
