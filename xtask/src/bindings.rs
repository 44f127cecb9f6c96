//! `cargo xtask bindings`: writes `kqueue-sys/src/bindings/*.rs` from the systems' own headers, or checks that they are what the headers say.
//!
//! Headers come from the PyPI package `ziglang`, libclang from the PyPI package `libclang`, both at pinned versions and under
//! `target/tools/`. The text is made by `kqueue-sys/build/generator.rs`, which the crate's build script uses too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::tools::{self, at};

mod dragonfly;
#[path = "../../kqueue-sys/build/generator.rs"]
pub mod generator;
pub mod systems;
#[cfg(test)]
mod tests;

use generator::Request;
use systems::{FILES, File, Source, Target};

#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail if a file differs from what the headers give.
    #[arg(long)]
    check: bool,
    /// Build kqueue-sys with the feature `bindgen`, from this machine's headers, and compare with the checked-in file.
    #[arg(long, conflicts_with_all = ["check", "only"])]
    feature: bool,
    /// Only this file, by its name without `.rs`.
    #[arg(long)]
    only: Option<String>,
}

pub fn run(arguments: &Arguments) -> Result<(), String> {
    if let Some(done) = with_libclang()? {
        return done;
    }
    if arguments.feature {
        return test_feature();
    }
    let mut differing = Vec::new();
    for file in FILES.iter().filter(|file| {
        arguments
            .only
            .as_deref()
            .is_none_or(|only| only == file.name)
    }) {
        let text = generate(file)?;
        differing.extend(settle(&path(file.name), &text, arguments.check)?);
    }
    let wrapper = wrapper();
    let text = fs::read_to_string(&wrapper).map_err(|error| at(&wrapper, &error))?;
    differing.extend(settle(
        &tools::root().join("kqueue-sys/wrapper.h"),
        &text,
        arguments.check,
    )?);
    if differing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\n`cargo xtask bindings` writes what the headers give",
        differing.join("\n")
    ))
}

/// Runs this program again with `LIBCLANG_PATH` naming the pinned libclang, unless it does already: bindgen loads the library from
/// there, and a process should not change its own environment.
///
/// # Errors
/// When libclang cannot be installed.
pub fn with_libclang() -> Result<Option<Result<(), String>>, String> {
    let folder = tools::wheel("libclang", systems::LIBCLANG)?.join("clang/native");
    if std::env::var_os("LIBCLANG_PATH").is_some_and(|present| Path::new(&present) == folder) {
        return Ok(None);
    }
    let program = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let status = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env("LIBCLANG_PATH", &folder)
        .status()
        .map_err(|error| format!("this program: {error}"))?;
    Ok(Some(if status.success() {
        Ok(())
    } else {
        Err("failed, see above".to_owned())
    }))
}

/// Runs the tests of kqueue-sys with the feature `bindgen`. The wheel `libclang` lacks the compiler's own headers (`stddef.h`); `ziglang` has
/// them.
fn test_feature() -> Result<(), String> {
    let headers = tools::wheel("ziglang", systems::ZIGLANG)?.join("ziglang/lib/include");
    let status = Command::new(env!("CARGO"))
        .current_dir(tools::root())
        .env(
            "BINDGEN_EXTRA_CLANG_ARGS",
            format!("-isystem{}", headers.display()),
        )
        .args(["test", "--package", "kqueue-sys", "--features", "bindgen"])
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("the feature `bindgen` and the checked-in file differ, see above".to_owned())
    }
}

/// The checked-in file of that name.
pub fn path(name: &str) -> PathBuf {
    tools::root()
        .join("kqueue-sys/src/bindings")
        .join(name)
        .with_extension("rs")
}

/// The one header that bindgen reads.
fn wrapper() -> PathBuf {
    tools::root().join("wrapper.h")
}

/// Writes the file, or says how it differs.
fn settle(path: &Path, text: &str, check: bool) -> Result<Option<String>, String> {
    let shown = path.strip_prefix(tools::root()).unwrap_or(path).display();
    let present = fs::read_to_string(path).unwrap_or_default();
    if present == text {
        println!("{shown}: as the header says");
        return Ok(None);
    }
    if !check {
        fs::write(path, text).map_err(|error| at(path, &error))?;
        println!("{shown}: written");
        return Ok(None);
    }
    Ok(Some(match first_difference(&present, text) {
        Some((line, have, want)) => {
            format!("{shown}:{line}: the file has `{have}`, the header gives `{want}`")
        }
        None => format!("{shown}: differs"),
    }))
}

/// The first line that differs, with its number and both texts.
pub fn first_difference<'a>(
    present: &'a str,
    wanted: &'a str,
) -> Option<(usize, &'a str, &'a str)> {
    let longest = present.lines().count().max(wanted.lines().count());
    let mut have = present.lines();
    let mut want = wanted.lines();
    (1..=longest).find_map(|number| {
        let pair = (
            have.next().unwrap_or("(end)"),
            want.next().unwrap_or("(end)"),
        );
        (pair.0 != pair.1).then_some((number, pair.0, pair.1))
    })
}

