//! The command line.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Modbus devices and clients on the protocol toolkit.
#[derive(Parser)]
#[command(name = "ptk", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Modbus TCP: serve, read, write.
    Modbus {
        #[command(subcommand)]
        command: Modbus,
    },
    /// A Modbus device and polling clients in this process, over loopback, with figures at the end.
    Demo(Demo),
}

#[derive(Subcommand)]
pub enum Modbus {
    /// Be a device with 65,536 of each kind of point, all zero at first. SIGINT and SIGTERM end it.
    Serve(Serve),
    /// Read points of a device.
    Read(Read),
    /// Write points of a device.
    Write(Write),
}

#[derive(Args)]
pub struct Serve {
    /// Where to listen, for example `127.0.0.1:1502` or `[::1]:1502`. Port 0 picks a free one.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: SocketAddr,
    /// The unit id; requests for other units are answered with exception 0B.
    #[arg(long, default_value_t = 1)]
    pub unit: u8,
    /// How many connections are served at a time; further ones are closed at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: u16,
    /// Close connections that make no request for so many seconds. 0: never.
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    pub idle: u64,
}

#[derive(Args)]
pub struct Target {
    /// The device, for example 127.0.0.1:502.
    #[arg(value_name = "ADDR:PORT")]
    pub address: SocketAddr,
    /// The unit that is asked.
    #[arg(long, default_value_t = 1)]
    pub unit: u8,
    /// How long to wait for the connection, and for each reply, in milliseconds.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u64).range(1..=600_000), value_name = "MS")]
    pub timeout: u64,
}

impl Target {
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout)
    }
}

#[derive(Args)]
pub struct Read {
    #[command(flatten)]
    pub target: Target,
    /// Which kind of point.
    pub table: Table,
    /// The first point's address, counted from 0.
    pub start: u16,
    /// How many points. More than fit into one request are read with several.
    #[arg(value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub count: u32,
    /// Print one JSON object instead of a line for each point.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Write {
    #[command(flatten)]
    pub target: Target,
    /// Which kind of point.
    pub table: WritableTable,
    /// The first point's address, counted from 0.
    pub start: u16,
    /// The values: 0 or 1 for coils; 0 to 65535, -32768 to -1, or 0x0 to 0xFFFF for registers.
    #[arg(required = true, value_name = "VALUE", allow_negative_numbers = true)]
    pub values: Vec<String>,
    /// Print one JSON object instead of a line.
    #[arg(long)]
    pub json: bool,
}

/// The four kinds of point.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    /// Bits that can be read and written (function 1).
    Coils,
    /// Bits that can be read (function 2).
    Discrete,
    /// Registers that can be read (function 4).
    Input,
    /// Registers that can be read and written (function 3).
    Holding,
}

impl Table {
    pub fn name(self) -> &'static str {
        match self {
            Self::Coils => "coils",
            Self::Discrete => "discrete",
            Self::Input => "input",
            Self::Holding => "holding",
        }
    }
}

/// The two kinds of point that can be written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WritableTable {
    /// Bits (functions 5 and 15).
    Coils,
    /// Registers (functions 6 and 16).
    Holding,
}

#[derive(Args)]
pub struct Demo {
    /// How long to poll.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// How many clients poll the device.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub clients: u16,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
}
