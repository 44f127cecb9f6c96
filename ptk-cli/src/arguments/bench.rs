//! `ptk modbus bench`.

use std::time::Duration;

use clap::{Args, ValueEnum};

#[derive(Args)]
pub struct Bench {
    /// The server, HOST or HOST:PORT.
    #[arg(value_name = "DEVICE")]
    pub device: String,
    /// The unit that is asked.
    #[arg(long, short = 'a', default_value_t = 1)]
    pub unit: u8,
    /// The port, unless DEVICE has one.
    #[arg(long, short, default_value_t = 502)]
    pub port: u16,
    /// How many connections, 1 to 1024.
    #[arg(long, short, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: u16,
    /// How many requests each connection keeps in flight, 1 to 64.
    #[arg(long, short, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub depth: u16,
    /// For how long, for example 10s.
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub duration: Duration,
    /// So many transactions instead, as soon as they are done.
    #[arg(long, short = 'n', value_name = "N", conflicts_with = "duration", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// What is asked. The functions that write change the server's points.
    #[arg(long, value_enum, default_value_t = Function::ReadHolding)]
    pub function: Function,
    /// The first point's address, counted from 0.
    #[arg(long, default_value_t = 0)]
    pub start: u16,
    /// How many points in each request.
    #[arg(long, short, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub quantity: u16,
    /// How long to wait for the connection, and for each reply, in milliseconds.
    #[arg(long, default_value_t = 3000, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub timeout: u64,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// What is asked, by kind and direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Function {
    /// Function 1.
    ReadCoils,
    /// Function 2.
    ReadDiscrete,
    /// Function 3.
    ReadHolding,
    /// Function 4.
    ReadInput,
    /// Function 15, zeros.
    WriteCoils,
    /// Function 16, zeros.
    WriteHolding,
}
