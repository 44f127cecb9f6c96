//! `read` and `send` answer as the kernel does.

use std::os::unix::net::UnixStream;

use kqueue_safe::Errno;
use kqueue_safe::descriptor::{AsRawFd, read, send};

#[test]
fn bytes_the_end_and_errors_are_told_apart() {
    let (here, there) = UnixStream::pair().unwrap();
    here.set_nonblocking(true).unwrap();
    let mut room = [0; 8];
    let nothing = read(here.as_raw_fd(), &mut room);
    assert_eq!(nothing, -(Errno::EAGAIN.raw() as isize));

    assert_eq!(send(there.as_raw_fd(), b"hello", 0), 5);
    assert_eq!(read(here.as_raw_fd(), &mut room[..3]), 3);
    assert_eq!(read(here.as_raw_fd(), &mut room[3..]), 2);
    assert_eq!(&room[..5], b"hello");

    drop(there);
    assert_eq!(read(here.as_raw_fd(), &mut room), 0);
    assert!(read(-1, &mut room) < 0);
    assert!(send(-1, b"x", 0) < 0);
}
