//! Compiling for other systems: Debian's `rustc-web`, `cargo-web` and `rust-web-src`, which carry the standard library's source, and Zig as the
//! linker.
//!
//! The toolchain that builds this project has the standard library of the machine that it runs on only.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::bindings::systems;
use crate::tools::{self, at};

/// A system that we compile for.
pub struct Foreign {
    /// rustc's triple.
    pub rust: &'static str,
    /// Zig's triple, for a system that can be linked for.
    pub zig: Option<&'static str>,
}

/// One target for each system other than Linux.
pub const TARGETS: &[Foreign] = &[
    Foreign {
        rust: "aarch64-apple-darwin",
        zig: Some("aarch64-macos-none"),
    },
    Foreign {
        rust: "x86_64-unknown-freebsd",
        zig: Some("x86_64-freebsd-none"),
    },
    Foreign {
        rust: "x86_64-unknown-netbsd",
        zig: Some("x86_64-netbsd-none"),
    },
    Foreign {
        rust: "x86_64-unknown-openbsd",
        zig: None,
    },
    Foreign {
        rust: "x86_64-unknown-dragonfly",
        zig: None,
    },
];

/// Compiler flags for a mere check: Cargo compiles the standard library in full even then, and most of that time goes into machine code that
/// nobody links.
pub const NO_CODE: &str = "-Zno-codegen";

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const RUSTDOC: &str = "/usr/bin/rustdoc";

const PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src"];

/// Makes sure that the toolchain is there, and new enough for this workspace: an old list of packages offers an old compiler.
///
/// # Errors
/// When the packages cannot be installed, or Debian has none that is new enough.
pub fn toolchain() -> Result<(), String> {
    tools::debian(
        PACKAGES,
        &[
            RUSTC,
            CARGO,
            "/usr/lib/rustlib/src/rust/library/core/Cargo.toml",
        ],
    )?;
    let wanted = version(env!("CARGO_PKG_RUST_VERSION"));
    let present = || {
        let said = tools::output(Command::new(RUSTC).arg("--version"))?;
        Ok::<_, String>(version(said.split(' ').nth(1).unwrap_or_default()))
    };
    if present()? >= wanted {
        return Ok(());
    }
    tools::debian_newest(PACKAGES)?;
    let (major, minor) = present()?;
    if (major, minor) >= wanted {
        return Ok(());
    }
    Err(format!(
        "{RUSTC} is {major}.{minor}, and the workspace needs {}.{}: Debian's packages {} are too old",
        wanted.0,
        wanted.1,
        PACKAGES.join(" ")
    ))
}

/// The first two numbers of a version.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// Debian's Cargo, told to use its own compiler and a target folder of its own.
pub fn cargo() -> Command {
    let mut command = Command::new(CARGO);
    command
        .current_dir(tools::root())
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", RUSTC)
        .env("RUSTDOC", RUSTDOC)
        .env("CARGO_TARGET_DIR", tools::target().join("foreign"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        // Stripping for macOS wants a tool that Debian's packages lack.
        .env("CARGO_PROFILE_DEV_STRIP", "false")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTUP_TOOLCHAIN");
    command
}

/// Debian's compiler.
pub fn rustc() -> Command {
    let mut command = Command::new(RUSTC);
    command
        .current_dir(tools::root())
        .env("RUSTC_BOOTSTRAP", "1");
    command
}

/// The linker, and the compiler of what is C in other people's crates: Zig, without the libraries that the crate `libc` names for FreeBSD and macOS, that
/// Zig does not carry, and that nothing here calls, and without a second opinion on the target.
const LINKER: &str = r#"#!/bin/sh
for argument do
    shift
    case "$argument" in
        -liconv | -lkvm | -lmemstat | -lprocstat | -ldevstat | --target=*) ;;
        *) set -- "$@" "$argument" ;;
    esac
done
export ZIG_GLOBAL_CACHE_DIR="CACHE" ZIG_LOCAL_CACHE_DIR="CACHE"
exec "ZIG" cc -target TARGET "$@"
"#;

/// Writes a script that links for the target with Zig, or compiles C for it; returns its path.
///
/// # Errors
/// When Zig cannot be installed or the script cannot be written.
pub fn linker(target: &str, zig: &str) -> Result<PathBuf, String> {
    let program = tools::wheel("ziglang", systems::ZIGLANG)?.join("ziglang/zig");
    let folder = tools::folder().join("zig");
    fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let path = folder.join(target);
    let text = LINKER
        .replace("\"ZIG\"", &format!("{program:?}"))
        .replace("\"CACHE\"", &format!("{:?}", folder.join("cache")))
        .replace("TARGET", zig);
    fs::write(&path, text).map_err(|error| at(&path, &error))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
        .map_err(|error| at(&path, &error))?;
    Ok(path)
}

/// The name of the environment variable with which Cargo is told something about a target, such as its `LINKER` or `RUNNER`.
pub fn variable(target: &str, what: &str) -> String {
    format!(
        "CARGO_TARGET_{}_{what}",
        target.to_uppercase().replace('-', "_")
    )
}
