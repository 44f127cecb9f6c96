//! Echo servers: what a request costs.

use std::path::Path;
use std::process::{Command, Stdio};

use super::build::{self, Server};
use super::server::{Running, field, load};
use super::spread::Spread;
use crate::tools;

/// `cargo xtask bench echo`
#[derive(clap::Args)]
pub struct Arguments {
    /// How many times each server is timed.
    #[arg(long, default_value_t = 11)]
    rounds: usize,
    /// Only the servers whose name contains this; the ratio's other side is always measured.
    #[arg(long, default_value = "")]
    only: String,
    /// Only counts, which a busy machine does not move: system calls, instructions, allocator calls.
    #[arg(long)]
    counts: bool,
    /// Only the times.
    #[arg(long, conflicts_with = "counts")]
    times: bool,
}

/// Connections, and the requests of one timed run.
const LOADS: [(usize, usize); 3] = [(1, 30_000), (64, 100_000), (1_000, 100_000)];

pub fn run(arguments: &Arguments) -> Result<(), String> {
    build::install()?;
    let mut servers = build::servers()?;
    let by_hand = servers[0].name;
    servers.retain(|server| server.name == by_hand || server.name.contains(&arguments.only));
    if !arguments.times {
        counts(&servers)?;
    }
    if !arguments.counts {
        for (connections, requests) in LOADS {
            times(&servers, connections, requests, arguments.rounds.max(1))?;
        }
    }
    Ok(())
}

/// Processor time of the server for each request, and requests per second, of each server in turn.
fn times(
    servers: &[Server],
    connections: usize,
    requests: usize,
    rounds: usize,
) -> Result<(), String> {
    let mut micros = vec![Vec::new(); servers.len()];
    let mut per_second = vec![Vec::new(); servers.len()];
    for round in 0..rounds {
        for turn in 0..servers.len() {
            // Each round begins with another server, so that none always follows the same one.
            let index = (turn + round) % servers.len();
            let running = Running::start(&[], &servers[index].program, |_| {})?;
            load(&running, connections, requests / 10, false)?;
            let line = load(&running, connections, requests, true)?;
            micros[index].push(field(&line, "cpu_us")? / requests as f64);
            per_second[index].push(requests as f64 / field(&line, "seconds")?);
            running.end()?;
        }
    }
    println!(
        "\nEcho of 64 bytes, {connections} connections, {rounds} rounds of {requests} requests: median (min..max)\n"
    );
    println!(
        "| server | processor time, µs a request | ratio to epoll by hand | requests a second, thousands |"
    );
    println!("|---|---|---|---|");
    for (index, server) in servers.iter().enumerate() {
        let ratios = micros[index]
            .iter()
            .zip(&micros[0])
            .map(|(own, hand)| own / hand);
        println!(
            "| {} | {:.2} | {:.2} | {:.1} |",
            server.name,
            Spread::of(micros[index].iter().copied()),
            Spread::of(ratios),
            Spread::of(per_second[index].iter().map(|count| count / 1_000.0)),
        );
    }
    Ok(())
}

/// What is counted, not timed.
fn counts(servers: &[Server]) -> Result<(), String> {
    let counter = build::c("count_allocations", &["-shared", "-fPIC"])?;
    println!(
        "\nEcho of 64 bytes, for each request: difference of a run of 2N requests and one of N\n"
    );
    println!(
        "| server | connections | system calls | user instructions | allocator calls for 10,000 requests |"
    );
    println!("|---|---|---|---|---|");
    for server in servers {
        for (connections, requests) in [(1, 2_000), (64, 6_400), (1_000, 10_000)] {
            let each = |count: &dyn Fn(usize) -> Result<f64, String>| -> Result<f64, String> {
                Ok((count(2 * requests)? - count(requests)?) / requests as f64)
            };
            let calls = each(&|requests| system_calls(&server.program, connections, requests))?;
            let instructions =
                each(&|requests| instructions(&server.program, connections, requests))?;
            let allocations =
                each(&|requests| allocations(&server.program, &counter, connections, requests))?;
            println!(
                "| {} | {connections} | {calls:.2} | {instructions:.0} | {:.0} |",
                server.name,
                allocations * 10_000.0
            );
        }
    }
    Ok(())
}

fn scratch(name: &str) -> String {
    std::env::temp_dir()
        .join(format!("ptk-bench-{}-{name}", std::process::id()))
        .display()
        .to_string()
}

fn read_and_remove(path: &str) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(path).map_err(|error| tools::at(Path::new(path), &error))?;
    let _ = std::fs::remove_file(path);
    Ok(bytes)
}

fn system_calls(program: &Path, connections: usize, requests: usize) -> Result<f64, String> {
    let report = scratch("strace");
    let prefix = ["strace", "-c", "-f", "-o", &report];
    let running = Running::start(&prefix, program, |_| {})?;
    load(&running, connections, requests, false)?;
    running.end()?;
    let report = String::from_utf8_lossy(&read_and_remove(&report)?).into_owned();
    // "100.00    0.023456           1     12345       678 total"
    let total = report
        .lines()
        .find(|line| line.trim_end().ends_with("total"))
        .and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    total.ok_or_else(|| format!("no total in strace's report:\n{report}"))
}

fn instructions(program: &Path, connections: usize, requests: usize) -> Result<f64, String> {
    let (out, log) = (scratch("callgrind"), scratch("valgrind"));
    let (out_file, log_file) = (
        format!("--callgrind-out-file={out}"),
        format!("--log-file={log}"),
    );
    let prefix = ["valgrind", "--tool=callgrind", &out_file, &log_file];
    let running = Running::start(&prefix, program, |command| {
        command.stderr(Stdio::null());
    })?;
    load(&running, connections, requests, false)?;
    running.end()?;
    read_and_remove(&out)?;
    let log = String::from_utf8_lossy(&read_and_remove(&log)?).into_owned();
    let collected = log
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.ok_or_else(|| format!("no count in valgrind's report:\n{log}"))
}

fn allocations(
    program: &Path,
    counter: &Path,
    connections: usize,
    requests: usize,
) -> Result<f64, String> {
    let file = scratch("allocations");
    std::fs::write(&file, [0; 8]).map_err(|error| tools::at(Path::new(&file), &error))?;
    let configure = |command: &mut Command| {
        command.env("LD_PRELOAD", counter).env("ALLOCATIONS", &file);
    };
    let running = Running::start(&[], program, configure)?;
    load(&running, connections, requests, false)?;
    running.end()?;
    let bytes = read_and_remove(&file)?;
    let count: [u8; 8] = bytes.as_slice().try_into().map_err(|_| "a short count")?;
    Ok(u64::from_ne_bytes(count) as f64)
}
