//! The project's own chores. `cargo xtask --help` lists them.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bindings;
mod c_lib;
mod kqprobe;
mod tools;

#[derive(Parser)]
#[command(name = "xtask", about = "The project's own chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Write the bindings of kqueue-sys from the systems' headers, or check them.
    Bindings(bindings::Arguments),
    /// Build the C library of kqueue-linux and install it under a prefix.
    CLib(c_lib::Arguments),
    /// Compare what kqueue-linux does with recordings of real kernels, probe by probe.
    Kqprobe(kqprobe::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Bindings(arguments) => bindings::run(&arguments),
        Chore::CLib(arguments) => c_lib::run(&arguments),
        Chore::Kqprobe(arguments) => kqprobe::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
