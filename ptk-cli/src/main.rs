//! `ptk`: Modbus devices and clients on the protocol toolkit. `ptk --help` lists what it does.
//!
//! Exit codes: 0 done, 1 it failed (one line on standard error says why), 2 the arguments cannot be meant.

mod arguments;
mod demo;
mod failure;
mod modbus;

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use arguments::{Arguments, Command};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Modbus { command } => modbus::run(&command),
        Command::Demo(arguments) => demo::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("ptk: {failure}");
            ExitCode::FAILURE
        }
    }
}
