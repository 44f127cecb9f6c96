//! `cargo xtask check-targets`: the workspace type-checks for every other system, and its tests and examples link where a linker can be had.
//!
//! | systems | what is done |
//! |---|---|
//! | OpenBSD, DragonFly | everything type-checks |
//! | macOS, FreeBSD, NetBSD | tests and examples link, and what they will ask of the system is read from the files; what is not linked type-checks |
//! | all | the documentation of the two kqueue crates is made |
//!
//! Type-checking proves the layout assertions of kqueue-sys, which are compile-time constants. Linking leaves test binaries and examples
//! that can be carried to the system and run there; their list is printed at the end.
//!
//! To run them from here, give a runner of your own: a program that gets the binary's path and its arguments, such as a script that copies
//! the file into a virtual machine and starts it there.
//!
//! ```text
//! cargo xtask check-targets --only x86_64-unknown-freebsd --runner ./run-in-freebsd
//! ```
//!
//! The same through Cargo alone: `CARGO_TARGET_X86_64_UNKNOWN_FREEBSD_RUNNER=./run-in-freebsd`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::foreign::{self, Foreign, TARGETS};
use crate::tools;

mod carried;

#[derive(clap::Args)]
pub struct Arguments {
    /// Only targets whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Type-check only.
    #[arg(long)]
    no_link: bool,
    /// Link only.
    #[arg(long)]
    no_check: bool,
    /// Only these packages of the workspace.
    #[arg(long)]
    package: Vec<String>,
    /// Run the linked tests with this program (path of the binary, then its arguments).
    #[arg(long, conflicts_with = "no_link")]
    runner: Option<PathBuf>,
}

/// Packages that are for Linux alone: the kernel's emulation.
const LINUX_ONLY: &[&str] = &["kqueue-linux"];
/// Packages whose tests are not for carrying to another system: this project's own chores and measurements.
const NOT_CARRIED: &[&str] = &["xtask", "benches"];

pub fn run(arguments: &Arguments) -> Result<(), String> {
    foreign::toolchain()?;
    let selected: Vec<&Foreign> = TARGETS
        .iter()
        .filter(|target| target.rust.contains(&arguments.only))
        .collect();
    if selected.is_empty() {
        return Err(format!("no target is named {:?}", arguments.only));
    }
    let (linked, typed): (Vec<&Foreign>, Vec<&Foreign>) = selected
        .iter()
        .partition(|target| target.zig.is_some() && !arguments.no_link);
    if !arguments.no_check {
        check(&typed, foreign::NO_CODE, CHECK, &|command| {
            select(command, &arguments.package, LINUX_ONLY);
        })?;
        // What is linked below is type-checked by that. The standard library is compiled with machine code here, since the linker needs it.
        if arguments.package.is_empty() {
            check(&linked, "", CHECK, &|command| {
                for package in NOT_CARRIED {
                    command.args(["--package", package]);
                }
            })?;
        }
        let second_generation: Vec<_> = selected
            .iter()
            .copied()
            .filter(|target| target.rust.ends_with("netbsd"))
            .collect();
        let flags = if linked.is_empty() {
            foreign::NO_CODE
        } else {
            ""
        };
        check(&second_generation, flags, CHECK, &|command| {
            command.args([
                "--package",
                "kqueue-sys",
                "--package",
                "kqueue-safe",
                "--features",
                "kqueue-sys/netbsd-kevent100",
            ]);
        })?;
    }
    if arguments.package.is_empty() && !arguments.no_check {
        for (targets, flags) in [(&typed, foreign::NO_CODE), (&linked, "")] {
            check(targets, flags, DOCUMENT, &|command| {
                command.args(["--package", "kqueue-sys", "--package", "kqueue-safe"]);
            })?;
        }
    }
    if linked.is_empty() {
        return Ok(());
    }
    match &arguments.runner {
        Some(runner) => run_there(&linked, runner, &arguments.package),
        None => link(&linked, &arguments.package),
    }
}

/// Types, tests and examples included.
const CHECK: &[&str] = &["check", "--all-targets"];
/// The documentation that each system's users read.
const DOCUMENT: &[&str] = &["doc", "--no-deps"];

