//! `cargo xtask sanitize [address] [thread]`: kqueue-linux's tests and those of ptk-core's async face under the sanitizers of the nightly compiler.
//!
//! The random programs, the races, the arbitrary bytes, the robustness tests and the async face with several workers run with the memory and the
//! thread sanitizer compiled in. The standard library comes as it is, without the sanitizer (its source is not part of every installation), so
//! the thread sanitizer needs leave to mix: `-Cunsafe-allow-abi-mismatch=sanitizer`.

use std::path::Path;
use std::process::Command;

use crate::c_lib;

#[derive(clap::Args)]
pub struct Arguments {
    /// Which: `address`, `thread`; both when none is named.
    which: Vec<String>,
    /// Random operations of the model test.
    #[arg(long, default_value_t = 1_000_000)]
    operations: u64,
    /// Rounds of the tests with several threads.
    #[arg(long, default_value_t = 4000)]
    rounds: u64,
}

const ADDRESS: &str = "-Zsanitizer=address";
const THREAD: &str = "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer";

/// Name, flags for the compiler, package, tests.
const SANITIZERS: &[(&str, &str, &str, &[&str])] = &[
    (
        "address",
        ADDRESS,
        "kqueue-linux",
        &["model", "races", "bytes", "robust", "numbers"],
    ),
    ("address", ADDRESS, "ptk-core", &["aio_suite"]),
    ("thread", THREAD, "kqueue-linux", &["model", "races"]),
    ("thread", THREAD, "ptk-core", &["aio_suite"]),
];

pub fn run(arguments: &Arguments) -> Result<(), String> {
    for name in &arguments.which {
        if !SANITIZERS.iter().any(|(known, ..)| known == name) {
            return Err(format!("no sanitizer {name}: address, thread"));
        }
    }
    for (name, flags, package, tests) in SANITIZERS {
        if arguments.which.is_empty() || arguments.which.iter().any(|wanted| wanted == name) {
            sanitize(name, flags, package, tests, arguments)?;
        }
    }
    Ok(())
}

/// The standard library is not instrumented, so the thread sanitizer does not see how its channels, its mutexes and its threads hand over: what the
/// test harness and tokio's pool of threads do through them is not reported. The test under tokio is of little use here; the others have no frame of either.
const SUPPRESSIONS: &str = "race:std::sync::mpmc\nrace:test::run_test\nrace:tokio::runtime\n";

fn sanitize(
    name: &str,
    flags: &str,
    package: &str,
    tests: &[&str],
    arguments: &Arguments,
) -> Result<(), String> {
    println!("{name} sanitizer: {package}: {}", tests.join(", "));
    let folder = c_lib::root().join("target/sanitize");
    let suppressions = folder.join("suppressions");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    std::fs::write(&suppressions, SUPPRESSIONS).map_err(|error| error.to_string())?;
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut cargo = Command::new("cargo");
    cargo.current_dir(c_lib::root()).args([
        "+nightly",
        "test",
        "--quiet",
        "--package",
        package,
        "--target",
        &target,
    ]);
    for test in tests {
        cargo.args(["--test", test]);
    }
    cargo
        // One after the other: tests that count descriptors share the process's.
        .args(["--", "--nocapture", "--test-threads=1"])
        // The cargo that runs this has set these for its own compiler.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .env("RUSTFLAGS", flags)
        .env(
            "TSAN_OPTIONS",
            format!("suppressions={}", suppressions.display()),
        )
        .env("CARGO_TARGET_DIR", Path::new("target/sanitize").join(name))
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "2")
        .env("PTK_MODEL_OPERATIONS", arguments.operations.to_string())
        .env("PTK_RACE_ROUNDS", arguments.rounds.to_string())
        .env("PTK_BYTES_INPUTS", "5000");
    let status = cargo.status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{name} sanitizer: {status}"))
    }
}
