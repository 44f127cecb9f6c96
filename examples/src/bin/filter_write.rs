//! WRITE: room for more bytes. Asked for only while there is something to write, else it is reported all the time.

use std::error::Error;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use kqueue_safe::{EventBuffer, EventKind, Kqueue, Token, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let (mut here, mut there) = UnixStream::pair()?;
    here.set_nonblocking(true)?;

    let mut left = 1_000_000;
    let mut received = 0;
    let chunk = [7; 16 * 1024];
    let mut sink = vec![0; 64 * 1024];
    while left > 0 {
        match here.write(&chunk[..chunk.len().min(left)]) {
            Ok(count) => left -= count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                // Full: ask once (`oneshot`), let the other side read, wait for room.
                kq.apply_one(Write::new(here.as_fd()).oneshot().add(Token::new(0, 0)))?;
                while received < 1_000_000 - left {
                    received += there.read(&mut sink)?;
                }
                let event = kq.wait(&mut events, None)?.next().ok_or("no event")?;
                if let EventKind::Write { space, eof, .. } = event.kind() {
                    println!("{left} bytes to go; room for {space}, nobody reads: {eof}");
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    println!("everything written");
    Ok(())
}
