//! Why a command failed, as one line and an exit code.

use std::fmt;

/// What a script can tell apart. The numbers are part of the program's interface: `ptk --help` and the manual list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The system refused something: a file, a port, memory.
    System = 1,
    /// The arguments, or a file that they name, cannot be meant. The number that clap uses too.
    Usage = 2,
    /// No connection: refused, unreachable, a name that nobody knows, or too slow.
    NoConnection = 3,
    /// Connected, but no reply: none in time, or the connection ended first.
    NoReply = 4,
    /// The device refused: it answered with an exception.
    Exception = 5,
    /// What came is no reply to the request, or not Modbus.
    BadReply = 6,
    /// All was done as asked, and what came of it is not what was asked for: `poll --strict`, `scan` that found nothing.
    Unsatisfied = 7,
}

/// The table of [`Code`] for `--help` and the manual.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the system refused something (a file, a port, memory)
  2  the arguments, or a file that they name, cannot be meant
  3  no connection: refused, unreachable, an unknown name, or too slow
  4  no reply in time, or the connection ended before it
  5  the device refused: it answered with an exception
  6  what came is no reply to the request, or not Modbus
  7  all was done, and the outcome is not what was asked for:
     poll --strict with a failed read or a missed period, scan that found nothing
Errors are one line on standard error that begins with \"ptk: \" (what: why).
A reader that closes the pipe early ends the command quietly, with 0.";

/// A line for standard error, without the program's name, and the exit code.
#[derive(Debug)]
pub enum Failure {
    /// Nobody reads standard output any more: no reason to say anything.
    OutputClosed,
    /// What and why.
    Because(Code, String),
}

impl Failure {
    /// `what` failed because of `why`; the system's fault.
    pub fn new(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::with(Code::System, what, why)
    }

    /// The arguments or a file cannot be meant.
    pub fn usage(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::with(Code::Usage, what, why)
    }

    pub fn with(code: Code, what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::Because(code, format!("{what}: {why}"))
    }

    pub fn code(&self) -> u8 {
        match self {
            Self::OutputClosed => 0,
            Self::Because(code, _) => *code as u8,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutputClosed => f.write_str("standard output is closed"),
            Self::Because(_, line) => f.write_str(line),
        }
    }
}
