//! Are the checks worth their name? Each mutation plants one mistake in a copy of a checked-in file; every check is asked, and those that find it
//! are named. A mutation that only the comparison of texts finds, or that nothing finds, fails the chore.

use std::collections::BTreeSet;
use std::fs;

use super::probe::{self, Library};
use super::{Verdict, compare, explained, header, library};
use crate::bindings::{self, systems};
use crate::tools::{self, at};

/// One planted mistake.
struct Mutation {
    file: &'static str,
    /// What kind of mistake.
    what: &'static str,
    /// Texts and what replaces each one's first occurrence.
    edits: &'static [(&'static str, &'static str)],
}

const fn mutation(
    file: &'static str,
    what: &'static str,
    edits: &'static [(&'static str, &'static str)],
) -> Mutation {
    Mutation { file, what, edits }
}

/// Widths, offsets, constants, symbol versions and signatures, in every file.
const MUTATIONS: &[Mutation] = &[
    mutation(
        "macos",
        "packing lost: alignment 8",
        &[("repr(C, packed(4))", "repr(C)")],
    ),
    mutation(
        "macos",
        "EVFILT_USER of FreeBSD",
        &[("EVFILT_USER: i16 = -10", "EVFILT_USER: i16 = -11")],
    ),
    mutation(
        "macos",
        "filter of 32 bits",
        &[("pub filter: i16", "pub filter: i32")],
    ),
    mutation(
        "macos",
        "kevent64 without its flags",
        &[("        flags: ::core::ffi::c_uint,\n", "")],
    ),
    mutation(
        "macos",
        "NOTE_NSECONDS of FreeBSD",
        &[("NOTE_NSECONDS: u32 = 4", "NOTE_NSECONDS: u32 = 8")],
    ),
    mutation(
        "freebsd64",
        "the old struct, without ext",
        &[("    pub ext: [u64; 4usize],\n", "")],
    ),
    mutation(
        "freebsd64",
        "EV_CLEAR and EV_ONESHOT exchanged",
        &[("EV_CLEAR: u16 = 0x0020", "EV_CLEAR: u16 = 0x0010")],
    ),
    mutation(
        "freebsd64",
        "data of a pointer's width and sign lost",
        &[("pub data: i64", "pub data: u64")],
    ),
    mutation(
        "freebsd64",
        "the old symbol version",
        &[(
            "    pub fn kevent(",
            "    #[link_name = \"kevent@FBSD_1.0\"]\n    pub fn kevent(",
        )],
    ),
    mutation(
        "freebsd_i386",
        "data of 32 bits",
        &[("pub data: i64", "pub data: i32")],
    ),
    mutation(
        "freebsd_i386",
        "time_t of 64 bits",
        &[("pub tv_sec: i32", "pub tv_sec: i64")],
    ),
    mutation(
        "freebsd_i386",
        "size in the assertion",
        &[(
            "size_of::<kevent>() - 56usize",
            "size_of::<kevent>() - 64usize",
        )],
    ),
    mutation(
        "freebsd_armv7",
        "offset in the assertion",
        &[(
            "offset_of!(kevent, data) - 16usize",
            "offset_of!(kevent, data) - 12usize",
        )],
    ),
    mutation(
        "freebsd_armv7",
        "filter and flags exchanged",
        &[
            (
                "pub filter: ::core::ffi::c_short",
                "pub flags_: ::core::ffi::c_short",
            ),
            (
                "pub flags: ::core::ffi::c_ushort",
                "pub filter: ::core::ffi::c_ushort",
            ),
            ("pub flags_: ", "pub flags: "),
        ],
    ),
    mutation(
        "netbsd_kevent50",
        "the symbol of the other generation",
        &[("{1}__kevent50", "{1}__kevent100")],
    ),
    mutation(
        "netbsd_kevent50",
        "the symbol without version",
        &[("#[link_name = \"\\u{1}__kevent50\"]", "")],
    ),
    mutation(
        "netbsd_kevent50",
        "filter of 16 bits",
        &[("pub filter: u32", "pub filter: u16")],
    ),
    mutation(
        "netbsd_kevent50",
        "counts of 32 bits",
        &[("arg3: usize", "arg3: ::core::ffi::c_int")],
    ),
    mutation(
        "netbsd_kevent100",
        "the symbol of the other generation",
        &[("{1}__kevent100", "{1}__kevent50")],
    ),
    mutation(
        "netbsd_kevent100",
        "ext of half its length",
        &[("[u64; 4usize]", "[u64; 2usize]")],
    ),
    mutation(
        "netbsd_kevent100",
        "EVFILT_READ of FreeBSD",
        &[("EVFILT_READ: u32 = 0", "EVFILT_READ: u32 = 0xffff_ffff")],
    ),
    mutation(
        "openbsd",
        "a constant of 16 bits",
        &[("NOTE_TRUNCATE: u32", "NOTE_TRUNCATE: u16")],
    ),
    mutation(
        "openbsd",
        "struct and assertion changed together",
        &[
            ("pub ident: usize", "pub ident: u32"),
            (
                "    [\"Offset of field: kevent::filter\"][::core::mem::offset_of!(kevent, filter) - 8usize];",
                "    [\"Offset of field: kevent::filter\"][::core::mem::offset_of!(kevent, filter) - 4usize];",
            ),
            (
                "offset_of!(kevent, flags) - 10usize",
                "offset_of!(kevent, flags) - 6usize",
            ),
            (
                "offset_of!(kevent, fflags) - 12usize",
                "offset_of!(kevent, fflags) - 8usize",
            ),
        ],
    ),
    mutation(
        "openbsd",
        "EV_EOF and EV_ERROR exchanged",
        &[("EV_EOF: u16 = 0x8000", "EV_EOF: u16 = 0x4000")],
    ),
    mutation(
        "dragonfly",
        "EVFILT_USER of macOS",
        &[("EVFILT_USER: i16 = -9", "EVFILT_USER: i16 = -10")],
    ),
    mutation(
        "dragonfly",
        "flags before filter",
        &[
            (
                "pub filter: ::core::ffi::c_short",
                "pub flags_: ::core::ffi::c_short",
            ),
            (
                "pub flags: ::core::ffi::c_ushort",
                "pub filter: ::core::ffi::c_ushort",
            ),
            ("pub flags_: ", "pub flags: "),
        ],
    ),
    mutation(
        "dragonfly",
        "an event list that is not written",
        &[("eventlist: *mut kevent", "eventlist: *const kevent")],
    ),
    mutation(
        "linux",
        "EV_DISPATCH off by one bit",
        &[("EV_DISPATCH: u16 = 0x0080", "EV_DISPATCH: u16 = 0x0100")],
    ),
    mutation(
        "linux",
        "udata of 32 bits",
        &[("pub udata: *mut ::core::ffi::c_void", "pub udata: u32")],
    ),
    mutation(
        "linux",
        "a timeout by value",
        &[("timeout: *const timespec", "timeout: timespec")],
    ),
];

