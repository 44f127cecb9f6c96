//! `cargo xtask compare`: the table in `kqueue-safe/README.md` that puts the crate beside nix, rustix, polling and the crate `kqueue`.
//!
//! None of the four compiles its kqueue code on Linux, so they cannot be pointed at the user-space kqueue and measured; what the table says of them is read
//! from their sources. So that nobody has to believe it, each cell names the lines that it rests on: the sources are fetched at pinned versions, and a
//! line that is not there any more fails.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tools::{self, at};

mod rows;

use rows::{OPERATIONS, PROPERTIES, Row};

#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail if the table in the README is not the one that this program makes.
    #[arg(long)]
    check: bool,
}

/// The crates beside ours, in the order of the columns, and one that the last of them is made of.
const CRATES: &[(&str, &str)] = &[
    ("nix", "0.31.3"),
    ("rustix", "1.1.6"),
    ("polling", "3.11.0"),
    ("kqueue", "1.2.1"),
    ("kqueue-sys", "1.1.2"),
];
/// How many of them have a column.
const COLUMNS: usize = 4;

const BEGIN: &str = "<!-- `cargo xtask compare` writes from here -->\n";
const END: &str = "<!-- to here -->\n";

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let sources = sources()?;
    let mut wrong = Vec::new();
    for row in PROPERTIES.iter().chain(OPERATIONS) {
        for (cell, (column, _)) in row.others.iter().zip(CRATES) {
            wrong.extend(
                cell.proofs
                    .iter()
                    .filter_map(|proof| proof.missing(&sources, column))
                    .map(|what| format!("{}, {column}: {what}", row.what)),
            );
        }
    }
    if !wrong.is_empty() {
        return Err(format!(
            "what the table says does not rest on the sources:\n{}",
            wrong.join("\n")
        ));
    }
    let proofs: usize = PROPERTIES
        .iter()
        .chain(OPERATIONS)
        .flat_map(|row| &row.others)
        .map(|cell| cell.proofs.len())
        .sum();
    println!("{proofs} statements about the sources hold");
    settle(arguments.check)
}

/// Fetches the sources with Cargo and says where they are.
fn sources() -> Result<BTreeMap<String, PathBuf>, String> {
    let package = tools::target().join("compare");
    fs::create_dir_all(package.join("src")).map_err(|error| at(&package, &error))?;
    let wanted: String = CRATES
        .iter()
        .map(|(name, version)| {
            // The crate of bindings has the name of ours.
            format!("other-{name} = {{ package = \"{name}\", version = \"={version}\" }}\n")
        })
        .collect();
    let manifest = format!(
        "[package]\nname = \"compare\"\nedition = \"2024\"\n\n[dependencies]\n{wanted}\n[workspace]\n"
    );
    for (name, text) in [("Cargo.toml", manifest.as_str()), ("src/lib.rs", "")] {
        let path = package.join(name);
        fs::write(&path, text).map_err(|error| at(&path, &error))?;
    }
    let text = tools::output(
        std::process::Command::new(env!("CARGO"))
            .current_dir(&package)
            .args([
                "metadata",
                "--format-version=1",
                "--filter-platform=x86_64-unknown-freebsd",
            ]),
    )?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let mut found = BTreeMap::new();
    for entry in metadata["packages"].as_array().into_iter().flatten() {
        if let (Some(name), Some(version), Some(manifest)) = (
            entry["name"].as_str(),
            entry["version"].as_str(),
            entry["manifest_path"].as_str(),
        ) && CRATES.contains(&(name, version))
            && let Some(folder) = Path::new(manifest).parent()
        {
            found.insert(name.to_owned(), folder.to_owned());
        }
    }
    Ok(found)
}

/// What a cell rests on: a text that is, or is not, in a file of a crate.
pub struct Proof {
    /// The crate, when it is not the column's own.
    package: Option<&'static str>,
    file: &'static str,
    text: &'static str,
    there: bool,
}

impl Proof {
    /// What is wrong, if something is.
    fn missing(&self, sources: &BTreeMap<String, PathBuf>, column: &str) -> Option<String> {
        let package = self.package.unwrap_or(column);
        let Some(folder) = sources.get(package) else {
            return Some(format!("no source of {package}"));
        };
        let text = match fs::read_to_string(folder.join(self.file)) {
            Ok(text) => text,
            Err(error) => return Some(format!("{}: {error}", self.file)),
        };
        (words(&text).contains(&words(self.text)) != self.there).then(|| {
            let verb = if self.there { "has no" } else { "has" };
            format!("{} {verb} `{}`", self.file, self.text)
        })
    }
}

/// A text with every run of white space as one space: how lines are broken says nothing.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn settle(check: bool) -> Result<(), String> {
    let path = tools::root().join("kqueue-safe/README.md");
    let present = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
    let (before, rest) = present
        .split_once(BEGIN)
        .ok_or("kqueue-safe/README.md has no place for the table")?;
    let (_, after) = rest
        .split_once(END)
        .ok_or("kqueue-safe/README.md: the table has no end")?;
    let wanted = format!("{before}{BEGIN}\n{}\n{END}{after}", tables());
    if present == wanted {
        println!("kqueue-safe/README.md: as the sources say");
        return Ok(());
    }
    if check {
        return Err("kqueue-safe/README.md: `cargo xtask compare` gives another table".to_owned());
    }
    fs::write(&path, wanted).map_err(|error| at(&path, &error))?;
    println!("kqueue-safe/README.md: written");
    Ok(())
}

fn tables() -> String {
    let heads: Vec<String> = CRATES[..COLUMNS]
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let table = |title: &str, rows: &[Row]| {
        let mut text = format!(
            "| {title} | kqueue-safe | {} |\n|---|---|---|---|---|---|\n",
            heads.join(" | ")
        );
        for row in rows {
            let others: Vec<&str> = row.others.iter().map(|cell| cell.text).collect();
            text.push_str(&format!(
                "| {} | {} | {} |\n",
                row.what,
                row.ours,
                others.join(" | ")
            ));
        }
        text
    };
    format!(
        "{}\n{}",
        table("", PROPERTIES),
        table("system calls; allocations", OPERATIONS)
    )
}