/// Type-checks or documents what `choose` names.
fn check(
    targets: &[&Foreign],
    flags: &str,
    what: &[&str],
    choose: &dyn Fn(&mut Command),
) -> Result<(), String> {
    if targets.is_empty() {
        return Ok(());
    }
    let started = Instant::now();
    let mut command = foreign::cargo();
    command
        .env("RUSTFLAGS", flags)
        .env("RUSTDOCFLAGS", "-D warnings")
        .args(what)
        .args(["-Zbuild-std=std,panic_abort", "--quiet"]);
    choose(&mut command);
    aim(&mut command, targets);
    if flags.is_empty() {
        // Nothing is linked here, but Cargo builds the standard library anew when it hears of another linker.
        name_linkers(&mut command, targets)?;
    }
    let status = command
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err(format!("{}: {status}, see above", tools::shown(&command)));
    }
    println!(
        "{} s: {}",
        started.elapsed().as_secs(),
        tools::shown(&command)
    );
    Ok(())
}

/// Links the tests and examples of what can be carried, and says what each executable will ask of its system.
fn link(targets: &[&Foreign], packages: &[String]) -> Result<(), String> {
    let started = Instant::now();
    let mut command = test_command(targets, packages)?;
    command.args(["--no-run", "--message-format=json-render-diagnostics"]);
    let built = executables(&tools::output(&mut command)?)?;
    let list = tools::target().join("foreign/executables.txt");
    let mut text = String::new();
    for target in targets {
        let mine: Vec<_> = built
            .iter()
            .filter(|path| {
                path.components()
                    .any(|part| part.as_os_str() == target.rust)
            })
            .collect();
        if mine.is_empty() {
            return Err(format!("{}: nothing was linked", target.rust));
        }
        let mut demands = carried::Demands::default();
        for path in &mine {
            demands.add(path)?;
            text.push_str(&format!("{}\n", path.display()));
        }
        println!("{}: {} executables; {demands}", target.rust, mine.len());
        demands.check(target)?;
    }
    fs::write(&list, text).map_err(|error| tools::at(&list, &error))?;
    println!(
        "linked in {} s; listed in {}",
        started.elapsed().as_secs(),
        list.strip_prefix(tools::root()).unwrap_or(&list).display()
    );
    Ok(())
}

/// Runs the tests of each target with a program of the caller's.
fn run_there(targets: &[&Foreign], runner: &Path, packages: &[String]) -> Result<(), String> {
    let runner = runner
        .canonicalize()
        .map_err(|error| tools::at(runner, &error))?;
    for target in targets {
        let mut command = test_command(&[target], packages)?;
        command
            .args(["--lib", "--bins", "--tests", "--examples"])
            .env(foreign::variable(target.rust, "RUNNER"), &runner);
        let status = command
            .status()
            .map_err(|error| format!("cargo: {error}"))?;
        if !status.success() {
            return Err(format!("{}: tests failed, see above", target.rust));
        }
    }
    Ok(())
}

/// `cargo test` for these targets, with their linkers.
fn test_command(targets: &[&Foreign], packages: &[String]) -> Result<Command, String> {
    let mut command = foreign::cargo();
    command.args(["test", "-Zbuild-std=std,panic_abort"]);
    // Linked, not run: optimising a dependency of tests is wasted.
    command.args(["--config", "profile.dev.package.proptest.opt-level=0"]);
    select(&mut command, packages, &[LINUX_ONLY, NOT_CARRIED].concat());
    aim(&mut command, targets);
    name_linkers(&mut command, targets)?;
    Ok(command)
}

fn name_linkers(command: &mut Command, targets: &[&Foreign]) -> Result<(), String> {
    for target in targets {
        let zig = target.zig.ok_or("a target without a linker")?;
        let linker = foreign::linker(target.rust, zig)?;
        command.env(foreign::variable(target.rust, "LINKER"), &linker);
        command.env(format!("CC_{}", target.rust.replace('-', "_")), linker);
    }
    Ok(())
}

/// The targets, as Cargo wants to hear of them.
fn aim(command: &mut Command, targets: &[&Foreign]) {
    for target in targets {
        command.args(["--target", target.rust]);
    }
}

/// The packages that were asked for, or all but some.
fn select(command: &mut Command, packages: &[String], without: &[&str]) {
    for package in packages {
        command.args(["--package", package]);
    }
    if packages.is_empty() {
        command.arg("--workspace");
        for package in without {
            command.args(["--exclude", package]);
        }
    }
}

/// The executables that Cargo's messages name.
fn executables(messages: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for line in messages.lines() {
        let message: serde_json::Value =
            serde_json::from_str(line).map_err(|error| format!("cargo: {error}"))?;
        found.extend(message["executable"].as_str().map(PathBuf::from));
    }
    found.sort();
    Ok(found)
}
