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
    let mut names: BTreeMap<String, String> = FIXED
        .iter()
        .map(|(name, kind)| (name.to_string(), kind.to_string()))
        .collect();
    let mut rest = Vec::new();
    for line in text.lines() {
        match line
            .strip_prefix("pub type ")
            .and_then(|line| line.strip_suffix(';')?.split_once(" = "))
        {
            Some((alias, kind)) => drop(names.insert(alias.to_owned(), kind.to_owned())),
            None => rest.push(line),
        }
    }
    let mut rewriter = Rewriter::default();
    for line in rest {
        rewriter.line(&substitute(line, &names))?;
    }
    rewriter.finish()
}

/// The module's text so far, and where in bindgen's text we are.
#[derive(Default)]
struct Rewriter {
    out: String,
    /// Attributes that wait for their item, because its documentation goes before them.
    attributes: Vec<String>,
    /// The struct or function whose lines these are.
    inside: String,
    constants: Vec<String>,
    /// The fields of `struct kevent` with their types.
    fields: BTreeMap<String, String>,
    /// The type of `kevent`'s third parameter.
    count: Option<String>,
}

impl Rewriter {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let trimmed = line.trim_start();
        if trimmed.starts_with("#[") {
            self.attributes.push(line.to_owned());
            return Ok(());
        }
        let mut line = line.to_owned();
        if let Some((name, kind, value)) = constant(trimmed) {
            self.document(&[&meanings::of_constant(name)]);
            self.constants.push(name.to_owned());
            line = format!(
                "pub const {name}: {kind} = {};",
                literal(kind, fit(name, kind, value)?)
            );
        } else if let Some(name) = trimmed
            .strip_prefix("pub struct ")
            .and_then(|rest| rest.strip_suffix(" {"))
        {
            self.document(&[meanings::of_struct(name)]);
            self.inside = name.to_owned();
        } else if let Some(rest) = trimmed.strip_prefix("pub fn ") {
            let name = rest.split('(').next().unwrap_or_default();
            self.document(meanings::of_function(name));
            self.inside = format!("fn {name}");
        } else if let Some((field, kind)) = member(trimmed) {
            if let Some(field) = field.strip_prefix("pub ") {
                self.document(&[meanings::of_field(field)]);
                if self.inside == "kevent" {
                    self.fields.insert(field.to_owned(), kind.to_owned());
                }
            } else if self.inside == "fn kevent" && ["nchanges", "arg3"].contains(&field) {
                self.count = Some(kind.to_owned());
            }
        } else if line == "}" {
            self.inside.clear();
        }
        for attribute in self.attributes.drain(..) {
            let _ = writeln!(self.out, "{attribute}");
        }
        let _ = writeln!(self.out, "{line}");
        Ok(())
    }

    fn document(&mut self, lines: &[&str]) {
        for line in lines {
            let _ = writeln!(self.out, "{}", format!("/// {line}").trim_end());
        }
    }

    fn finish(mut self) -> Result<String, String> {
        for field in ["ident", "filter", "flags", "fflags", "data", "udata"] {
            let kind = self
                .fields
                .get(field)
                .ok_or_else(|| format!("`struct kevent` has no field `{field}`"))?;
            let _ = writeln!(
                self.out,
                "/// The type of [`kevent`](struct@kevent)'s field `{field}` on this system.\npub type {field}_t = {kind};"
            );
        }
        let count = self
            .count
            .ok_or("the header declares no function `kevent`")?;
        let _ = writeln!(
            self.out,
            "/// The type of the two counts that [`kevent`](fn@kevent) takes on this system.\npub type count_t = {count};\n\
             /// Every constant of this system by name, with its value, in the header's order.\npub const CONSTANTS: &[(&str, i64)] = &["
        );
        for name in self.constants {
            let _ = writeln!(self.out, "    (\"{name}\", {name} as i64),");
        }
        self.out.push_str("];\n");
        Ok(self.out)
    }
}

/// A field or parameter on a line of its own.
fn member(line: &str) -> Option<(&str, &str)> {
    line.strip_suffix(',')?.split_once(": ")
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
    let wide: i128 = value
        .parse()
        .map_err(|_| format!("{name}: `{value}` is not a number"))?;
    let wide = if wide > i128::from(i64::MAX) {
        wide - (1 << 64)
    } else {
        wide
    };
    let (low, high) = match kind {
        "i16" => (i128::from(i16::MIN), i128::from(i16::MAX)),
        "u16" => (0, i128::from(u16::MAX)),
        "u32" => (0, i128::from(u32::MAX)),
        other => {
            return Err(format!(
                "{name}: constants of type `{other}` were not expected"
            ));
        }
    };
    let wide = if kind == "u32" && (i128::from(i32::MIN)..0).contains(&wide) {
        wide + (1 << 32)
    } else {
        wide
    };
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
        "u32" if value > 9 => format!("0x{:04x}_{:04x}", value >> 16, value & 0xffff),
        _ => value.to_string(),
    }
}
