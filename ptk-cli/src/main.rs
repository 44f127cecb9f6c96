//! `ptk`: Modbus devices and clients on the protocol toolkit. `ptk --help` lists what it does.
//!
//! Exit codes: [`failure::Code`].

mod arguments;
mod demo;
mod documents;
mod failure;
mod modbus;
mod output;
mod toml_file;

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
        Command::Completions(arguments) => documents::completions(&arguments),
        Command::Manual(arguments) => documents::manual(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure.code() != 0 {
                output::note(format_args!("ptk: {failure}"));
            }
            ExitCode::from(failure.code())
        }
    }
}
