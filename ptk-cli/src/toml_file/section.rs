//! One table of a TOML file.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::TomlFile;
use super::scalar::{self, Number};
use crate::failure::Failure;

/// A table, with the path of keys that leads to it, for messages: `device[2].tag[0]`.
pub struct Section<'f> {
    file: &'f TomlFile,
    path: String,
    span: Range<usize>,
    entries: Vec<(String, Range<usize>, Spanned<DeValue<'f>>)>,
    /// The keys that were asked for, there or not: what a complaint about another one lists.
    known: Vec<&'static str>,
}

/// A value with its place in the file.
pub struct Item<'f> {
    file: &'f TomlFile,
    pub path: String,
    span: Range<usize>,
    value: DeValue<'f>,
}

impl<'f> Section<'f> {
    pub(super) fn new(
        file: &'f TomlFile,
        path: String,
        span: Range<usize>,
        table: DeTable<'f>,
    ) -> Self {
        let entries = table
            .into_iter()
            .map(|(key, value)| (key.get_ref().to_string(), key.span(), value))
            .collect();
        Self {
            file,
            path,
            span,
            entries,
            known: Vec::new(),
        }
    }

    /// An error about the whole section.
    pub fn mistake(&self, why: impl fmt::Display) -> Failure {
        let what = if self.path.is_empty() {
            "the file"
        } else {
            &self.path
        };
        self.file.mistake(&self.span, what, why)
    }

