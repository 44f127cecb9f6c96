//! Timers: what an operation costs, and how late a tick is.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::build;
use super::server::{LOAD_CORE, Running, SERVER_CORE, field};
use super::spread::Spread;
use crate::tools;

/// `cargo xtask bench timers`
#[derive(clap::Args)]
pub struct Arguments {
    /// How many times each program is timed, a second each time.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only insert, cancel and fire.
    #[arg(long)]
    ops: bool,
    /// Only the lateness of a tick.
    #[arg(long, conflicts_with = "ops")]
    tick: bool,
}

/// A program, and the words before `ops T` or `tick`.
struct Program {
    name: &'static str,
    path: PathBuf,
    words: &'static [&'static str],
}

impl Program {
    fn run(&self, words: &[&str]) -> Result<String, String> {
        tools::output(
            Command::new("taskset")
                .args(["-c", SERVER_CORE])
                .arg(&self.path)
                .args(self.words)
                .args(words),
        )
    }
}

pub fn run(arguments: &Arguments) -> Result<(), String> {
    build::install()?;
    let examples = build::rust("examples", &["timer_bench"])?;
    let benches = build::rust("benches", &["timer_peers", "echo_load"])?;
    let program = |name, path, words| Program { name, path, words };
    let ours = program("ours", examples.join("timer_bench"), &[]);
    let heap = program("plain binary heap", benches.join("timer_peers"), &["heap"]);
    let tasks = program(
        "ours, async: Sleep",
        benches.join("timer_peers"),
        &["async"],
    );
    let tokio = program("tokio", benches.join("timer_peers"), &["tokio"]);
    let libuv = program("libuv", build::c("timer_libuv", &["-luv"])?, &[]);
    let rounds = arguments.rounds.max(1);
    if !arguments.tick {
        operations(&[&ours, &tasks, &heap, &tokio, &libuv], rounds)?;
    }
    if !arguments.ops {
        let kernel = Program {
            name: "timerfd",
            path: build::c("tick_timerfd", &[])?,
            words: &[],
        };
        ticks(&ours, &kernel, &[&tokio, &libuv], rounds)?;
    }
    Ok(())
}

fn operations(programs: &[&Program], rounds: usize) -> Result<(), String> {
    println!(
        "\nTimers at random deadlines within 10 s, ns for each operation, {rounds} rounds: median (min..max)\n"
    );
    println!("| timers | structure | insert | cancel | fire |");
    println!("|---|---|---|---|---|");
    for count in ["32", "1024", "100000"] {
        let mut lines = vec![Vec::new(); programs.len()];
        for _ in 0..rounds {
            for (program, lines) in programs.iter().zip(&mut lines) {
                lines.push(program.run(&["ops", count])?);
            }
        }
        for (program, lines) in programs.iter().zip(&lines) {
            print!("| {count} | {} |", program.name);
            for name in ["insert_ns", "cancel_ns", "fire_ns"] {
                let values: Result<Vec<f64>, String> =
                    lines.iter().map(|line| field(line, name)).collect();
                print!(" {:.1} |", Spread::of(values?));
            }
            println!();
        }
    }
    Ok(())
}

fn ticks(
    ours: &Program,
    kernel: &Program,
    others: &[&Program],
    rounds: usize,
) -> Result<(), String> {
    println!(
        "\nA period of 1 ms for 2 s on an idle loop, lateness in µs, {rounds} rounds: median (min..max)\n"
    );
    let programs: Vec<&Program> = [kernel, ours].iter().chain(others).copied().collect();
    let mut lines = vec![Vec::new(); programs.len()];
    for _ in 0..rounds {
        for (program, lines) in programs.iter().zip(&mut lines) {
            lines
                .push(program.run(&["tick"].as_slice()[..usize::from(program.name != "timerfd")])?);
        }
    }
    lateness(&programs, &lines)?;

    println!("\nThe same while the loop echoes 64 bytes for 64 connections\n");
    let programs = [kernel, ours];
    let mut lines = vec![Vec::new(); programs.len()];
    for _ in 0..rounds {
        for (program, lines) in programs.iter().zip(&mut lines) {
            lines.push(under_load(program)?);
        }
    }
    lateness(&programs, &lines)
}

/// A tick beside echo on one loop: READY, then the load, then the result on the second line.
fn under_load(program: &Program) -> Result<String, String> {
    let prefix: &[&str] = &[];
    let words: &[&str] = if program.name == "timerfd" {
        &[]
    } else {
        &["tick"]
    };
    let running = Running::start_with(prefix, &program.path, words, |_| {})?;
    let mut load = Command::new("taskset")
        .args(["-c", LOAD_CORE])
        .arg(build::load())
        .args(["run", &running.port.to_string(), "64", "100000000"])
        .stdout(Stdio::null())
        // The server ends first: that it closes its connections is expected.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("the load generator: {error}"))?;
    let line = running.last_line();
    let _ = load.kill();
    let _ = load.wait();
    line
}

fn lateness(programs: &[&Program], lines: &[Vec<String>]) -> Result<(), String> {
    println!("| timer | ticks | p50 | p99 | max | p50, ratio to timerfd | p99, ratio |");
    println!("|---|---|---|---|---|---|---|");
    let column = |index: usize, name: &str| -> Result<Vec<f64>, String> {
        lines[index].iter().map(|line| field(line, name)).collect()
    };
    for (index, program) in programs.iter().enumerate() {
        let ratio = |name| -> Result<Spread, String> {
            let pairs = column(index, name)?.into_iter().zip(column(0, name)?);
            Ok(Spread::of(pairs.map(|(own, kernel)| own / kernel)))
        };
        println!(
            "| {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} |",
            program.name,
            Spread::of(column(index, "ticks")?),
            Spread::of(column(index, "p50")?),
            Spread::of(column(index, "p99")?),
            Spread::of(column(index, "max")?),
            ratio("p50")?,
            ratio("p99")?,
        );
    }
    Ok(())
}
