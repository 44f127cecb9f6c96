//! TOML files whose mistakes are told with file, line and key.
//!
//! [`TomlFile`] is a file's text, [`Section`] one table of it. A section hands out its keys one by one, knows which were asked for, and
//! [`finish`](Section::finish) complains about the others, so that a misspelt key is an error and not a default.

mod scalar;
mod section;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::failure::Failure;

pub use section::{Item, Section};

/// A file's name and text.
pub struct TomlFile {
    path: PathBuf,
    text: String,
}

impl TomlFile {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure::usage(path.display(), error))?;
        Ok(Self::from_text(path, text))
    }

    pub fn from_text(path: &Path, text: String) -> Self {
        Self {
            path: path.to_owned(),
            text,
        }
    }

    /// Parses the text and gives its top table to `read`.
    pub fn parse<T>(
        &self,
        read: impl FnOnce(&mut Section<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let table = DeTable::parse(&self.text).map_err(|error| {
            let at = error.span().unwrap_or(0..0);
            // The parser's message may have lines of its own.
            let message: Vec<_> = error.message().lines().map(str::trim).collect();
            self.mistake(&at, "not TOML", message.join(", "))
        })?;
        let span = table.span();
        let mut section = Section::new(self, String::new(), span, table.into_inner());
        let value = read(&mut section)?;
        section.finish()?;
        Ok(value)
    }

    /// `file:line: what: why`.
    fn mistake(
        &self,
        at: &Range<usize>,
        what: impl fmt::Display,
        why: impl fmt::Display,
    ) -> Failure {
        let line = 1 + self.text[..at.start.min(self.text.len())]
            .matches('\n')
            .count();
        Failure::usage(format_args!("{}:{line}: {what}", self.path.display()), why)
    }
}