    fn below(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Takes a key's value, if it is there.
    pub fn take(&mut self, key: &'static str) -> Option<Item<'f>> {
        self.known.push(key);
        let index = self.entries.iter().position(|(name, ..)| name == key)?;
        let (_, _, value) = self.entries.remove(index);
        let span = value.span();
        Some(Item {
            file: self.file,
            path: self.below(key),
            span,
            value: value.into_inner(),
        })
    }

    fn required<T>(&self, key: &str, value: Option<T>, what: &str) -> Result<T, Failure> {
        value.ok_or_else(|| self.mistake(format!("the key {key:?} is missing: {what}")))
    }

    pub fn string(&mut self, key: &'static str) -> Result<Option<String>, Failure> {
        self.take(key).map(|item| item.string()).transpose()
    }

    /// A string that must be there; `what` says what it is, for whoever left it out.
    pub fn required_string(&mut self, key: &'static str, what: &str) -> Result<String, Failure> {
        let value = self.string(key)?;
        self.required(key, value, what)
    }

    /// A string that another type's `FromStr` reads.
    pub fn parsed<T>(&mut self, key: &'static str) -> Result<Option<T>, Failure>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let Some(item) = self.take(key) else {
            return Ok(None);
        };
        let text = item.string()?;
        let parsed = text
            .parse()
            .map_err(|error| item.mistake(format!("{text:?} is {error}")));
        parsed.map(Some)
    }

    /// An integer within a range.
    pub fn integer<T: TryFrom<i128>>(
        &mut self,
        key: &'static str,
        range: Range<i128>,
    ) -> Result<Option<T>, Failure> {
        self.take(key).map(|item| item.integer(range)).transpose()
    }

    pub fn required_integer<T: TryFrom<i128>>(
        &mut self,
        key: &'static str,
        range: Range<i128>,
        what: &str,
    ) -> Result<T, Failure> {
        let value = self.integer(key, range)?;
        self.required(key, value, what)
    }

    /// An integer or a float, finite.
    pub fn float(&mut self, key: &'static str) -> Result<Option<f64>, Failure> {
        let Some(item) = self.take(key) else {
            return Ok(None);
        };
        match item.number()?.as_f64() {
            number if number.is_finite() => Ok(Some(number)),
            _ => Err(item.mistake("must be finite")),
        }
    }

    /// A duration with its unit, such as `"500ms"` or `"1m 30s"`, at least `least`.
    pub fn duration(
        &mut self,
        key: &'static str,
        least: Duration,
    ) -> Result<Option<Duration>, Failure> {
        self.take(key).map(|item| item.duration(least)).transpose()
    }

    pub fn boolean(&mut self, key: &'static str) -> Result<Option<bool>, Failure> {
        let Some(item) = self.take(key) else {
            return Ok(None);
        };
        match item.value.as_bool() {
            Some(value) => Ok(Some(value)),
            None => Err(item.expected("true or false")),
        }
    }

    /// The tables under `[[key]]`.
    pub fn tables(&mut self, key: &'static str) -> Result<Vec<Section<'f>>, Failure> {
        let Some(item) = self.take(key) else {
            return Ok(Vec::new());
        };
        let items = item.array("tables, each written below a line [[...]]")?;
        items.into_iter().map(Item::into_section).collect()
    }

    /// The table under `[key]` or `key = { ... }`.
    pub fn table(&mut self, key: &'static str) -> Result<Option<Section<'f>>, Failure> {
        let Some(item) = self.take(key) else {
            return Ok(None);
        };
        item.into_section().map(Some)
    }

    /// Complains about a key that nobody asked for.
    pub fn finish(&self) -> Result<(), Failure> {
        // The parser sorts keys; the first in the file is the one to begin with.
        let first = self.entries.iter().min_by_key(|(_, span, _)| span.start);
        let Some((key, span, _)) = first else {
            return Ok(());
        };
        let why = format!("no such key here; there are: {}", self.known.join(", "));
        Err(self.file.mistake(span, self.below(key), why))
    }
}

impl<'f> Item<'f> {
    /// An error about this value.
    pub fn mistake(&self, why: impl fmt::Display) -> Failure {
        self.file.mistake(&self.span, &self.path, why)
    }

    /// An error about the value's type.
    pub fn expected(&self, what: &str) -> Failure {
        let found = self.value.type_str();
        self.mistake(format!("must be {what}, not of type {found}"))
    }

    pub fn string(&self) -> Result<String, Failure> {
        let text = self.value.as_str();
        text.map(str::to_owned)
            .ok_or_else(|| self.expected("a string"))
    }

    pub fn number(&self) -> Result<Number, Failure> {
        scalar::number(&self.value).ok_or_else(|| self.expected("a number"))
    }

    pub fn integer<T: TryFrom<i128>>(&self, range: Range<i128>) -> Result<T, Failure> {
        let number = scalar::integer(&self.value).ok_or_else(|| self.expected("an integer"))?;
        let fits = Some(number).filter(|number| range.contains(number));
        fits.and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| {
                let (first, last) = (range.start, range.end - 1);
                self.mistake(format!("{number} is not within {first} to {last}"))
            })
    }

    pub fn duration(&self, least: Duration) -> Result<Duration, Failure> {
        const FORM: &str = "a duration with its unit, such as \"500ms\", \"10s\" or \"1m 30s\"";
        let text = self.value.as_str().ok_or_else(|| self.expected(FORM))?;
        let duration: Duration = humantime::parse_duration(text)
            .map_err(|error| self.mistake(format!("must be {FORM}: {error}")))?;
        if duration < least {
            let least = humantime::format_duration(least);
            return Err(self.mistake(format!("{text:?} is shorter than {least}")));
        }
        Ok(duration)
    }

    /// The value as text that the parsers of the command line read: integers keep all their digits.
    pub fn words(&self) -> Result<String, Failure> {
        scalar::words(&self.value).ok_or_else(|| self.expected("a number, a string or a boolean"))
    }

    pub fn array(self, what: &str) -> Result<Vec<Item<'f>>, Failure> {
        let DeValue::Array(array) = self.value else {
            return Err(self.expected(what));
        };
        let items = array.into_iter().enumerate().map(|(index, value)| Item {
            file: self.file,
            path: format!("{}[{index}]", self.path),
            span: value.span(),
            value: value.into_inner(),
        });
        Ok(items.collect())
    }

    fn into_section(self) -> Result<Section<'f>, Failure> {
        match self.value {
            DeValue::Table(table) => Ok(Section::new(self.file, self.path, self.span, table)),
            _ => Err(self.expected("a table")),
        }
    }
}
