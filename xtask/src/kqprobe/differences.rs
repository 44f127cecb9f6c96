//! Reads `kqueue-linux/DIFFERENCES.md`: one heading per probe, our line or lines in a fenced block, the reason around it.

use std::collections::BTreeMap;

/// The words that mark an entry whose line is another on other versions of Linux.
const DEPENDS: &str = "Depends on the kernel";

/// One probe whose line is not FreeBSD's.
pub struct Difference {
    /// Every line that is allowed, as the probe prints it.
    pub lines: Vec<String>,
    /// The line may also be FreeBSD's: newer versions of Linux can do it.
    pub depends_on_the_kernel: bool,
}

/// The entries by the probe's id. An entry without a line or without a reason is an error.
pub fn parse(text: &str) -> Result<BTreeMap<String, Difference>, String> {
    let mut entries = BTreeMap::new();
    let mut parts = text.split("\n### ");
    parts.next();
    for part in parts {
        let part = part.split("\n## ").next().unwrap_or(part);
        let id = part.split_whitespace().next().ok_or("an empty heading")?;
        let mut reason = 0;
        let mut lines = Vec::new();
        let mut inside = false;
        for line in part.lines().skip(1) {
            if line.starts_with("```") {
                inside = !inside;
            } else if inside {
                if line.split_whitespace().next() != Some(id) {
                    return Err(format!("{id}: this line is another probe's: {line}"));
                }
                lines.push(line.to_owned());
            } else {
                reason += line.trim().len();
            }
        }
        if lines.is_empty() || reason < 20 || inside {
            return Err(format!(
                "{id}: an entry has a fenced block with our line, and a reason"
            ));
        }
        let difference = Difference {
            lines,
            depends_on_the_kernel: part.contains(DEPENDS),
        };
        if entries.insert(id.to_owned(), difference).is_some() {
            return Err(format!("{id}: two entries"));
        }
    }
    Ok(entries)
}
