//! Tells whether a crate's public interface changed in a way that its version does not say.
//!
//! `cargo-semver-checks` compares the crate with the same crate at a git revision. The revision is the newest tag `v*`; before the first release there is none, and
//! then one is to be named.

use std::process::Command;

use crate::tools;

/// The checker, of a version that reads what this toolchain's rustdoc writes.
const VERSION: &str = "0.51.0";

/// `cargo xtask semver --help`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The revision to compare with.
    #[arg(long, value_name = "REVISION")]
    baseline: Option<String>,
    /// The crates to check.
    #[arg(long = "package", value_name = "CRATE", default_value = "kqueue-safe")]
    packages: Vec<String>,
    /// What the next release is meant to be: major, minor or patch. Without it, the versions in the manifests decide.
    #[arg(long, value_name = "KIND")]
    release_type: Option<String>,
}

fn newest_tag() -> Result<String, String> {
    let mut git = Command::new("git");
    git.current_dir(tools::root())
        .args(["describe", "--tags", "--abbrev=0", "--match", "v*"]);
    let tag = tools::output(&mut git)
        .map_err(|_| "there is no tag v* yet: name a revision with --baseline".to_owned())?;
    Ok(tag.trim().to_owned())
}

/// Runs the checker.
///
/// # Errors
/// When it cannot be built, or finds a change that the version does not announce.
pub fn run(arguments: &Arguments) -> Result<(), String> {
    let baseline = match &arguments.baseline {
        Some(revision) => revision.clone(),
        None => newest_tag()?,
    };
    let program = tools::cargo_program("cargo-semver-checks", VERSION, "cargo-semver-checks")?;
    let mut check = Command::new(program);
    check
        .current_dir(tools::root())
        .args(["semver-checks", "--baseline-rev", &baseline]);
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
