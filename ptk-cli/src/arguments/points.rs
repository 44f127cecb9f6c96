//! Which device and which points: what `read` and `write` have in common.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use ptk_modbus::value::{Kind, WordOrder};

use super::Table;
use crate::failure::{Code, Failure};
use crate::modbus::{Shape, resolve};

/// The device and how to talk to it.
#[derive(Args)]
pub struct Target {
    /// The device, HOST or HOST:PORT: a name, an IPv4 address, or an IPv6 address in brackets.
    #[arg(value_name = "DEVICE")]
    pub device: String,
    /// The unit that is asked, 0 to 255.
    #[arg(long, short = 'a', default_value_t = 1)]
    pub unit: u8,
    /// The port, unless DEVICE has one.
    #[arg(long, short, default_value_t = 502)]
    pub port: u16,
    /// How long to wait for the connection, and for each reply, in milliseconds.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u64).range(1..=600_000), value_name = "MS")]
    pub timeout: u64,
}

impl Target {
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout)
    }

    /// Looks the name up.
    pub fn address(&self) -> Result<SocketAddr, Failure> {
        resolve(&self.device, self.port)
            .map_err(|why| Failure::with(Code::NoConnection, &self.device, why))
    }
}

/// How points are named and shown.
#[derive(Args)]
pub struct Points {
    /// As mbpoll has it: 0 coils, 1 discrete inputs, 3 input registers, 4 holding registers, each with a :TYPE. Without TABLE and START
    /// then, and with the word order cdab unless -B or --order says otherwise.
    #[arg(short = 't', value_name = "TABLE[:TYPE]")]
    pub mbpoll_table: Option<TableType>,
    /// With -t: the first point, counted from 1 as mbpoll does.
    #[arg(
        short = 'r',
        long,
        value_name = "REF",
        default_value_t = 1,
        requires = "mbpoll_table"
    )]
    pub reference: u32,
    /// With -t: count -r from 0.
    #[arg(long, requires = "mbpoll_table")]
    pub zero_based: bool,
    /// The word order of numbers over several registers: abcd, badc, cdab or dcba.
    #[arg(long)]
    pub order: Option<WordOrder>,
    /// The same as --order abcd.
    #[arg(short = 'B', conflicts_with = "order")]
    pub big_endian: bool,
    /// How the outcome is printed.
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// With a header (RFC 4180).
    Csv,
    /// One JSON object.
    Json,
}

/// What the words of a command line mean.
pub struct Span<'w> {
    pub table: Table,
    pub shape: Shape,
    pub order: WordOrder,
    /// The first point, counted from 0.
    pub start: u16,
    /// What is added to an address to show it as the user counts.
    pub base: u32,
    /// The words that are left.
    pub words: &'w [String],
}

impl Points {
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// Takes `TABLE[:TYPE] START` off the words, unless `-t` says it.
    pub fn span<'w>(&self, words: &'w [String]) -> Result<Span<'w>, Failure> {
        let base = u32::from(self.mbpoll_table.is_some() && !self.zero_based);
        let (TableType { table, shape }, start, words) = match (self.mbpoll_table, words) {
            (Some(table), words) => {
                let start = self.reference.checked_sub(base);
                (table, address(start, &self.reference)?, words)
            }
            (None, [table, start, words @ ..]) => {
                let table = table
                    .parse()
                    .map_err(|error| Failure::usage(table, error))?;
                (table, address(start.parse().ok(), start)?, words)
            }
            (None, _) => {
                let why = "TABLE[:TYPE] and START are missing (or -t and -r)";
                return Err(Failure::usage("arguments", why));
            }
        };
        let natural = if self.mbpoll_table.is_some() {
            WordOrder::Cdab
        } else {
            WordOrder::Abcd
        };
        let order = match (self.big_endian, self.order) {
            (true, _) => WordOrder::Abcd,
            (false, order) => order.unwrap_or(natural),
        };
        Ok(Span {
            table,
            shape: shape.unwrap_or(Shape::Number(Kind::U16)),
            order,
            start,
            base,
            words,
        })
    }
}

fn address(start: Option<u32>, text: &impl fmt::Display) -> Result<u16, Failure> {
    let start = start.and_then(|start| u16::try_from(start).ok());
    start.ok_or_else(|| Failure::usage(text, "not the address of a point (0 to 65535)"))
}

/// A table with a type: `holding`, `holding:f32`, `4:float`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableType {
    pub table: Table,
    pub shape: Option<Shape>,
}

impl FromStr for TableType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (table, shape) = match text.split_once(':') {
            Some((table, shape)) => (table, Some(shape)),
            None => (text, None),
        };
        let table = match table {
            "coils" | "coil" | "0" => Table::Coils,
            "discrete" | "1" => Table::Discrete,
            "input" | "3" => Table::Input,
            "holding" | "4" => Table::Holding,
            _ => {
                let tables = "coils (0), discrete (1), input (3), holding (4)";
                return Err(format!("not a table; there are: {tables}"));
            }
        };
        let shape = shape
            .map(str::parse)
            .transpose()
            .map_err(|error: crate::modbus::NoSuchType| error.to_string())?;
        if shape.is_some() && table.is_bits() {
            return Err("bits have no type".to_owned());
        }
        Ok(Self { table, shape })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_names_and_mbpolls_numbers() {
        let parse = |text: &str| text.parse::<TableType>();
        assert_eq!(parse("holding"), parse("4"));
        assert_eq!(parse("input:i32"), parse("3:int"));
        assert_eq!(parse("holding:f32"), parse("4:float"));
        assert_eq!(parse("coils"), parse("0"));
        assert!(parse("coils:f32").is_err());
        assert!(parse("2").is_err());
        assert!(parse("holding:f31").is_err());
    }
}
