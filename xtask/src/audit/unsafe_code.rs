//! Every `unsafe` and every extern declaration of the workspace, with the reason that stands beside it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::tools::{self, at};

/// One place.
#[derive(Serialize)]
pub struct Place {
    pub file: String,
    pub line: usize,
    /// `unsafe block`, `unsafe fn`, `unsafe impl`, `extern declaration`, `exported symbol`.
    pub kind: &'static str,
    pub reason: Option<String>,
}

/// All places, by file and line.
///
/// # Errors
/// When a source file cannot be read.
pub fn places() -> Result<Vec<Place>, String> {
    let mut files = Vec::new();
    collect(tools::root(), &mut files)?;
    files.sort();
    let mut found = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
        let name = path
            .strip_prefix(tools::root())
            .unwrap_or(&path)
            .display()
            .to_string();
        found.extend(
            in_text(&text)
                .into_iter()
                .map(|(line, kind, reason)| Place {
                    file: name.clone(),
                    line,
                    kind,
                    reason,
                }),
        );
    }
    Ok(found)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| at(folder, &error))? {
        let path = entry.map_err(|error| at(folder, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                collect(&path, files)?;
            }
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The places of one file: line, kind and reason.
pub fn in_text(text: &str) -> Vec<(usize, &'static str, Option<String>)> {
    let lines: Vec<&str> = text.lines().collect();
    let code = code_only(text);
    let mut found = Vec::new();
    // The reason that stands above the extern block that we are in.
    let mut inside_extern: Option<Option<String>> = None;
    for (index, line) in code.lines().enumerate() {
        let words = line.trim_start();
        if words.starts_with("unsafe extern") && words.ends_with('{') {
            inside_extern = Some(reason(&lines, index, true));
            continue;
        }
        if let Some(above) = &inside_extern {
            if words.starts_with('}') {
                inside_extern = None;
            } else if words.contains("fn ") || words.contains("static ") {
                let own = reason(&lines, index, true);
                found.push((
                    index + 1,
                    "extern declaration",
                    own.or_else(|| above.clone()),
                ));
            }
            continue;
        }
        if words.starts_with("#[unsafe(no_mangle)]") || words.starts_with("#[unsafe(export_name") {
            found.push((index + 1, "exported symbol", reason(&lines, index, true)));
            continue;
        }
        let mut rest = words;
        while let Some((before, after)) = rest.split_once("unsafe") {
            let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
                && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '(');
            let next = after.trim_start();
            rest = after;
            if !whole {
                continue;
            }
            if next.starts_with("impl") {
                found.push((index + 1, "unsafe impl", reason(&lines, index, false)));
            } else if next.starts_with("trait") {
                found.push((index + 1, "unsafe trait", reason(&lines, index, true)));
            } else if next.starts_with("fn ") || next.starts_with("extern") {
                // A function pointer's type is `unsafe fn(...)` without a name.
                let after_fn = next.split_once("fn").map_or("", |(_, after)| after);
                if after_fn.starts_with(' ') {
                    found.push((index + 1, "unsafe fn", reason(&lines, index, true)));
                }
            } else if next.starts_with('{') || next.is_empty() {
                found.push((index + 1, "unsafe block", reason(&lines, index, false)));
            }
        }
    }
    found
}

/// The text after `SAFETY:` in the comment above or on the line, or, where documentation serves as well, the section `# Safety` or the
/// documentation itself.
fn reason(lines: &[&str], index: usize, documented: bool) -> Option<String> {
    let mut comment = Vec::new();
    let mut above = index;
    let mut skipped = 0;
    // A comment may stand above the statement of which the block is a later line, or above attributes.
    while above > 0 {
        above -= 1;
        let line = lines[above].trim();
        if line.starts_with("//") {
            comment.push(line.trim_start_matches('/').trim_start_matches('!').trim());
        } else if !comment.is_empty()
            || line.is_empty()
            || skipped == 6
            || (line.ends_with(';') || line == "}") && !line.starts_with("#[")
        {
            break;
        } else {
            skipped += 1;
        }
    }
    comment.reverse();
    let inline = lines[index]
        .split_once("// SAFETY:")
        .map(|(_, text)| text.trim().to_owned());
    // ... or be the first line inside of the block.
    let inside = lines
        .get(index + 1)
        .and_then(|line| line.trim().strip_prefix("// SAFETY:"))
        .map(|text| text.trim().to_owned());
    let joined = comment.join(" ");
    let marked = joined
        .split_once("SAFETY:")
        .map(|(_, text)| text.trim().to_owned());
    let section = joined
        .split_once("# Safety")
        .map(|(_, text)| text.trim().to_owned());
    let whole = (documented && !joined.is_empty()).then_some(joined);
    marked
        .or(inline)
        .or(inside)
        .or(section.filter(|_| documented))
        .or(whole)
        .filter(|text| !text.is_empty())
}

/// The text with comments, strings and character literals blanked, line by line.
fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut previous = ' ';
    while let Some(character) = characters.next() {
        match character {
            '/' if characters.peek() == Some(&'/') => {
                for skipped in characters.by_ref() {
                    if skipped == '\n' {
                        out.push('\n');
                        break;
                    }
                }
            }
            '/' if characters.peek() == Some(&'*') => {
                let mut last = ' ';
                for skipped in characters.by_ref() {
                    if skipped == '\n' {
                        out.push('\n');
                    }
                    if last == '*' && skipped == '/' {
                        break;
                    }
                    last = skipped;
                }
            }
            'r' if !previous.is_alphanumeric()
                && previous != '_'
                && matches!(characters.peek(), Some('"' | '#')) =>
            {
                raw_string(&mut characters, &mut out);
            }
            '"' => {
                out.push('"');
                let mut escaped = false;
                for skipped in characters.by_ref() {
                    if skipped == '\n' {
                        out.push('\n');
                    }
                    if !escaped && skipped == '"' {
                        break;
                    }
                    escaped = skipped == '\\' && !escaped;
                }
                out.push('"');
            }
            '\'' => {
                // A character literal or a lifetime: the former has its closing quote at once.
                let mut ahead = characters.clone();
                let first = ahead.next();
                if first == Some('\\') || ahead.next() == Some('\'') {
                    let mut escaped = false;
                    for skipped in characters.by_ref() {
                        if !escaped && skipped == '\'' {
                            break;
                        }
                        escaped = skipped == '\\' && !escaped;
                    }
                }
            }
            other => out.push(other),
        }
        previous = character;
    }
    out
}

