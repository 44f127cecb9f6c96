//! EXCEPT: out-of-band data on a socket. macOS, OpenBSD and DragonFly.

use std::error::Error;

#[cfg(any(target_os = "macos", target_os = "openbsd", target_os = "dragonfly"))]
fn main() -> Result<(), Box<dyn Error>> {
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsFd;
    use std::time::Duration;

    use kqueue_safe::filter::Except;
    use kqueue_safe::{EventBuffer, EventKind, Kqueue, Token};

    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let _there = TcpStream::connect(listener.local_addr()?)?;
    let (here, _) = listener.accept()?;

    kq.apply_one(Except::new(here.as_fd()).add(Token::new(0, 0)))?;
    // The standard library cannot send urgent data (`MSG_OOB`), so this ends without an event.
    let mut batch = kq.wait(&mut events, Some(Duration::from_millis(100)))?;
    match batch.next().map(|event| event.kind()) {
        Some(EventKind::Except) => println!("urgent data"),
        other => println!("no urgent data: {other:?}"),
    }
    Ok(())
}

#[cfg(not(any(target_os = "macos", target_os = "openbsd", target_os = "dragonfly")))]
fn main() -> Result<(), Box<dyn Error>> {
    println!("this system has no EXCEPT");
    Ok(())
}
