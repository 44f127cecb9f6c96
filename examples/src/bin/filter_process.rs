//! PROC: a process ends, and with what status.

use std::error::Error;
use std::process::Command;

use kqueue_safe::{EventBuffer, EventKind, Kqueue, Process, Token};

fn main() -> Result<(), Box<dyn Error>> {
    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let mut child = Command::new("/bin/sh").args(["-c", "exit 3"]).spawn()?;

    kq.apply_one(Process::exit(child.id()).add(Token::new(0, 0)))?;
    for event in kq.wait(&mut events, None)? {
        if let EventKind::Process { pid, notes, status } = event.kind() {
            println!(
                "a child ({}): {notes:?}, {status:?}",
                if pid == child.id() {
                    "ours"
                } else {
                    "not ours"
                }
            );
        }
    }
    // The event does not wait for the process: it is a zombie until somebody does.
    println!("{}", child.wait()?);
    Ok(())
}
