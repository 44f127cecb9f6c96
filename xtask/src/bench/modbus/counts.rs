//! What is counted, not timed: it does not move with what else the machine does.

use std::path::Path;
use std::process::Stdio;

use super::{Server, load};
use crate::bench::server::Running;
use crate::tools;

/// System calls and user instructions of each server for each transaction: the difference of a run of 2N and one of N, divided by N.
pub fn measure(servers: &[Server], program: &Path) -> Result<(), String> {
    println!(
        "\n10 holding registers, for each transaction: difference of a run of 2N and one of N\n"
    );
    println!("| server | connections | depth | system calls | user instructions |");
    println!("|---|---|---|---|---|");
    for server in servers {
        for (connections, depth, requests) in [(1, 1, 1_000), (64, 1, 3_200), (64, 16, 10_240)] {
            if depth > 1 && !server.pipelines {
                continue;
            }
            let requests = (requests / server.share).max(connections * depth);
            let each = |count: Count| -> Result<f64, String> {
                let run = |requests| count(server, program, connections, depth, requests);
                Ok((run(2 * requests)? - run(requests)?) / requests as f64)
            };
            println!(
                "| {} | {connections} | {depth} | {:.2} | {:.0} |",
                server.name,
                each(system_calls)?,
                each(instructions)?
            );
        }
    }
    Ok(())
}

type Count = fn(&Server, &Path, usize, usize, usize) -> Result<f64, String>;

fn under(
    server: &Server,
    prefix: &[&str],
    program: &Path,
    (connections, depth, requests): (usize, usize, usize),
) -> Result<(), String> {
    let words: Vec<&str> = server.words.iter().map(String::as_str).collect();
    let running = Running::start_with(prefix, &server.program, &words, |command| {
        command.stderr(Stdio::null());
    })?;
    load(program, &running, connections, depth, requests)?;
    running.end()
}

fn report(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("ptk-bench-{}-{name}", std::process::id()))
}

fn take(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| tools::at(path, &error))?;
    let _ = std::fs::remove_file(path);
    Ok(text)
}

fn system_calls(
    server: &Server,
    program: &Path,
    connections: usize,
    depth: usize,
    requests: usize,
) -> Result<f64, String> {
    let path = report("strace");
    let file = path.display().to_string();
    let prefix = ["strace", "-c", "-f", "-o", &file];
    under(server, &prefix, program, (connections, depth, requests))?;
    let text = take(&path)?;
    let total = text
        .lines()
        .find(|line| line.trim_end().ends_with("total"))
        .and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    total.ok_or_else(|| format!("no total in strace's report:\n{text}"))
}

fn instructions(
    server: &Server,
    program: &Path,
    connections: usize,
    depth: usize,
    requests: usize,
) -> Result<f64, String> {
    let path = report("valgrind");
    let log = format!("--log-file={}", path.display());
    let prefix = [
        "valgrind",
        "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
        &log,
    ];
    under(server, &prefix, program, (connections, depth, requests))?;
    let text = take(&path)?;
    let collected = text
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    collected.ok_or_else(|| format!("no count in valgrind's report:\n{text}"))
}
