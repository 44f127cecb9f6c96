//! The command line.

mod bench;
mod documents;
mod exchange;
mod points;
mod poll;
mod scan;
mod serve;

use clap::{Args, Parser, Subcommand};

use crate::failure::EXIT_CODES;

pub use bench::{Bench, Function};
pub use documents::{Completions, Manual};
pub use exchange::{Read, Write};
pub use points::{Format, Points, Span, Target};
pub use poll::Poll;
pub use scan::Scan;
pub use serve::Serve;

/// Modbus devices and clients on the protocol toolkit.
#[derive(Parser)]
#[command(name = "ptk", version, about, after_long_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Modbus TCP: serve, read, write, poll, scan, bench.
    Modbus {
        #[command(subcommand)]
        command: Modbus,
    },
    /// A Modbus device and polling clients in this process, over loopback, with figures at the end.
    Demo(Demo),
    /// Print the completion script of a shell.
    Completions(Completions),
    /// Write the manual pages.
    Manual(Manual),
}

#[derive(Subcommand)]
pub enum Modbus {
    /// Be a device: with 65,536 of each kind of point, all zero at first, or with those of a file, some of them simulated. SIGINT and
    /// SIGTERM end it.
    #[command(after_long_help = format!("{}\n\n{EXIT_CODES}", serve::MAP_FILE))]
    Serve(Serve),
    /// Read points of a device.
    #[command(after_long_help = format!("{}\n\n{EXIT_CODES}", exchange::MBPOLL))]
    Read(Read),
    /// Write points of a device.
    #[command(after_long_help = format!("{}\n\n{EXIT_CODES}", exchange::MBPOLL))]
    Write(Write),
    /// Read tags of many devices, each with its period, from a file; a live table, rows, and a summary.
    #[command(after_long_help = format!("{}\n\n{EXIT_CODES}", poll::POLL_FILE))]
    Poll(Poll),
    /// Look which hosts of a network listen, and which units answer behind them.
    #[command(after_long_help = format!("{}\n\n{EXIT_CODES}", scan::SCAN))]
    Scan(Scan),
    /// Load one server: each connection makes its next request when it has a reply; transactions a second and latencies.
    #[command(after_long_help = EXIT_CODES)]
    Bench(Bench),
}

/// The four kinds of point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub fn is_bits(self) -> bool {
        matches!(self, Self::Coils | Self::Discrete)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Coils => "coils",
            Self::Discrete => "discrete",
            Self::Input => "input",
            Self::Holding => "holding",
        }
    }
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_command_line_has_no_contradictions() {
        Arguments::command().debug_assert();
    }
}
