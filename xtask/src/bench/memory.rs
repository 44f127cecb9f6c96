//! Memory of the echo servers, and how large programs are.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::build;
use super::server::Running;
use crate::tools;

/// Idle connections.
const IDLE: usize = 1_000;

pub fn run() -> Result<(), String> {
    build::install()?;
    let servers = build::servers()?;
    println!(
        "\nPrivate memory of the echo servers (`Private_*` of smaps_rollup), after one exchange on each connection\n"
    );
    println!(
        "| server | 0 connections, KiB | {IDLE} idle, KiB | bytes for each | program without symbols, KiB |"
    );
    println!("|---|---|---|---|---|");
    for server in &servers {
        let running = Running::start(&[], &server.program, |_| {})?;
        let empty = private(running.process())?;
        let mut holder = Command::new(build::load())
            .args(["hold", &running.port.to_string(), &IDLE.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the load generator: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = holder.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let full = private(running.process());
        drop(holder.stdin.take());
        let status = holder.wait().map_err(|error| error.to_string())?;
        if line.trim() != "HELD" || !status.success() {
            return Err(format!(
                "the load generator did not hold {IDLE} connections of {}",
                server.name
            ));
        }
        let full = full?;
        running.end()?;
        println!(
            "| {} | {empty} | {full} | {} | {:.0} |",
            server.name,
            (full as i64 - empty as i64) * 1024 / IDLE as i64,
            build::stripped_size(&server.program)? as f64 / 1024.0,
        );
    }
    let examples = build::rust("examples", &["tcp_client", "timers"])?;
    let benches = build::rust("benches", &["sizes"])?;
    for program in ["tcp_client", "timers"] {
        let size = build::stripped_size(&examples.join(program))?;
        println!(
            "\nThe example `{program}` without symbols: {:.0} KiB",
            size as f64 / 1024.0
        );
    }
    print!(
        "\n{}",
        tools::output(&mut Command::new(benches.join("sizes")))?
    );
    Ok(())
}

/// KiB that a process shares with nobody.
fn private(process: u32) -> Result<u64, String> {
    let path = format!("/proc/{process}/smaps_rollup");
    let told = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let fields = told.lines().filter(|line| line.starts_with("Private_"));
    Ok(fields
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .sum())
}
