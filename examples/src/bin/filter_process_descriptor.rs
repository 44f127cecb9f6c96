//! PROCDESC: the process of a process descriptor ends. FreeBSD.

use std::error::Error;

#[cfg(target_os = "freebsd")]
fn main() -> Result<(), Box<dyn Error>> {
    use std::os::fd::{AsFd, FromRawFd, OwnedFd};

    use kqueue_safe::filter::ProcessDescriptor;
    use kqueue_safe::{EventBuffer, EventKind, Kqueue, Token};

    // SAFETY: FreeBSD's <sys/procdesc.h> and <unistd.h> declare these so: pdfork(2), _exit(2).
    unsafe extern "C" {
        fn pdfork(descriptor: *mut i32, flags: i32) -> i32;
        safe fn _exit(code: i32) -> !;
    }

    let kq = Kqueue::new()?;
    let mut events: EventBuffer = EventBuffer::new();
    let mut descriptor = -1;
    // SAFETY: room for a descriptor; the child calls nothing but `_exit`.
    if unsafe { pdfork(&raw mut descriptor, 0) } == 0 {
        _exit(3);
    }
    // SAFETY: `pdfork` made it, nobody else has it.
    let child = unsafe { OwnedFd::from_raw_fd(descriptor) };
    let registration =
        kq.register_owned(child, |fd| ProcessDescriptor::new(fd).add(Token::new(0, 0)))?;
    for event in kq.wait(&mut events, None)? {
        if let EventKind::ProcessDescriptor { status } = event.kind() {
            println!(
                "the child of descriptor {:?} ended: {status:?}",
                registration.as_fd()
            );
        }
    }
    Ok(())
}

#[cfg(not(target_os = "freebsd"))]
fn main() -> Result<(), Box<dyn Error>> {
    println!("this system has no PROCDESC");
    Ok(())
}
