//! The project's own chores. `cargo xtask --help` lists them.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod audit;
mod bench;
mod bindings;
mod c_lib;
mod check_targets;
mod compare;
mod foreign;
mod kqprobe;
mod peers;
mod sanitize;
mod semver;
mod soak;
mod supply_chain;
mod test;
mod tools;

#[derive(Parser)]
#[command(name = "xtask", about = "The project's own chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run every test of the project; install what they need.
    Test(test::Arguments),
    /// Compare headers, bindings and the crate libc for every target; list all unsafe code.
    Audit(audit::Arguments),
    /// Measure echo servers and timers beside other people's libraries.
    Bench(bench::Arguments),
    /// Write the bindings of kqueue-sys from the systems' headers, or check them.
    Bindings(bindings::Arguments),
    /// Type-check and link the workspace for the other systems.
    CheckTargets(check_targets::Arguments),
    /// Licences, versions, bill of materials, minimum versions, packages, workflows.
    SupplyChain(supply_chain::Arguments),
    /// Build the C library of kqueue-linux and install it under a prefix.
    CLib(c_lib::Arguments),
    /// Compare what kqueue-linux does with recordings of real kernels, probe by probe.
    Kqprobe(kqprobe::Arguments),
    /// Write the table that compares kqueue-safe with other wrappers, from their sources.
    Compare(compare::Arguments),
    /// Compare a crate's public interface with that of an older revision.
    Semver(semver::Arguments),
    /// Let the program ptk talk to other people's Modbus software.
    Peers(peers::Arguments),
    /// Let a loop with 1,000 connections and 1,000 timers run through faults of every kind for a while.
    Soak(soak::Arguments),
    /// Run the tests of kqueue-linux under the address and the thread sanitizer (nightly compiler).
    Sanitize(sanitize::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Test(arguments) => test::run(&arguments),
        Chore::Audit(arguments) => audit::run(&arguments),
        Chore::Bench(arguments) => bench::run(&arguments),
        Chore::Bindings(arguments) => bindings::run(&arguments),
        Chore::CheckTargets(arguments) => check_targets::run(&arguments),
        Chore::SupplyChain(arguments) => supply_chain::run(&arguments),
        Chore::CLib(arguments) => c_lib::run(&arguments),
        Chore::Kqprobe(arguments) => kqprobe::run(&arguments),
        Chore::Compare(arguments) => compare::run(&arguments),
        Chore::Semver(arguments) => semver::run(&arguments),
        Chore::Peers(arguments) => peers::run(&arguments),
        Chore::Soak(arguments) => soak::run(&arguments),
        Chore::Sanitize(arguments) => sanitize::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
