//! Pipes, sockets and files to watch.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// A pipe, both ends non-blocking: the reading end, the writing end.
pub fn pipe() -> (OwnedFd, OwnedFd) {
    let mut ends = [0; 2];
    // SAFETY: room for two descriptors; both are ours when the call succeeds.
    unsafe {
        assert_eq!(
            libc::pipe(ends.as_mut_ptr()),
            0,
            "pipe: {}",
            io::Error::last_os_error()
        );
        let ends = ends.map(|end| OwnedFd::from_raw_fd(end));
        ends.iter().for_each(nonblocking);
        ends.into()
    }
}

/// A pair of connected stream sockets, both non-blocking.
pub fn socket_pair() -> (OwnedFd, OwnedFd) {
    let (one, other) = UnixStream::pair().expect("socketpair");
    let pair = (OwnedFd::from(one), OwnedFd::from(other));
    nonblocking(&pair.0);
    nonblocking(&pair.1);
    pair
}

/// A TCP connection over loopback, both ends non-blocking.
pub fn tcp_pair() -> (OwnedFd, OwnedFd) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let dialled = TcpStream::connect(listener.local_addr().expect("name")).expect("connect");
    let (accepted, _) = listener.accept().expect("accept");
    let pair = (OwnedFd::from(dialled), OwnedFd::from(accepted));
    nonblocking(&pair.0);
    nonblocking(&pair.1);
    pair
}

pub fn nonblocking(descriptor: &OwnedFd) {
    // SAFETY: flags of an open descriptor.
    unsafe {
        let flags = libc::fcntl(descriptor.as_raw_fd(), libc::F_GETFL);
        libc::fcntl(
            descriptor.as_raw_fd(),
            libc::F_SETFL,
            flags | libc::O_NONBLOCK,
        );
    }
}

/// Writes so many bytes; how many went.
pub fn write(to: &impl AsRawFd, count: usize) -> isize {
    let bytes = vec![b'x'; count];
    // SAFETY: the buffer is as long as `count`.
    unsafe { libc::write(to.as_raw_fd(), bytes.as_ptr().cast(), count) }
}

/// Reads at most so many bytes; how many came.
pub fn read(from: &impl AsRawFd, count: usize) -> isize {
    let mut bytes = vec![0u8; count];
    // SAFETY: the buffer is as long as `count`.
    unsafe { libc::read(from.as_raw_fd(), bytes.as_mut_ptr().cast(), count) }
}

/// Writes until nothing more goes.
pub fn fill(to: &impl AsRawFd) {
    while write(to, 4096) > 0 {}
    while write(to, 1) > 0 {}
}

/// Reads until nothing is left.
pub fn drain(from: &impl AsRawFd) {
    while read(from, 65536) > 0 {}
}

/// A new file of so many bytes in the scratch directory, its offset at the start.
pub fn file(name: &str, size: usize) -> OwnedFd {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(name)
        .expect(name);
    let file = OwnedFd::from(file);
    assert_eq!(write(&file, size), size as isize);
    seek(&file, 0);
    file
}

/// A second descriptor of the file, which appends.
pub fn appending(name: &str) -> File {
    OpenOptions::new().append(true).open(name).expect(name)
}

pub fn seek(file: &OwnedFd, offset: i64) {
    // SAFETY: the offset of an open file.
    unsafe { libc::lseek(file.as_raw_fd(), offset as _, libc::SEEK_SET) };
}

/// Opens a FIFO that exists, without blocking.
pub fn open_fifo(name: &str, flags: i32) -> OwnedFd {
    let path = std::ffi::CString::new(name).expect("name");
    // SAFETY: a path that ends with NUL; the descriptor is ours.
    unsafe {
        let descriptor = libc::open(path.as_ptr(), flags | libc::O_NONBLOCK);
        assert!(descriptor >= 0, "{name}: {}", io::Error::last_os_error());
        OwnedFd::from_raw_fd(descriptor)
    }
}

/// A child that waits until the gate is closed and then does one thing.
pub struct Child {
    pub pid: libc::pid_t,
    gate: Option<OwnedFd>,
}

impl Child {
    pub fn new(then: fn()) -> Child {
        let (wait, gate) = {
            let mut ends = [0; 2];
            // SAFETY: room for two descriptors, both ours.
            unsafe {
                assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
                let [wait, gate] = ends.map(|end| OwnedFd::from_raw_fd(end));
                (wait, gate)
            }
        };
        // SAFETY: the process has one thread when children are made.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0, "fork: {}", io::Error::last_os_error());
        if pid == 0 {
            drop(gate);
            read(&wait, 1);
            then();
            // SAFETY: ends the child without running what the parent has registered.
            unsafe { libc::_exit(3) };
        }
        Child {
            pid,
            gate: Some(gate),
        }
    }

    /// Lets it go on.
    pub fn go(&mut self) {
        self.gate = None;
    }

    /// Waits for its end and takes its status.
    pub fn reap(&mut self) {
        self.go();
        let mut status = 0;
        // SAFETY: our own child; a second call is an error without effect.
        unsafe { libc::waitpid(self.pid, &mut status, 0) };
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.reap();
    }
}
