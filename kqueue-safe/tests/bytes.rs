//! `read`, `send` and `send_all` answer as the kernel does.

use std::os::unix::net::UnixStream;

use kqueue_safe::Errno;
use kqueue_safe::descriptor::{AsFd, read, send, send_all};

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

#[test]
fn what_the_kernel_did_not_take_comes_back() {
    let (here, there) = UnixStream::pair().unwrap();
    here.set_nonblocking(true).unwrap();
    assert_eq!(send_all(here.as_fd(), b"hello", 0), Ok(()));
    let mut room = [0; 8];
    assert_eq!(read(there.as_fd(), &mut room), 5);

    let bytes = vec![7; 1 << 20];
    let (count, same) = send_all(here.as_fd(), &bytes, 0).unwrap_err();
    assert!(0 < count && count < bytes.len() as isize, "{count}");
    assert_eq!((same.as_ptr(), same.len()), (bytes.as_ptr(), bytes.len()));
    let full = loop {
        match send_all(here.as_fd(), &bytes, 0) {
            Err((count, _)) if count > 0 => {}
            other => break other,
        }
    };
    assert_eq!(full, Err((-(Errno::EAGAIN.raw() as isize), &bytes[..])));

    drop(there);
    let nowhere = -(Errno::EPIPE.raw() as isize);
    assert_eq!(send_all(here.as_fd(), b"x", 0), Err((nowhere, &b"x"[..])));
}
