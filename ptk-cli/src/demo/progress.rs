//! A line that shows how far the demo is. Written without the heap, since the demo counts what the heap is asked for.

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

const WIDTH: u32 = 30;

/// Rewrites one line on a terminal; elsewhere writes a line each second.
pub struct Progress {
    duration: Duration,
    terminal: bool,
    shown_seconds: u64,
}

impl Progress {
    pub fn new(duration: Duration) -> Self {
        Self {
            duration,
            terminal: stderr().is_terminal(),
            shown_seconds: 0,
        }
    }

    /// Shows what was done so far. A terminal that cannot be written to shows nothing.
    pub fn show(&mut self, elapsed: Duration, transactions: u64) {
        let seconds = elapsed.as_secs();
        if self.terminal {
            let share = elapsed.as_secs_f64() / self.duration.as_secs_f64();
            let filled = ((share * f64::from(WIDTH)) as u32).min(WIDTH) as usize;
            let empty = WIDTH as usize - filled;
            let _ = write!(
                stderr(),
                "\r[{:=<filled$}{:<empty$}] {:>5.1} s  {transactions} transactions ",
                "",
                "",
                elapsed.as_secs_f64()
            );
        } else if seconds > self.shown_seconds {
            self.shown_seconds = seconds;
            let _ = writeln!(stderr(), "{seconds} s  {transactions} transactions");
        }
    }

    pub fn finish(&self) {
        if self.terminal {
            let _ = writeln!(stderr());
        }
    }
}
