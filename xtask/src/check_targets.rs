//! `cargo xtask check-targets`: the workspace type-checks for every other system, and its tests and examples link where a linker can be had.
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

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::foreign::{self, Foreign, TARGETS};
use crate::tools;

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

/// Packages that are for Linux alone: the kernel's emulation, and this project's own chores and measurements.
const LINUX_ONLY: &[&str] = &["kqueue-linux"];
/// Packages whose tests are not for carrying to another system.
const NOT_CARRIED: &[&str] = &["kqueue-linux", "xtask", "benches"];

pub fn run(arguments: &Arguments) -> Result<(), String> {
    foreign::toolchain()?;
    let selected: Vec<_> = TARGETS
        .iter()
        .filter(|target| target.rust.contains(&arguments.only))
        .collect();
    if !arguments.no_check {
        check(&selected, &arguments.package)?;
    }
    if !arguments.no_link {
        link(&selected, arguments)?;
    }
    Ok(())
}

fn check(targets: &[&Foreign], packages: &[String]) -> Result<(), String> {
    let names: Vec<_> = targets.iter().map(|target| target.rust).collect();
    println!("type-checking the workspace for {}", names.join(", "));
    let started = Instant::now();
    let mut command = foreign::cargo();
    command
        .env("RUSTFLAGS", foreign::NO_CODE)
        .env("CARGO_TARGET_DIR", tools::target().join("foreign-check"));
    command.args([
        "check",
        "-Zbuild-std=std,panic_abort",
        "--quiet",
        "--all-targets",
    ]);
    select(&mut command, packages, LINUX_ONLY);
    for target in targets {
        command.args(["--target", target.rust]);
    }
    let status = command
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err("the workspace does not type-check for every system, see above".to_owned());
    }
    println!(
        "type-checked for {} systems in {} s",
        names.len(),
        started.elapsed().as_secs()
    );
    Ok(())
}

fn link(targets: &[&Foreign], arguments: &Arguments) -> Result<(), String> {
    for target in targets {
        let Some(zig) = target.zig else {
            println!("{}: type-checked only, no linker", target.rust);
            continue;
        };
        let started = Instant::now();
        let linker = foreign::linker(target.rust, zig)?;
        let mut command = foreign::cargo();
        command
            .args([
                "test",
                "-Zbuild-std=std,panic_abort",
                "--target",
                target.rust,
            ])
            .env(foreign::variable(target.rust, "LINKER"), linker);
        select(&mut command, &arguments.package, NOT_CARRIED);
        if let Some(runner) = &arguments.runner {
            let runner = runner
                .canonicalize()
                .map_err(|error| tools::at(runner, &error))?;
            command
                .args(["--lib", "--bins", "--tests", "--examples"])
                .env(foreign::variable(target.rust, "RUNNER"), runner);
            let status = command
                .status()
                .map_err(|error| format!("cargo: {error}"))?;
            if !status.success() {
                return Err(format!("{}: tests failed, see above", target.rust));
            }
            continue;
        }
        command.args(["--no-run", "--message-format=json-render-diagnostics"]);
        let built = executables(&tools::output(&mut command)?)?;
        println!(
            "{}: {} executables linked in {} s",
            target.rust,
            built.len(),
            started.elapsed().as_secs()
        );
        for path in built {
            println!(
                "  {}",
                path.strip_prefix(tools::root()).unwrap_or(&path).display()
            );
        }
    }
    Ok(())
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