/// The whole text of one file, as it must be checked in.
///
/// # Errors
/// When a tool cannot be installed, a header cannot be read, or two targets of one file give different declarations.
pub fn generate(file: &File) -> Result<String, String> {
    let mut first: Option<(&Target, String, String)> = None;
    for target in file.targets {
        let (head, body) = declarations(file, target)?;
        match &first {
            None => first = Some((target, head, body)),
            Some((other, _, text)) => {
                if let Some((_, a, b)) = first_difference(text, &body) {
                    return Err(format!(
                        "{}: {} gives `{a}`, {} gives `{b}`",
                        file.name, other.rust, target.rust
                    ));
                }
            }
        }
    }
    let (_, head, body) = first.ok_or_else(|| format!("{}: no target", file.name))?;
    let targets: Vec<_> = file.targets.iter().map(|target| target.rust).collect();
    format_rust(&format!(
        "// Generated by `cargo xtask bindings`; do not edit: `cargo xtask bindings --check` compares.\n//\n\
         // system:   {}\n{head}// targets:  {}\n\n{body}",
        file.system,
        targets.join(", ")
    ))
}

/// The head's lines about provenance, and the declarations, for one target.
///
/// # Errors
/// As [`generate`].
pub fn declarations(file: &File, target: &Target) -> Result<(String, String), String> {
    let (project, arguments, header) = match file.source {
        Source::LibcCrate => return dragonfly::declarations(),
        Source::Headers { ziglang, generic } => {
            let lib = tools::wheel("ziglang", ziglang)?.join("ziglang/lib");
            let include = lib.join("libc/include");
            let arguments = vec![
                lib.join("include"),
                include.join(target.folder),
                include.join(generic),
            ];
            let header = include.join(generic).join("sys/event.h");
            (
                format!("sys/event.h from PyPI ziglang {ziglang}, libc/include/{generic}"),
                arguments,
                header,
            )
        }
        Source::Linux { ziglang } => {
            let lib = tools::wheel("ziglang", ziglang)?.join("ziglang/lib");
            let include = lib.join("libc/include");
            let own = tools::root().join("kqueue-linux/include");
            let header = own.join("sys/event.h");
            let folders = ["generic-glibc", "any-linux-any"].map(|folder| include.join(folder));
            let arguments = [
                vec![own, lib.join("include"), include.join(target.folder)],
                folders.to_vec(),
            ]
            .concat();
            (
                format!(
                    "kqueue-linux/include/sys/event.h of this project, on glibc's from PyPI ziglang {ziglang}"
                ),
                arguments,
                header,
            )
        }
    };
    let mut flags = vec!["-nostdinc".to_owned()];
    for folder in &arguments {
        flags.extend(["-isystem".to_owned(), folder.display().to_string()]);
    }
    let scratch = tools::folder().join("bindgen");
    fs::create_dir_all(&scratch).map_err(|error| at(&scratch, &error))?;
    let body = generator::generate(&Request {
        wrapper: &wrapper(),
        system: if target.clang.contains("netbsd") {
            "netbsd"
        } else {
            ""
        },
        clang_target: Some(target.clang),
        clang_arguments: &flags,
        scratch: &scratch,
    })
    .map_err(|error| format!("{} for {}: {error}", file.name, target.rust))?;
    let text = fs::read(&header).map_err(|error| at(&header, &error))?;
    let revision = revision(&String::from_utf8_lossy(&text));
    let shown: Vec<_> = arguments
        .iter()
        .map(|folder| {
            let inside = folder
                .strip_prefix(tools::folder().join("wheels"))
                .ok()
                .map(|rest| {
                    let mut parts = rest.components();
                    parts.next();
                    parts.as_path().to_owned()
                });
            let here = folder.strip_prefix(tools::root()).unwrap_or(folder);
            format!("-isystem {}", inside.as_deref().unwrap_or(here).display())
        })
        .collect();
    let head = format!(
        "// header:   {project}{revision}\n// sha256:   {} (sys/event.h)\n// bindgen:  {}, libclang {}\n// flags:    wrapper.h --target={} -nostdinc {}\n",
        hexadecimal(&Sha256::digest(&text)),
        locked_version("bindgen")?,
        systems::LIBCLANG,
        target.clang,
        shown.join(" ")
    );
    Ok((head, body))
}

/// The header's own identification line, when it has one.
fn revision(header: &str) -> String {
    header
        .lines()
        .take(3)
        .find_map(|line| {
            line.split_once("event.h,v ")?
                .1
                .split(" $")
                .next()
                .map(str::to_owned)
        })
        .map(|text| {
            let words: Vec<_> = text.split(' ').take(2).collect();
            format!(", revision {}", words.join(" of "))
        })
        .unwrap_or_default()
}

/// The bytes as text.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The version of a package in `Cargo.lock`.
///
/// # Errors
/// When the lock file does not name it.
pub fn locked_version(package: &str) -> Result<String, String> {
    let path = tools::root().join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
    let after = text
        .split(&format!("name = \"{package}\"\nversion = \""))
        .nth(1);
    after
        .and_then(|rest| rest.split('"').next())
        .map(str::to_owned)
        .ok_or_else(|| format!("{}: no package `{package}`", path.display()))
}

/// The text as `rustfmt` lays it out with the workspace's settings.
fn format_rust(text: &str) -> Result<String, String> {
    use std::io::Write as _;
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(tools::root().join("rustfmt.toml"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt: {error}"))?;
    let mut input = child.stdin.take().ok_or("rustfmt: no standard input")?;
    let writer = std::thread::spawn({
        let text = text.to_owned();
        move || input.write_all(text.as_bytes())
    });
    let result = child
        .wait_with_output()
        .map_err(|error| format!("rustfmt: {error}"))?;
    writer
        .join()
        .map_err(|_| "rustfmt: the writer panicked")?
        .map_err(|error| format!("rustfmt: {error}"))?;
    if !result.status.success() {
        return Err(format!("rustfmt: {}", result.status));
    }
    String::from_utf8(result.stdout).map_err(|error| format!("rustfmt: {error}"))
}
