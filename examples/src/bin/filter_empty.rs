//! EMPTY: a socket has sent everything. FreeBSD, NetBSD 10 and Linux.

use std::error::Error;

#[cfg(any(target_os = "freebsd", target_os = "netbsd", target_os = "linux"))]
fn main() -> Result<(), Box<dyn Error>> {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsFd;

    use kqueue_safe::filter::Empty;
    use kqueue_safe::{Capabilities, EventBuffer, EventKind, Kqueue, Token};

    if !Capabilities::probe()?.empty {
        println!("this kernel has no EMPTY");
        return Ok(());
    }
    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut here = TcpStream::connect(listener.local_addr()?)?;
    let (mut there, _) = listener.accept()?;

    here.write_all(&[7; 1000])?;
    let mut bytes = [0; 1000];
    there.read_exact(&mut bytes)?;
    kq.apply_one(Empty::new(here.as_fd()).oneshot().add(Token::new(0, 0)))?;
    for event in kq.wait(&mut events, None)? {
        if event.kind() == EventKind::Empty {
            println!("the other side has acknowledged everything");
        }
    }
    Ok(())
}

#[cfg(not(any(target_os = "freebsd", target_os = "netbsd", target_os = "linux")))]
fn main() -> Result<(), Box<dyn Error>> {
    println!("this system has no EMPTY");
    Ok(())
}
