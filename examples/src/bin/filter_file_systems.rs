//! FS: file systems come and go. macOS, FreeBSD, NetBSD and DragonFly.

use std::error::Error;

#[cfg(any(
    target_os = "macos",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "dragonfly"
))]
fn main() -> Result<(), Box<dyn Error>> {
    use std::time::Duration;

    use kqueue_safe::filter::FileSystems;
    use kqueue_safe::{EventBuffer, EventKind, FileSystemNotes, Kqueue, Token};

    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    kq.apply_one(FileSystems::new().clear().add(Token::new(0, 0)))?;
    println!("mount or unmount something within 5 seconds");
    for event in kq.wait(&mut events, Some(Duration::from_secs(5)))? {
        if let EventKind::FileSystems { notes } = event.kind() {
            println!("{:?}", FileSystemNotes::from_bits_retain(notes));
        }
    }
    Ok(())
}

#[cfg(not(any(
    target_os = "macos",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "dragonfly"
)))]
fn main() -> Result<(), Box<dyn Error>> {
    println!("this system has no FS");
    Ok(())
}
