//! Why a command failed, as one line.

use std::fmt;

/// A line for standard error, without the program's name.
pub struct Failure(String);

impl Failure {
    /// `what` failed because of `why`.
    pub fn new(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self(format!("{what}: {why}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
