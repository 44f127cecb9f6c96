//! `cargo xtask audit`: does every Rust declaration equal the C one, on every system, and who says so?
//!
//! For each target three sources are put side by side: the system's header as clang sees it (through bindgen), the checked-in file as rustc
//! lays it out for that target, and the crate `libc` as rustc lays it out. Each row is an agreement or a difference; a difference that
//! `xtask/explained.toml` does not explain fails, and so does an explanation that explains nothing. A second list has every `unsafe` and every extern
//! declaration of the workspace with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde::Serialize;

use crate::bindings::{self, systems};
use crate::tools::at;

mod explained;
mod mutations;
mod probe;
mod unsafe_code;
mod witness;

use explained::Difference;
use probe::{Library, Questions, Subject};
use witness::Witness;

#[derive(clap::Args)]
pub struct Arguments {
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
    /// Write the text and the JSON into this folder as well (`audit.txt`, `audit.json`).
    #[arg(long)]
    output: Option<PathBuf>,
    /// Only the rows that differ and the unsafe code without a reason, and only the count of the others.
    #[arg(long)]
    brief: bool,
    /// Only targets whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Only the list of unsafe code and extern declarations; needs no tools.
    #[arg(long)]
    unsafe_code: bool,
    /// Plant mistakes in copies of the files, one at a time, and name the checks that find each.
    #[arg(long)]
    mutations: bool,
}

/// One statement and what each source says.
#[derive(Serialize)]
struct Row {
    subject: String,
    header: Option<String>,
    checked_in: Option<String>,
    libc: Option<String>,
    verdict: Verdict,
}

#[derive(Serialize, PartialEq, Eq, Clone)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Verdict {
    /// All sources say the same.
    Agreed,
    /// A known difference.
    Explained { kind: String, because: String },
    /// A mistake, until somebody explains it.
    Unexplained { kind: String },
}

/// One target's table.
#[derive(Serialize)]
struct Table {
    file: String,
    target: String,
    system: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Report {
    tables: Vec<Table>,
    outdated_explanations: Vec<String>,
    unsafe_code: Vec<unsafe_code::Place>,
}

pub fn run(arguments: &Arguments) -> Result<(), String> {
    if arguments.unsafe_code {
        let report = Report {
            tables: Vec::new(),
            outdated_explanations: Vec::new(),
            unsafe_code: unsafe_code::places()?,
        };
        println!("{}", text(&report, false));
        return verdict(&report);
    }
    if let Some(done) = bindings::with_libclang()? {
        return done;
    }
    let explained = explained::read()?;
    let selected = |target: &&systems::Target| target.rust.contains(&arguments.only);
    let targets: BTreeSet<_> = systems::FILES
        .iter()
        .flat_map(|file| file.targets)
        .filter(selected)
        .map(|target| target.rust)
        .collect();
    let libraries = probe::libraries(&targets.into_iter().collect::<Vec<_>>())?;
    if arguments.mutations {
        return mutations::run(&libraries);
    }
    let mut used = BTreeSet::new();
    let mut tables = Vec::new();
    for file in systems::FILES {
        for target in file.targets.iter().filter(selected) {
            let library = library(&libraries, target.rust)?;
            let header = header(file, target)?;
            let rows = compare(
                file.name,
                header,
                &bindings::path(file.name),
                library,
                &explained,
                &mut used,
            )?;
            tables.push(Table {
                file: file.name.to_owned(),
                target: target.rust.to_owned(),
                system: file.system.to_owned(),
                rows,
            });
        }
    }
    let unused = explained
        .iter()
        .enumerate()
        .filter(|(index, _)| arguments.only.is_empty() && !used.contains(index));
    let report = Report {
        tables,
        outdated_explanations: unused
            .map(|(_, entry)| format!("{}: {}", entry.rows.join(", "), entry.because))
            .collect(),
        unsafe_code: unsafe_code::places()?,
    };
    let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
    let text = text(&report, arguments.brief);
    if let Some(folder) = &arguments.output {
        fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
        for (name, contents) in [
            ("audit.txt", &self::text(&report, false)),
            ("audit.json", &json),
        ] {
            let path = folder.join(name);
            fs::write(&path, contents).map_err(|error| at(&path, &error))?;
        }
    }
    println!("{}", if arguments.json { &json } else { &text });
    verdict(&report)
}

fn library<'a>(libraries: &'a [Library], target: &str) -> Result<&'a Library, String> {
    libraries
        .iter()
        .find(|library| library.target == target)
        .ok_or_else(|| format!("no library for {target}"))
}

/// The header's account for a target, and the text it was read from; nothing where there is no header.
fn header(file: &systems::File, target: &systems::Target) -> Result<Option<Witness>, String> {
    if matches!(file.source, systems::Source::LibcCrate) {
        return Ok(None);
    }
    let (_, body) = bindings::declarations(file, target)?;
    Ok(Some(witness::of_header(&body, target.rust)))
}