/// Plants every mutation whose target is among the libraries.
///
/// # Errors
/// When a mutation does not apply any more, or no check but the comparison of texts finds it.
pub fn run(libraries: &[Library]) -> Result<(), String> {
    let folder = tools::target().join("audit/mutants");
    fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let explained = explained::read()?;
    let (mut planted, mut escaped) = (0, Vec::new());
    println!("{:<18} {:<42} found by", "file", "mistake");
    for file in systems::FILES {
        let target = &file.targets[0];
        let Ok(library) = library(libraries, target.rust) else {
            continue;
        };
        let wanted = bindings::generate(file)?;
        let witness = header(file, target)?;
        for mutation in MUTATIONS
            .iter()
            .filter(|mutation| mutation.file == file.name)
        {
            let text = plant(&wanted, mutation)?;
            let path = folder.join(file.name).with_extension("rs");
            fs::write(&path, &text).map_err(|error| at(&path, &error))?;
            let mut found = Vec::new();
            if probe::accepts(library, &path).is_err() {
                found.push("layout assertion".to_owned());
            } else {
                match compare(
                    file.name,
                    witness.clone(),
                    &path,
                    library,
                    &explained,
                    &mut BTreeSet::new(),
                ) {
                    Ok(rows) => {
                        let differing = rows
                            .iter()
                            .filter(|row| matches!(row.verdict, Verdict::Unexplained { .. }));
                        let subjects: Vec<_> = differing.map(|row| row.subject.as_str()).collect();
                        if !subjects.is_empty() {
                            found.push(format!("audit ({})", subjects.join(", ")));
                        }
                    }
                    Err(said) => found.push(format!(
                        "audit (probe: {})",
                        said.lines()
                            .find(|line| line.starts_with("error"))
                            .unwrap_or("fails")
                    )),
                }
            }
            planted += 1;
            if found.is_empty() {
                escaped.push(format!("{}: {}", mutation.file, mutation.what));
            }
            if text != wanted {
                found.push("bindings --check".to_owned());
            }
            println!(
                "{:<18} {:<42} {}",
                mutation.file,
                mutation.what,
                found.join("; ")
            );
        }
    }
    println!(
        "{planted} mutations, {} found by a check beyond the comparison of texts",
        planted - escaped.len()
    );
    if escaped.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "found by the comparison of texts alone:\n{}",
            escaped.join("\n")
        ))
    }
}

fn plant(text: &str, mutation: &Mutation) -> Result<String, String> {
    let mut text = text.to_owned();
    for (from, to) in mutation.edits {
        if !text.contains(from) {
            return Err(format!(
                "{}: `{from}` is not in the file any more (mutation \"{}\")",
                mutation.file, mutation.what
            ));
        }
        text = text.replacen(from, to, 1);
    }
    Ok(text)
}
