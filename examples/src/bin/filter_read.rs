//! READ: bytes that can be read, how many, and the end of the stream.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use kqueue_safe::{EventBuffer, EventKind, Kqueue, Read, Token};

fn main() -> Result<(), Box<dyn Error>> {
    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let (mut here, mut there) = UnixStream::pair()?;

    // The registration borrows `here`: it cannot be closed before the registration ends.
    kq.apply_one(Read::new(here.as_fd()).add(Token::new(0, 0)))?;
    there.write_all(b"hello")?;
    drop(there);

    let mut bytes = [0; 64];
    loop {
        for event in kq.wait(&mut events, None)? {
            let EventKind::Read {
                available,
                eof,
                errno,
            } = event.kind()
            else {
                continue;
            };
            println!("{available} bytes, the end: {eof}, error: {errno:?}");
            // The end may come with bytes: read them first.
            let count = here.read(&mut bytes)?;
            println!("read {:?}", String::from_utf8_lossy(&bytes[..count]));
            if count == 0 {
                return Ok(());
            }
        }
    }
}