/// All rows of one target. `used` collects the explanations that were needed.
fn compare(
    name: &str,
    header: Option<Witness>,
    file: &std::path::Path,
    library: &Library,
    explained: &[Difference],
    used: &mut BTreeSet<usize>,
) -> Result<Vec<Row>, String> {
    let text = fs::read_to_string(file).map_err(|error| at(file, &error))?;
    let questions = Questions {
        structs: witness::structs(&text),
        constants: witness::constants(&text),
        functions: witness::functions(&text),
    };
    let checked_in = probe::ask(library, &Subject::File(file), &questions)?;
    let libc = probe::ask(library, &Subject::Libc, &questions)?;
    let empty = BTreeMap::new();
    let subjects: BTreeSet<_> = checked_in
        .keys()
        .chain(header.as_ref().unwrap_or(&empty).keys())
        .cloned()
        .collect();
    Ok(subjects
        .into_iter()
        .map(|subject| {
            let (a, b, c) = (
                header.as_ref().and_then(|header| header.get(&subject)),
                checked_in.get(&subject),
                libc.get(&subject),
            );
            let verdict = judge(name, &subject, (a, b, c), header.is_some(), explained, used);
            Row {
                subject,
                header: a.cloned(),
                checked_in: b.cloned(),
                libc: c.cloned(),
                verdict,
            }
        })
        .collect())
}

fn judge(
    file: &str,
    subject: &str,
    (header, checked_in, libc): (Option<&String>, Option<&String>, Option<&String>),
    has_header: bool,
    explained: &[Difference],
    used: &mut BTreeSet<usize>,
) -> Verdict {
    // Header and file must agree: no explanation helps there, except where there is no header at all.
    let mut kinds = Vec::new();
    if !has_header {
        kinds.push("no header");
    } else if header != checked_in {
        return Verdict::Unexplained {
            kind: "the file is not what the header says".to_owned(),
        };
    }
    if libc.is_none() {
        kinds.push("libc lacks it");
    } else if libc != checked_in {
        kinds.push("libc differs");
    }
    let mut reasons = Vec::new();
    for kind in kinds {
        let entry = explained
            .iter()
            .enumerate()
            .find(|(_, entry)| entry.covers(file, subject, kind));
        let Some((index, entry)) = entry else {
            return Verdict::Unexplained {
                kind: kind.to_owned(),
            };
        };
        used.insert(index);
        reasons.push((kind, entry.because.as_str()));
    }
    match reasons.as_slice() {
        [] => Verdict::Agreed,
        reasons => Verdict::Explained {
            kind: reasons
                .iter()
                .map(|(kind, _)| *kind)
                .collect::<Vec<_>>()
                .join("; "),
            because: reasons
                .iter()
                .map(|(_, because)| *because)
                .collect::<Vec<_>>()
                .join(" "),
        },
    }
}

fn text(report: &Report, brief: bool) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    for table in &report.tables {
        let agreed = table
            .rows
            .iter()
            .filter(|row| row.verdict == Verdict::Agreed)
            .count();
        let unexplained = table
            .rows
            .iter()
            .filter(|row| matches!(row.verdict, Verdict::Unexplained { .. }))
            .count();
        let _ = writeln!(
            out,
            "\n{}  ({}, {}.rs): {} rows, {agreed} agreed by all three sources, {} explained, {unexplained} unexplained",
            table.target,
            table.system,
            table.file,
            table.rows.len(),
            table.rows.len() - agreed - unexplained
        );
        let _ = writeln!(
            out,
            "  {:<38} {:<28} {:<28} {:<28}",
            "", "header (clang)", "checked in (rustc)", "crate libc (rustc)"
        );
        for row in table
            .rows
            .iter()
            .filter(|row| !brief || row.verdict != Verdict::Agreed)
        {
            let note = match &row.verdict {
                Verdict::Agreed => String::new(),
                Verdict::Explained { kind, because } => format!("  {kind}: {because}"),
                Verdict::Unexplained { kind } => format!("  UNEXPLAINED: {kind}"),
            };
            let _ = writeln!(
                out,
                "  {:<38} {:<28} {:<28} {:<28}{note}",
                row.subject,
                shown(&row.header),
                shown(&row.checked_in),
                shown(&row.libc)
            );
        }
    }
    for entry in &report.outdated_explanations {
        let _ = writeln!(out, "\nOUTDATED: an explanation explains nothing: {entry}");
    }
    let _ = writeln!(
        out,
        "\nunsafe code and extern declarations: {} places",
        report.unsafe_code.len()
    );
    for place in report
        .unsafe_code
        .iter()
        .filter(|place| !brief || place.reason.is_none())
    {
        let _ = writeln!(
            out,
            "  {}:{}: {}: {}",
            place.file,
            place.line,
            place.kind,
            place.reason.as_deref().unwrap_or("NO REASON GIVEN")
        );
    }
    out
}

fn verdict(report: &Report) -> Result<(), String> {
    let unexplained = report.tables.iter().flat_map(|table| &table.rows);
    let unexplained = unexplained
        .filter(|row| matches!(row.verdict, Verdict::Unexplained { .. }))
        .count();
    let silent = report
        .unsafe_code
        .iter()
        .filter(|place| place.reason.is_none())
        .count();
    let outdated = report.outdated_explanations.len();
    if unexplained + silent + outdated == 0 {
        let rows: usize = report.tables.iter().map(|table| table.rows.len()).sum();
        eprintln!(
            "audit: {} targets, {rows} rows, no unexplained difference",
            report.tables.len()
        );
        return Ok(());
    }
    Err(format!(
        "{unexplained} unexplained differences, {outdated} outdated explanations, {silent} places of unsafe code without a reason"
    ))
}
