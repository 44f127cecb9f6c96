//! `ptk modbus scan`.

use clap::Args;

use super::Format;

#[derive(Args)]
pub struct Scan {
    /// What to look at: addresses, names, ranges (10.0.0.1-20, 10.0.0.1-10.0.1.20) and networks (10.0.0.0/24), each with a :PORT if it is
    /// not --port; several with commas or spaces between them.
    #[arg(required = true, value_name = "HOSTS", value_delimiter = ',')]
    pub hosts: Vec<String>,
    /// The unit ids that each host is asked for, for example 1-10,17,255.
    #[arg(long, short = 'a', default_value = "1", value_name = "UNITS")]
    pub units: String,
    /// The port, where a host has none of its own.
    #[arg(long, short, default_value_t = 502)]
    pub port: u16,
    /// How many hosts are looked at at a time, 1 to 512. Each is asked one thing at a time.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub concurrency: u16,
    /// How long to wait for a connection, in milliseconds.
    #[arg(long, default_value_t = 1000, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub connect_timeout: u64,
    /// How long to wait for a unit's reply, in milliseconds.
    #[arg(long, default_value_t = 500, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub timeout: u64,
    /// Ask units that answer who made them (function 43/14).
    #[arg(long)]
    pub identify: bool,
    /// How the outcome is printed.
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

impl Scan {
    pub fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// Behind `--help`.
pub const SCAN: &str = "\
A host is there if it accepts a connection; a unit is there if it answers the request to read holding register 0, with a value or with an
exception other than 0A and 0B, which gateways answer for units that are not there. Nothing is written to any device.
A row for each unit: address, unit, answer, milliseconds, identification. How many hosts were looked at is told on standard error.
SIGINT ends the scan with what was found so far.";
