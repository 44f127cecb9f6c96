//! SIGNAL: how often a signal was sent to this process.

use std::error::Error;
use std::process::Command;

use kqueue_safe::{EventBuffer, EventKind, Kqueue, Signal, Token};

/// A change of the terminal's window size: 28 on every system, and ignored by default.
const SIGWINCH: i32 = 28;

fn main() -> Result<(), Box<dyn Error>> {
    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    kq.apply_one(Signal::new(SIGWINCH).add(Token::new(0, 0)))?;

    let command = format!("kill -{SIGWINCH} {}", std::process::id());
    Command::new("/bin/sh").args(["-c", &command]).status()?;

    for event in kq.wait(&mut events, None)? {
        if let EventKind::Signal { signal, deliveries } = event.kind() {
            println!("signal {signal}, {deliveries} time(s)");
        }
    }
    Ok(())
}