fn raw_string(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let mut hashes = 0;
    while characters.peek() == Some(&'#') {
        characters.next();
        hashes += 1;
    }
    if characters.next_if_eq(&'"').is_none() {
        // `r#name`, not a string.
        return;
    }
    let mut closing: Option<usize> = None;
    for skipped in characters.by_ref() {
        closing = match (skipped, closing) {
            ('"', _) => Some(0),
            ('#', Some(count)) => Some(count + 1),
            _ => None,
        };
        if skipped == '\n' {
            out.push('\n');
        }
        if closing == Some(hashes) {
            break;
        }
    }
    out.push_str("\"\"");
}

#[cfg(test)]
mod tests {
    use super::in_text;

    #[test]
    fn places_are_found_with_their_reasons() {
        let text = "\
// unsafe in a comment
fn f() {
    let text = \"unsafe {\";
    let raw = r#\"unsafe { \"# ;
    let c = '\"';
    // SAFETY: nothing happens
    // at all.
    unsafe {}
    let x: unsafe fn(i32) = g;
    unsafe { h() } // SAFETY: inline
}
/// Does it.
///
/// # Safety
/// None needed.
unsafe fn k() {}
unsafe impl Send for T {}
unsafe extern \"C\" {
    /// From the library.
    fn l();
}
";
        let found: Vec<_> = in_text(text)
            .into_iter()
            .map(|(line, kind, reason)| (line, kind, reason.unwrap_or_default()))
            .collect();
        assert_eq!(
            found,
            [
                (8, "unsafe block", "nothing happens at all.".to_owned()),
                (10, "unsafe block", "inline".to_owned()),
                (16, "unsafe fn", "None needed.".to_owned()),
                (17, "unsafe impl", String::new()),
                (20, "extern declaration", "From the library.".to_owned()),
            ]
        );
    }
}
