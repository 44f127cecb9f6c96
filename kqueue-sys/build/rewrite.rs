//! What is done to bindgen's text before it becomes a file: names that only some systems' headers use go away, values are cut to their
//! field's width, every item gets its documentation, and the aliases and the list of constants are added.
//!
//! No declaration is added or left out here, and no layout is changed: bindgen's own assertions of size, alignment and offsets stay in the
//! text and are compiled with it.

use super::meanings;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Types that the headers spell through names of their own, and the Rust types that have their size on every system.
pub const FIXED: &[(&str, &str)] = &[
    ("__uintptr_t", "usize"),
    ("uintptr_t", "usize"),
    ("__intptr_t", "isize"),
    ("intptr_t", "isize"),
    ("__darwin_intptr_t", "isize"),
    ("__int16_t", "i16"),
    ("__uint16_t", "u16"),
    ("__int32_t", "i32"),
    ("__uint32_t", "u32"),
    ("__int64_t", "i64"),
    ("__uint64_t", "u64"),
];

/// Turns bindgen's text into the module's text.
///
/// # Errors
/// When the text has no `kevent`, or a constant that does not fit into its field.
pub fn rewrite(text: &str) -> Result<String, String> {
    let mut names: BTreeMap<String, String> = FIXED.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    let mut lines = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("pub type ").and_then(|rest| rest.strip_suffix(';')?.split_once(" = ")) {
            Some((alias, meaning)) => {
                names.insert(alias.to_owned(), meaning.to_owned());
            }
            None => lines.push(line),
        }
    }

    let mut constants = Vec::new();
    let mut out = String::new();
    let mut structure = None;
    let mut fields: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut in_kevent_call = false;
    let mut count = None;
    let mut pending_attributes = Vec::new();
    for line in lines {
        let mut line = substitute(line, &names);
        let trimmed = line.trim_start();
        let indent = " ".repeat(line.len() - trimmed.len());
        if trimmed.starts_with("#[") {
            pending_attributes.push(line);
            continue;
        }
        if let Some((name, kind, value)) = constant(trimmed) {
            let value = fit(name, kind, value)?;
            let (name, kind) = (name.to_owned(), kind.to_owned());
            constants.push(name.clone());
            let _ = writeln!(out, "/// {}", meanings::of_constant(&name));
            line = format!("pub const {name}: {kind} = {};", literal(&kind, value));
        } else if let Some(name) = trimmed.strip_prefix("pub struct ").and_then(|rest| rest.strip_suffix(" {")) {
            let _ = writeln!(out, "/// {}", meanings::of_struct(name));
            structure = Some(name.to_owned());
        } else if trimmed.starts_with("pub fn ") {
            let name = trimmed["pub fn ".len()..].split('(').next().unwrap_or_default().to_owned();
            for text in meanings::of_function(&name) {
                let _ = writeln!(out, "{}", format!("{indent}/// {text}").trim_end());
            }
            in_kevent_call = name == "kevent";
        } else if let (Some(name), Some(rest)) = (&structure, trimmed.strip_prefix("pub ")) {
            if let Some((field, kind)) = rest.strip_suffix(',').and_then(|rest| rest.split_once(": ")) {
                let _ = writeln!(out, "{indent}/// {}", meanings::of_field(field));
                fields.insert((name.clone(), field.to_owned()), kind.to_owned());
            }
        } else if in_kevent_call && (trimmed.starts_with("nchanges: ") || trimmed.starts_with("arg3: ")) {
            count = trimmed.split_once(": ").map(|(_, kind)| kind.trim_end_matches(',').to_owned());
        }
        if trimmed_is_end(&line) {
            structure = None;
            in_kevent_call = false;
        }
        for attribute in pending_attributes.drain(..) {
            let _ = writeln!(out, "{attribute}");
        }
        let _ = writeln!(out, "{line}");
    }
    let count = count.ok_or("the header declares no function `kevent`")?;
    aliases(&mut out, &fields, &count)?;
    list(&mut out, &constants);
    Ok(out)
}

fn trimmed_is_end(line: &str) -> bool {
    line == "}"
}

/// Replaces every name of the table, word by word, until none is left.
fn substitute(line: &str, names: &BTreeMap<String, String>) -> String {
    let mut line = line.to_owned();
    for _ in 0..8 {
        let mut next = String::with_capacity(line.len());
        let mut word = String::new();
        for character in line.chars().chain(['\n']) {
            if character.is_ascii_alphanumeric() || character == '_' {
                word.push(character);
                continue;
            }
            next.push_str(names.get(&word).map_or(word.as_str(), String::as_str));
            word.clear();
            next.push(character);
        }
        next.pop();
        if next == line {
            break;
        }
        line = next;
    }
    line
}

fn constant(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.strip_prefix("pub const ")?.split_once(": ")?;
    let (kind, value) = rest.strip_suffix(';')?.split_once(" = ")?;
    Some((name, kind, value))
}

/// The value as the field holds it: bindgen computes in 64 bits, C in the operand's width, so `~0x000fffff` has its upper half too much.
fn fit(name: &str, kind: &str, value: &str) -> Result<i64, String> {
    let wide: i128 = value.parse().map_err(|_| format!("{name}: `{value}` is not a number"))?;
    let wide = if wide > i128::from(i64::MAX) { wide - (1 << 64) } else { wide };
    let (low, high) = match kind {
        "i16" => (i128::from(i16::MIN), i128::from(i16::MAX)),
        "u16" => (0, i128::from(u16::MAX)),
        "u32" => (0, i128::from(u32::MAX)),
        other => return Err(format!("{name}: constants of type `{other}` were not expected")),
    };
    let wide = if kind == "u32" && (i128::from(i32::MIN)..0).contains(&wide) { wide + (1 << 32) } else { wide };
    if (low..=high).contains(&wide) {
        i64::try_from(wide).map_err(|e| e.to_string())
    } else {
        Err(format!("{name}: {value} does not fit into {kind}"))
    }
}

/// Filters in decimal, bits in hexadecimal.
fn literal(kind: &str, value: i64) -> String {
    match kind {
        "u16" => format!("0x{value:04x}"),
        "u32" if value > 32 => format!("0x{:04x}_{:04x}", value >> 16, value & 0xffff),
        _ => value.to_string(),
    }
}

fn aliases(out: &mut String, fields: &BTreeMap<(String, String), String>, count: &str) -> Result<(), String> {
    let wanted = [
        ("ident_t", "ident"),
        ("filter_t", "filter"),
        ("flags_t", "flags"),
        ("fflags_t", "fflags"),
        ("data_t", "data"),
        ("udata_t", "udata"),
    ];
    for (alias, field) in wanted {
        let kind = fields
            .get(&("kevent".to_owned(), field.to_owned()))
            .ok_or_else(|| format!("`struct kevent` has no field `{field}`"))?;
        let _ = writeln!(out, "/// The type of [`kevent`]'s field `{field}` on this system.\npub type {alias} = {kind};");
    }
    let _ = writeln!(out, "/// The type of the two counts that [`kevent`](fn@kevent) takes on this system.\npub type count_t = {count};");
    Ok(())
}

fn list(out: &mut String, constants: &[String]) {
    let _ = writeln!(out, "/// Every constant of this system by name, with its value, in the header's order.\npub const CONSTANTS: &[(&str, i64)] = &[");
    for name in constants {
        let _ = writeln!(out, "    (\"{name}\", {name} as i64),");
    }
    let _ = writeln!(out, "];");
}
