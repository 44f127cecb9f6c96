//! `read` and `send` answer as the kernel does.

use std::os::unix::net::UnixStream;

use kqueue_safe::Errno;
use kqueue_safe::descriptor::{AsFd, read, send};

#[test]
fn bytes_the_end_and_errors_are_told_apart() {
    let (here, there) = UnixStream::pair().unwrap();
    here.set_nonblocking(true).unwrap();
    let mut room = [0; 8];
    let nothing = read(here.as_fd(), &mut room);
    assert_eq!(nothing, -(Errno::EAGAIN.raw() as isize));

    assert_eq!(send(there.as_fd(), b"hello", 0), 5);
    assert_eq!(read(here.as_fd(), &mut room[..3]), 3);
    assert_eq!(read(here.as_fd(), &mut room[3..]), 2);
    assert_eq!(&room[..5], b"hello");

    drop(there);
    assert_eq!(read(here.as_fd(), &mut room), 0);
    // No signal: Rust's programs ignore it.
    let nowhere = -(Errno::EPIPE.raw() as isize);
    assert_eq!(send(here.as_fd(), b"x", 0), nowhere);
}
