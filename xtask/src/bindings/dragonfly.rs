//! DragonFly's declarations, derived from the Rust source of the crate `libc`: the only machine-readable account of its header that can be had.
//!
//! The source is turned into the text that bindgen would give, with the assertions that C's layout rules give for it, and then goes the
//! same way as everybody else's.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use super::{generator, hexadecimal};
use crate::tools::{self, at};

/// Where libc keeps the facts, from the nearest to the most general.
const SOURCES: &[&str] = &[
    "src/unix/bsd/freebsdlike/dragonfly/mod.rs",
    "src/unix/bsd/freebsdlike/mod.rs",
    "src/unix/bsd/mod.rs",
];

/// The head's lines and the declarations.
///
/// # Errors
/// When libc's source is not where Cargo says, or lacks a declaration.
pub fn declarations() -> Result<(String, String), String> {
    let folder = libc_folder()?;
    let mut all = String::new();
    for source in SOURCES {
        let path = folder.join(source);
        all.push_str(&fs::read_to_string(&path).map_err(|error| at(&path, &error))?);
    }
    let mut text = String::new();
    for line in all.lines() {
        let wanted = ["EVFILT_", "EV_", "NOTE_"]
            .iter()
            .any(|prefix| line.starts_with(&format!("pub const {prefix}")));
        if wanted {
            let (declaration, value) = line
                .trim_end_matches(';')
                .split_once(" = ")
                .ok_or_else(|| format!("libc: {line}"))?;
            let value = match value.strip_prefix("0x") {
                Some(digits) => i64::from_str_radix(digits, 16)
                    .map_err(|error| format!("libc: {line}: {error}"))?
                    .to_string(),
                None => value.to_owned(),
            };
            let _ = writeln!(text, "{declaration} = {value};");
        }
    }
    // `time_t` is 64 bits and `long` a register's width in libc's `dragonfly/mod.rs` and `freebsdlike/mod.rs`.
    structure(
        &mut text,
        "timespec",
        &[("tv_sec", "i64"), ("tv_nsec", "::core::ffi::c_long")],
    );
    let fields = fields(&all, "kevent")?;
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, kind)| (name.as_str(), kind.as_str()))
        .collect();
    structure(&mut text, "kevent", &fields);
    for name in ["kqueue", "kevent"] {
        let _ = writeln!(
            text,
            "unsafe extern \"C\" {{\n    {}\n}}",
            function(&all, name)?
        );
    }
    let head = format!(
        "// header:   none: derived from the Rust source of the crate libc {}, because DragonFly's header is not to be had\n\
         // sha256:   {} ({})\n// bindgen:  not used; layout by C's rules for 64-bit processors\n// flags:    none\n",
        super::locked_version("libc")?,
        hexadecimal(&Sha256::digest(all.as_bytes())),
        SOURCES.join(" + ")
    );
    Ok((head, generator::rewrite_text(&text)?))
}

/// The folder of the `libc` that the lock file names, as Cargo unpacked it.
///
/// # Errors
/// When Cargo does not know it.
pub fn libc_folder() -> Result<PathBuf, String> {
    let version = super::locked_version("libc")?;
    let text = tools::output(
        Command::new(env!("CARGO"))
            .current_dir(tools::root())
            .args(["metadata", "--format-version=1", "--locked"]),
    )
    .or_else(|_| {
        tools::output(
            Command::new(env!("CARGO"))
                .current_dir(tools::root())
                .args(["metadata", "--format-version=1"]),
        )
    })?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "libc" && package["version"] == version.as_str())
        .and_then(|package| {
            Path::new(package["manifest_path"].as_str()?)
                .parent()
                .map(Path::to_owned)
        })
        .ok_or_else(|| format!("cargo metadata: no libc {version}"))
}

/// The fields of the first struct of that name, in Rust's own types.
fn fields(source: &str, name: &str) -> Result<Vec<(String, String)>, String> {
    let body = source
        .split(&format!("pub struct {name} {{"))
        .nth(1)
        .and_then(|rest| rest.split('}').next())
        .ok_or_else(|| format!("libc: no struct {name}"))?;
    body.lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("pub ")?
                .strip_suffix(',')?
                .split_once(": ")
        })
        .map(|(field, kind)| Ok((field.to_owned(), plain(kind)?)))
        .collect()
}

/// The declaration of the first function of that name, on one line.
fn function(source: &str, name: &str) -> Result<String, String> {
    let start = source
        .find(&format!("pub fn {name}("))
        .ok_or_else(|| format!("libc: no function {name}"))?;
    let text = source[start..].split(';').next().unwrap_or_default();
    let (arguments, result) = text
        .rsplit_once(") -> ")
        .ok_or_else(|| format!("libc: {text}"))?;
    let (head, arguments) = arguments
        .split_once('(')
        .ok_or_else(|| format!("libc: {text}"))?;
    let mut lines = String::new();
    for argument in arguments
        .split(',')
        .map(str::trim)
        .filter(|argument| !argument.is_empty())
    {
        let (argument, kind) = argument
            .split_once(": ")
            .ok_or_else(|| format!("libc: {argument}"))?;
        let _ = write!(lines, "\n        {argument}: {},", plain(kind)?);
    }
    let lines = if lines.is_empty() {
        lines
    } else {
        format!("{lines}\n    ")
    };
    Ok(format!("{head}({lines}) -> {};", plain(result)?))
}

/// libc's spelling of a type in that of bindgen.
fn plain(kind: &str) -> Result<String, String> {
    let (pointer, target) = match kind.rsplit_once(' ') {
        Some((pointer, target)) => (format!("{pointer} "), target),
        None => (String::new(), kind),
    };
    let target = match target.trim_start_matches("crate::") {
        "uintptr_t" | "size_t" => "usize",
        "intptr_t" => "isize",
        "c_short" => "::core::ffi::c_short",
        "c_ushort" => "::core::ffi::c_ushort",
        "c_uint" => "::core::ffi::c_uint",
        "c_int" => "::core::ffi::c_int",
        "c_void" => "::core::ffi::c_void",
        own @ ("kevent" | "timespec") => own,
        other => return Err(format!("libc: the type `{other}` was not expected")),
    };
    Ok(format!("{pointer}{target}"))
}

/// A struct with its assertions, laid out as C does: each field at the next multiple of its alignment.
fn structure(text: &mut String, name: &str, fields: &[(&str, &str)]) {
    let _ = writeln!(
        text,
        "#[repr(C)]\n#[derive(Debug, Copy, Clone)]\npub struct {name} {{"
    );
    for (field, kind) in fields {
        let _ = writeln!(text, "    pub {field}: {kind},");
    }
    let mut end: usize = 0;
    let mut offsets = String::new();
    for (field, kind) in fields {
        let size: usize = match *kind {
            "::core::ffi::c_short" | "::core::ffi::c_ushort" => 2,
            "::core::ffi::c_int" | "::core::ffi::c_uint" => 4,
            _ => 8,
        };
        let offset = end.next_multiple_of(size);
        let _ = writeln!(
            offsets,
            "    [\"Offset of field: {name}::{field}\"][::core::mem::offset_of!({name}, {field}) - {offset}usize];"
        );
        end = offset + size;
    }
    let _ = writeln!(
        text,
        "}}\n#[allow(clippy::unnecessary_operation, clippy::identity_op)]\nconst _: () = {{\n    \
         [\"Size of {name}\"][::core::mem::size_of::<{name}>() - {}usize];\n    \
         [\"Alignment of {name}\"][::core::mem::align_of::<{name}>() - 8usize];\n{offsets}}};",
        end.next_multiple_of(8)
    );
}
