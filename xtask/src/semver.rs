//! Tells whether a crate's public interface changed in a way that its version does not say.
//!
//! `cargo-semver-checks` compares the crate in the working tree with the same crate at a git revision: the newest tag `v*`. Before the first release
//! there is none; the last commit takes its place, so that the answer is about what is not committed yet.
//!
//! `--self-test` shows that the checker would find something: it takes a method out of a copy of `kqueue-safe` and expects to be told.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::tools::{self, at};

/// The checker, of a version that reads what this toolchain's rustdoc writes.
const VERSION: &str = "0.51.0";

/// `cargo xtask semver --help`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The revision to compare with; without it the newest tag `v*`, or the last commit when there is no tag.
    #[arg(long, value_name = "REVISION")]
    baseline: Option<String>,
    /// The crates to check.
    #[arg(long = "package", value_name = "CRATE", default_values = ["kqueue-sys", "kqueue-safe"])]
    packages: Vec<String>,
    /// What the next release is meant to be: major, minor or patch. Without it, the versions in the manifests decide.
    #[arg(long, value_name = "KIND")]
    release_type: Option<String>,
    /// Plant a breaking change in a copy, and fail unless it is found.
    #[arg(long, conflicts_with_all = ["baseline", "packages", "release_type"])]
    self_test: bool,
}

/// Runs the checker.
///
/// # Errors
/// When it cannot be built, or finds a change that the version does not announce.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    if arguments.self_test {
        return self_test();
    }
    let baseline = match &arguments.baseline {
        Some(revision) => revision.clone(),
        None => newest_tag().unwrap_or_else(|| {
            println!("no tag v* yet: comparing with the last commit");
            "HEAD".to_owned()
        }),
    };
    let mut check = checker()?;
    // The feature `bindgen` makes the bindings of this machine's own headers, with libclang: nothing of ours to compare.
    check.args(["--default-features", "--baseline-rev", &baseline]);
    for package in &arguments.packages {
        check.args(["--package", package]);
    }
    if let Some(kind) = &arguments.release_type {
        check.args(["--release-type", kind]);
    }
    let status = check
        .status()
        .map_err(|error| format!("{}: {error}", tools::shown(&check)))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{}: {status}", tools::shown(&check)))
    }
}

fn newest_tag() -> Option<String> {
    let mut git = Command::new("git");
    git.current_dir(tools::root())
        .args(["describe", "--tags", "--abbrev=0", "--match", "v*"]);
    let tag = tools::output(&mut git).ok()?;
    Some(tag.trim().to_owned())
}

fn checker() -> Result<Command, String> {
    let program = tools::cargo_program("cargo-semver-checks", VERSION, "cargo-semver-checks")?;
    let mut check = Command::new(program);
    check.current_dir(tools::root()).arg("semver-checks");
    Ok(check)
}

/// What is taken out: the method and the attribute above it.
const TAKEN_OUT: (&str, &str) = (
    "pub fn try_clone(&self)",
    "#[allow(dead_code)] fn try_clone(&self)",
);

fn self_test() -> Result<(), String> {
    let copy = tools::target().join("semver-self-test");
    tools::copy_of_workspace(&copy)?;
    let file: PathBuf = copy.join("kqueue-safe/src/kqueue.rs");
    let text = fs::read_to_string(&file).map_err(|error| at(&file, &error))?;
    if !text.contains(TAKEN_OUT.0) {
        return Err(format!("{}: `{}` is gone", file.display(), TAKEN_OUT.0));
    }
    fs::write(&file, text.replace(TAKEN_OUT.0, TAKEN_OUT.1)).map_err(|error| at(&file, &error))?;
    let mut check = checker()?;
    check
        .arg("--manifest-path")
        .arg(copy.join("kqueue-safe/Cargo.toml"))
        .arg("--baseline-root")
        .arg(tools::root().join("kqueue-safe"));
    let said = check
        .output()
        .map_err(|error| format!("{}: {error}", tools::shown(&check)))?;
    let text = String::from_utf8_lossy(&said.stdout);
    if said.status.success() || !text.contains("Kqueue::try_clone") {
        return Err(format!(
            "a method that was taken out was not missed:\n{text}\n{}",
            String::from_utf8_lossy(&said.stderr)
        ));
    }
    println!("a method that was taken out is missed: the checker works");
    Ok(())
}
