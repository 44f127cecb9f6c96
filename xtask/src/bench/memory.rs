//! Memory of the echo servers, and how large programs are.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

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
        settle(running.process())?;
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
    println!(
        "\nIdle connections of ours: what grows is kqueue-linux's (32 bytes for the interest and READ, 20 for what waiters read without a lock). The loop's slots and the \
         machines, which are the caller's, are there before the first connection (see below); the caller's 4 KiB for a peer that does not read are not touched, and the 4 KiB \
         that are received into are one stack's."
    );
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

/// Waits until a process sleeps: it has told READY and is in its first wait, for which it touches memory that belongs to no connection.
fn settle(process: u32) -> Result<(), String> {
    let path = format!("/proc/{process}/stat");
    loop {
        let told = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        // The state comes after the program's name, which stands in brackets.
        if told
            .rsplit_once(')')
            .is_some_and(|(_, rest)| rest.trim_start().starts_with('S'))
        {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
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
