//! `cargo xtask kqprobe`: do we print what real kernels printed?
//!
//! Builds `conformance/kqprobe.c` against the C library of kqueue-linux, runs it (about 20 s) and compares every line with the
//! recordings of FreeBSD and NetBSD. A line that is not FreeBSD's must stand, word for word and with its reason, in
//! `kqueue-linux/DIFFERENCES.md`; that file is part of the crate's documentation, so what is documented and what is allowed
//! cannot drift apart.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::c_lib;

mod differences;
use differences::Difference;

#[derive(clap::Args)]
pub struct Arguments {
    /// Run only the probes whose id begins so (the rest is not compared).
    #[arg(long, default_value = "")]
    only: String,
    /// Compare a file of lines recorded before instead of running the probe.
    #[arg(long)]
    lines: Option<PathBuf>,
    /// Link the shared library instead of the static one.
    #[arg(long)]
    shared: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let conformance = c_lib::root().join("conformance");
    let freebsd = by_id(&read(&conformance.join("freebsd-12.3.txt"))?);
    let netbsd = by_id(&read(&conformance.join("netbsd-11.txt"))?);
    let allowed = differences::parse(&read(&c_lib::root().join("kqueue-linux/DIFFERENCES.md"))?)?;
    let printed = match &arguments.lines {
        Some(file) => read(file)?,
        None => probe(&conformance, &arguments.only, arguments.shared)?,
    };
    let mine = by_id(&printed);
    let expected: BTreeMap<_, _> = freebsd
        .iter()
        .filter(|(id, _)| id.starts_with(&arguments.only))
        .collect();
    let report = compare(&mine, &expected, &netbsd, &allowed);
    report.print(expected.len());
    report.verdict()
}

/// What the comparison found; every list holds what is to be printed.
#[derive(Default)]
struct Report {
    freebsd: usize,
    netbsd: usize,
    documented: Vec<String>,
    unexplained: Vec<String>,
    outdated: Vec<String>,
}

fn compare(
    mine: &BTreeMap<String, String>,
    freebsd: &BTreeMap<&String, &String>,
    netbsd: &BTreeMap<String, String>,
    allowed: &BTreeMap<String, Difference>,
) -> Report {
    let mut report = Report::default();
    for (id, theirs) in freebsd {
        let Some(line) = mine.get(*id) else {
            report
                .unexplained
                .push(format!("{id}: the probe printed nothing"));
            continue;
        };
        let difference = allowed.get(*id);
        if line == *theirs {
            report.freebsd += 1;
            if difference.is_some_and(|it| !it.depends_on_the_kernel) {
                report
                    .outdated
                    .push(format!("{id} now prints FreeBSD's line"));
            }
            continue;
        }
        let as_netbsd = netbsd.get(*id) == Some(line);
        if as_netbsd {
            report.netbsd += 1;
        }
        if difference.is_some_and(|it| it.lines.contains(line)) {
            if !as_netbsd {
                report.documented.push(line.clone());
            }
        } else {
            let note = if as_netbsd { " (NetBSD's line)" } else { "" };
            report
                .unexplained
                .push(format!("{line}{note}\n    FreeBSD: {theirs}"));
        }
    }
    for id in allowed.keys() {
        // With --only the others are not compared; an id that no system knows is a mistake in the file.
        if !freebsd.contains_key(id) && !netbsd.contains_key(id) {
            report.outdated.push(format!("{id} is no probe"));
        }
    }
    report
}

impl Report {
    fn print(&self, all: usize) {
        println!(
            "{} of {all} lines equal FreeBSD's or NetBSD's ({} FreeBSD's, {} only NetBSD's); {} documented, {} unexplained",
            self.freebsd + self.netbsd,
            self.freebsd,
            self.netbsd,
            self.documented.len(),
            self.unexplained.len(),
        );
        for (title, lines) in [
            ("documented differences", &self.documented),
            ("UNEXPLAINED differences", &self.unexplained),
            (
                "entries of DIFFERENCES.md that no longer hold",
                &self.outdated,
            ),
        ] {
            if !lines.is_empty() {
                println!("\n{title}:");
            }
            for line in lines {
                println!("  {line}");
            }
        }
    }

    fn verdict(&self) -> Result<(), String> {
        if self.unexplained.is_empty() && self.outdated.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{} unexplained, {} outdated",
            self.unexplained.len(),
            self.outdated.len()
        ))
    }
}

/// Builds the probe against a fresh C library and returns what it printed.
fn probe(conformance: &Path, only: &str, shared: bool) -> Result<String, String> {
    let prefix = c_lib::root().join("target/kqprobe");
    c_lib::install(&prefix)?;
    let program = prefix.join("kqprobe");
    let mut compiler = Command::new("cc");
    compiler
        .args(["-O1", "-Wall", "-I"])
        .arg(prefix.join("include"))
        .arg("-o")
        .arg(&program);
    compiler.arg(conformance.join("kqprobe.c"));
    if shared {
        compiler
            .arg("-L")
            .arg(prefix.join("lib"))
            .arg("-lptk-kqueue");
    } else {
        compiler.arg(prefix.join("lib/libptk-kqueue.a"));
    }
    let status = compiler
        .arg("-lpthread")
        .status()
        .map_err(|error| format!("cc: {error}"))?;
    if !status.success() {
        return Err(format!("cc of kqprobe.c: {status}"));
    }
    let output = Command::new(&program)
        .args(["--only", only])
        .env("LD_LIBRARY_PATH", prefix.join("lib"))
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let file = prefix.join("mine.txt");
    fs::write(&file, &text).map_err(|error| format!("{}: {error}", file.display()))?;
    if !output.status.success() {
        return Err(format!(
            "kqprobe: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    Ok(text)
}

/// The lines of a recording by their probe's id, the first word.
fn by_id(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| Some((line.split_whitespace().next()?.to_owned(), line.to_owned())))
        .collect()
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
#[path = "kqprobe/tests.rs"]
mod tests;
