//! The programs that are measured: Cargo's and those in C, built on demand.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools;

/// Where C programs go.
fn c_folder() -> PathBuf {
    tools::target().join("benches-c")
}

/// Builds programs of the workspace with optimisation; returns the folder where they are.
pub fn rust(package: &str, programs: &[&str]) -> Result<PathBuf, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(tools::root())
        .args(["build", "--release", "--package", package]);
    for program in programs {
        cargo.args(["--bin", program]);
    }
    tools::succeed(&mut cargo)?;
    Ok(tools::target().join("release"))
}

/// Builds `benches/c/NAME.c` with the flags; returns the program, or the shared object if a flag is `-shared`.
pub fn c(name: &str, flags: &[&str]) -> Result<PathBuf, String> {
    let folder = c_folder();
    std::fs::create_dir_all(&folder).map_err(|error| tools::at(&folder, &error))?;
    let program = folder.join(name);
    tools::succeed(
        Command::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-Werror", "-o"])
            .arg(&program)
            .arg(tools::root().join("benches/c").join(format!("{name}.c")))
            .args(flags),
    )?;
    Ok(program)
}

/// Debian's packages of the other libraries and of the tools that count.
pub fn install() -> Result<(), String> {
    tools::debian(
        &[
            "gcc",
            "libc6-dev",
            "libuv1-dev",
            "libevent-dev",
            "strace",
            "valgrind",
            "util-linux",
        ],
        &[
            "cc",
            "/usr/include/uv.h",
            "/usr/include/event2/event.h",
            "strace",
            "valgrind",
            "taskset",
        ],
    )
}

/// One echo server.
pub struct Server {
    pub name: &'static str,
    pub program: PathBuf,
}

/// All echo servers, the hand-written one first, ours second.
pub fn servers() -> Result<Vec<Server>, String> {
    let examples = rust("examples", &["echo", "async_echo"])?;
    let benches = rust(
        "benches",
        &[
            "echo_mio",
            "echo_tokio",
            "echo_tokio_workers",
            "echo_smol",
            "echo_load",
        ],
    )?;
    let server = |name, program| Server { name, program };
    Ok(vec![
        server("epoll by hand", c("echo_epoll", &[])?),
        server("ours", examples.join("echo")),
        server("ours, async", examples.join("async_echo")),
        server("mio", benches.join("echo_mio")),
        server("tokio", benches.join("echo_tokio")),
        server("tokio, 2 workers", benches.join("echo_tokio_workers")),
        server("smol", benches.join("echo_smol")),
        server("libuv", c("echo_libuv", &["-luv"])?),
        server("libevent", c("echo_libevent", &["-levent"])?),
    ])
}

/// The load generator; [`servers`] has built it.
pub fn load() -> PathBuf {
    tools::target().join("release/echo_load")
}

/// The size of a program without symbols.
pub fn stripped_size(program: &Path) -> Result<u64, String> {
    let bare = c_folder().join("stripped");
    tools::succeed(Command::new("strip").arg("-o").arg(&bare).arg(program))?;
    let size = std::fs::metadata(&bare).map_err(|error| tools::at(&bare, &error))?;
    Ok(size.len())
}
