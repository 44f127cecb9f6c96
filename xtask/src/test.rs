//! `cargo xtask test`: every test of the project, one after the other, with what each needs installed under `target/` (Debian's packages
//! with apt). It is the README's second command, and what `.ci/run` calls.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::tools;

#[derive(clap::Args)]
pub struct Arguments {
    /// Only the steps whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// The steps that take long as well.
    #[arg(long)]
    full: bool,
    /// Name the steps and do nothing.
    #[arg(long)]
    list: bool,
}

/// A step: its name, and what Cargo, this program or Python is called with.
struct Step {
    name: &'static str,
    program: Program,
    words: &'static [&'static str],
    /// Only with `--full`.
    long: bool,
}

enum Program {
    Cargo,
    Xtask,
    Python,
}

const STEPS: &[Step] = &[
    Step {
        name: "tests of the workspace",
        program: Program::Cargo,
        words: &["test", "--workspace", "--no-fail-fast"],
        long: false,
    },
    Step {
        name: "tests behind features",
        program: Program::Cargo,
        words: &[
            "test",
            "--package",
            "ptk-core",
            "--features",
            "testing,chart,log,tracing,embassy,futures-io,tokio,embedded-nal-async",
            "--lib",
            "--test",
            "aio_faults",
            "--test",
            "aio_traits",
            "--test",
            "aio_embassy",
            "--test",
            "aio_no_allocation",
        ],
        long: false,
    },
    Step {
        name: "documentation's examples behind features",
        program: Program::Cargo,
        words: &[
            "test",
            "--package",
            "ptk-core",
            "--features",
            "testing,chart,log,tracing,embassy,futures-io,tokio,embedded-nal-async",
            "--doc",
        ],
        long: false,
    },
    Step {
        name: "models of what threads share (loom)",
        program: Program::Cargo,
        words: &[
            "test",
            "--config",
            "build.rustflags=['--cfg', 'loom']",
            "--target-dir",
            "target/loom",
            "--profile",
            "loom",
            "--package",
            "ptk-core",
            "--test",
            "loom_access",
            "--test",
            "loom_aio",
        ],
        long: false,
    },
    Step {
        name: "models of mailboxes (loom)",
        program: Program::Cargo,
        words: &[
            "test",
            "--config",
            "build.rustflags=['--cfg', 'loom']",
            "--target-dir",
            "target/loom",
            "--profile",
            "loom",
            "--package",
            "ptk-core",
            "--lib",
            "mailbox",
        ],
        long: true,
    },
    Step {
        name: "reports to defmt: types (it links where there is a target for it)",
        program: Program::Cargo,
        words: &["check", "--package", "ptk-core", "--features", "defmt"],
        long: false,
    },
    Step {
        name: "faults in every system call of kqueue-linux",
        program: Program::Cargo,
        words: &[
            "test",
            "--package",
            "kqueue-linux",
            "--features",
            "fault-injection",
            "--test",
            "faults",
        ],
        long: false,
    },
    Step {
        name: "faults of the kernel below the async face",
        program: Program::Cargo,
        words: &[
            "test",
            "--package",
            "ptk-core",
            "--features",
            "kqueue-linux/fault-injection",
            "--test",
            "aio_kernel_faults",
        ],
        long: false,
    },
    Step {
        name: "instructions of an echo",
        program: Program::Python,
        // Three in a hundred more than were counted: 88.0, and 70.8 to 72.9.
        words: &[
            "benches/echo_instructions.py",
            "--build",
            "--at-most",
            "91",
            "75",
        ],
        long: false,
    },
    Step {
        name: "instructions of a Modbus transaction",
        program: Program::Python,
        // Somewhat more than were counted: 317, 168, 306 and 167.
        words: &[
            "benches/modbus_instructions.py",
            "--build",
            "--at-most",
            "338",
            "180",
            "322",
            "180",
        ],
        long: false,
    },
    Step {
        name: "instructions of an echo by tasks",
        program: Program::Python,
        // Four in a hundred more than were counted: 245, and 178 to 182 (182 when the stop interrupts a wait).
        words: &[
            "benches/echo_instructions.py",
            "--build",
            "--at-most",
            "255",
            "189",
            "target/release/async_echo",
        ],
        long: false,
    },
    Step {
        name: "bindings equal the headers",
        program: Program::Xtask,
        words: &["bindings", "--check"],
        long: false,
    },
    Step {
        name: "audit of the bindings and of unsafe code",
        program: Program::Xtask,
        words: &["audit", "--brief", "--output", "target/audit/report"],
        long: false,
    },
    Step {
        name: "planted mistakes in the bindings are found",
        program: Program::Xtask,
        words: &["audit", "--mutations"],
        long: false,
    },
    Step {
        name: "the feature bindgen equals the bindings",
        program: Program::Xtask,
        words: &["bindings", "--feature"],
        long: false,
    },
    Step {
        name: "conformance with recorded kernels",
        program: Program::Xtask,
        words: &["kqprobe"],
        long: false,
    },
    Step {
        name: "a minute of soak: 1,000 connections and timers through faults",
        program: Program::Xtask,
        words: &["soak", "--minutes", "1"],
        long: false,
    },
    Step {
        name: "other people's Modbus software",
        program: Program::Xtask,
        words: &["peers"],
        long: false,
    },
    Step {
        name: "the other systems: types, links, documentation",
        program: Program::Xtask,
        words: &["check-targets"],
        long: false,
    },
    Step {
        name: "the comparison with other wrappers rests on their sources",
        program: Program::Xtask,
        words: &["compare", "--check"],
        long: false,
    },
    Step {
        name: "licences, duplicates and sources of what comes from others",
        program: Program::Xtask,
        words: &["supply-chain", "deny"],
        long: false,
    },
    Step {
        name: "supply chain",
        program: Program::Xtask,
        words: &["supply-chain"],
        long: true,
    },
    Step {
        name: "public interfaces as the versions say",
        program: Program::Xtask,
        words: &["semver"],
        long: true,
    },
    Step {
        name: "a change of an interface is found",
        program: Program::Xtask,
        words: &["semver", "--self-test"],
        long: true,
    },
];

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let selected: Vec<&Step> = STEPS
        .iter()
        .filter(|step| step.name.contains(&arguments.only) && (arguments.full || !step.long))
        .collect();
    if arguments.list {
        for step in selected {
            println!("{}", step.name);
        }
        return Ok(());
    }
    if selected.is_empty() {
        return Err(format!("no step is named {:?}", arguments.only));
    }
    let mut report: Vec<(&str, Duration, Result<(), String>)> = Vec::new();
    for step in selected {
        eprintln!("\n== {}", step.name);
        let begin = Instant::now();
        let outcome = shown(&mut command(step)?);
        report.push((step.name, begin.elapsed(), outcome));
    }
    println!();
    let mut failed = 0;
    for (name, time, outcome) in &report {
        let word = if outcome.is_ok() { "ok    " } else { "FAILED" };
        println!("{word} {:>6.0} s  {name}", time.as_secs_f64());
        failed += usize::from(outcome.is_err());
    }
    println!("{} passed, {failed} failed", report.len() - failed);
    if failed > 0 {
        return Err(format!("{failed} of {} steps failed", report.len()));
    }
    Ok(())
}

/// Runs the command with its output shown as it comes.
fn shown(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", tools::shown(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{}: {status}", tools::shown(command)))
    }
}

fn command(step: &Step) -> Result<Command, String> {
    let mut command = match step.program {
        Program::Cargo => Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
        Program::Python => Command::new("python3"),
        Program::Xtask => Command::new(
            std::env::current_exe().map_err(|error| format!("where this program is: {error}"))?,
        ),
    };
    command.args(step.words).current_dir(tools::root());
    Ok(command)
}
