//! The differences that are known, each with its reason: `xtask/explained.toml`.

use std::fs;

use serde::Deserialize;

use crate::tools::{self, at};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    difference: Vec<Difference>,
}

/// One known difference.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The files of bindings in which it occurs; `*` for all.
    pub files: Vec<String>,
    /// What differs, as the audit's first column names it; a `*` stands for any text.
    pub rows: Vec<String>,
    /// Which source stands alone: `libc lacks it`, `libc differs` or `no header`.
    pub kind: String,
    /// The reason.
    pub because: String,
}

/// Reads the file.
///
/// # Errors
/// When it cannot be read, or is not of the form that the struct above has.
pub fn read() -> Result<Vec<Difference>, String> {
    let path = tools::root().join("xtask/explained.toml");
    let text = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
    let document: Document =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(document.difference)
}

impl Difference {
    /// Whether this entry is about that row.
    pub fn covers(&self, file: &str, row: &str, kind: &str) -> bool {
        self.kind == kind
            && self.files.iter().any(|pattern| matches(pattern, file))
            && self.rows.iter().any(|pattern| matches(pattern, row))
    }
}

/// Whether the text is of the pattern's form: at most one `*`, which stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("NOTE_*", "NOTE_EXIT"));
        assert!(matches("*", ""));
        assert!(matches("netbsd_*0", "netbsd_kevent100"));
        assert!(!matches("EV_ADD", "EV_ADDED"));
        assert!(!matches("aa*aa", "aaa"));
    }
}
