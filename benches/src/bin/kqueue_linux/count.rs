//! What a clock cannot blur: system calls by `strace -c -f`, user instructions by callgrind. Each is the difference of two runs of
//! different length, so that what starting and ending cost falls out.

use std::process::{Command, Stdio};

use crate::operations::OPERATIONS;

const REGISTRATIONS: &str = "64";

/// This program, running one operation so many times, under another one.
fn under(tool: &[&str], operation: &str, side: &str, times: usize) -> Option<String> {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(tool[0])
        .args(&tool[1..])
        .arg(this)
        .args(["once", operation, side, REGISTRATIONS, &times.to_string()])
        .stdout(Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The number of calls in strace's summary: the fourth column of the line `total`.
fn total_calls(summary: &str) -> Option<f64> {
    let line = summary
        .lines()
        .rev()
        .find(|line| line.trim_end().ends_with("total"))?;
    let words: Vec<&str> = line.split_whitespace().collect();
    // "100.00 seconds usecs/call calls [errors] total"
    words.get(3)?.parse().ok()
}

/// Callgrind's last word: "Collected : 123456".
fn collected(log: &str) -> Option<f64> {
    let line = log.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn table(title: &str, tool: &[&str], times: usize, read: fn(&str) -> Option<f64>) {
    println!("### {title}\n");
    println!(
        "With {REGISTRATIONS} registrations; the difference between {times} and {} operations.\n",
        2 * times
    );
    println!("| operation | raw | here |");
    println!("|---|---|---|");
    for (operation, _, _) in OPERATIONS {
        let per_operation = |side| {
            let one = read(&under(tool, operation, side, times)?)?;
            let two = read(&under(tool, operation, side, 2 * times)?)?;
            Some((two - one) / times as f64)
        };
        let cell =
            |side| per_operation(side).map_or("–".to_owned(), |value| format!("{value:.2}"));
        println!("| {operation} | {} | {} |", cell("raw"), cell("kqueue"));
    }
    println!();
}

pub fn system_calls() {
    table(
        "System calls per operation",
        &["strace", "-c", "-f"],
        500,
        total_calls,
    );
}

pub fn instructions() {
    let tool = [
        "valgrind",
        "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
    ];
    table("User instructions per operation", &tool, 5000, collected);
}
