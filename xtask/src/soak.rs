//! `cargo xtask soak`: 1,000 connections and 1,000 timers through resets, stalls, byte-by-byte and never-reading peers.

use std::process::Command;

use crate::tools;

/// `cargo xtask soak`
#[derive(clap::Args)]
pub struct Arguments {
    /// How long the weather lasts.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
}

/// Builds the program `soak` of `benches` with optimisation and runs it; it fails when anything was lost, leaked or late.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(tools::root())
        .args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "benches",
            "--bin",
            "soak",
            "--",
        ])
        .arg(arguments.minutes.to_string());
    let shown = tools::shown(&cargo);
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}
