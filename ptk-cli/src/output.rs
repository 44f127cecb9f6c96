//! Writing to standard output and error without a panic when nobody reads.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use crate::failure::Failure;

/// What a failed write to `what` means: a closed pipe ends the command quietly.
pub fn failed(what: impl fmt::Display, error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::new(what, error),
    }
}

/// Writes `text` to standard output, all of it.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| failed("standard output", &error))
}

/// Writes a line to standard output.
pub fn line(text: impl fmt::Display) -> Result<(), Failure> {
    print(&format!("{text}\n"))
}

/// Writes a line to standard error, where it is no harm if nobody listens.
pub fn note(text: impl fmt::Display) {
    let _ = io::stderr()
        .lock()
        .write_all(format!("{text}\n").as_bytes());
}

/// A field of a CSV line (RFC 4180): in quotes where it needs them.
pub fn csv(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::csv;

    #[test]
    fn csv_quotes_what_needs_it() {
        assert_eq!(csv("plain"), "plain");
        assert_eq!(csv("a,b"), "\"a,b\"");
        assert_eq!(csv("say \"x\""), "\"say \"\"x\"\"\"");
    }
}
