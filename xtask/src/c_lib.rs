//! `cargo xtask c-lib --prefix DIR`: the C face of kqueue-linux, built and installed.
//!
//! The library is kqueue-linux itself, compiled once more as a static and a shared library in the profile `c-lib` (release, and
//! a panic aborts) with `--cfg ptk_c_lib`, which adds the panic handler that a `no_std` library without a Rust program around
//! it needs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The name that programs record for the shared library; its number goes up when the binary interface changes.
const SONAME: &str = "libptk-kqueue.so.0";

#[derive(clap::Args)]
pub struct Arguments {
    /// Where `include/`, `lib/` and `lib/pkgconfig/` go.
    #[arg(long)]
    prefix: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let installed = install(&arguments.prefix)?;
    for file in &installed {
        println!("{}", file.display());
    }
    Ok(())
}

/// The workspace's top folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
}

/// Builds the library and copies header, libraries and pkg-config file under `prefix`; returns what was written.
pub fn install(prefix: &Path) -> Result<Vec<PathBuf>, String> {
    let built = build()?;
    fs::create_dir_all(prefix).map_err(|error| at(prefix, &error))?;
    let prefix = prefix.canonicalize().map_err(|error| at(prefix, &error))?;
    let include = prefix.join("include/sys");
    let lib = prefix.join("lib");
    let pkgconfig = lib.join("pkgconfig");
    for folder in [&include, &pkgconfig] {
        fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    }

    let header = include.join("event.h");
    copy(&root().join("kqueue-linux/include/sys/event.h"), &header)?;
    let archive = lib.join("libptk-kqueue.a");
    copy(&built.join("libkqueue_linux.a"), &archive)?;
    let shared = lib.join(SONAME);
    copy(&built.join("libkqueue_linux.so"), &shared)?;
    let development = lib.join("libptk-kqueue.so");
    if development.symlink_metadata().is_ok() {
        fs::remove_file(&development).map_err(|error| at(&development, &error))?;
    }
    symlink(SONAME, &development).map_err(|error| at(&development, &error))?;
    let description = pkgconfig.join("ptk-kqueue.pc");
    fs::write(&description, pkg_config(&prefix)).map_err(|error| at(&description, &error))?;
    Ok(vec![header, archive, shared, development, description])
}

/// Compiles both libraries; returns the folder they are in.
fn build() -> Result<PathBuf, String> {
    let status = Command::new(env!("CARGO"))
        .current_dir(root())
        .args([
            "rustc",
            "--quiet",
            "--package",
            "kqueue-linux",
            "--lib",
            "--profile",
            "c-lib",
        ])
        .args([
            "--crate-type",
            "staticlib,cdylib",
            "--",
            "--cfg",
            "ptk_c_lib",
        ])
        .arg(format!("-Clink-arg=-Wl,-soname,{SONAME}"))
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err(format!("cargo rustc of the C library: {status}"));
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("c-lib"))
}

fn pkg_config(prefix: &Path) -> String {
    format!(
        "prefix={}\n\
         libdir=${{prefix}}/lib\n\
         includedir=${{prefix}}/include\n\
         \n\
         Name: ptk-kqueue\n\
         Description: kqueue() and kevent() for Linux, in user space over epoll\n\
         Version: {}\n\
         Libs: -L${{libdir}} -lptk-kqueue\n\
         Libs.private: -pthread\n\
         Cflags: -I${{includedir}}\n",
        prefix.display(),
        env!("CARGO_PKG_VERSION"),
    )
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    // A library that a running program has mapped must be replaced, not overwritten.
    let _ = fs::remove_file(to);
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| at(from, &error))
}

fn at(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(all(test, target_os = "linux"))]
#[path = "c_lib/tests.rs"]
mod tests;
