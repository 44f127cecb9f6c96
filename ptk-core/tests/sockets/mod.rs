//! What the socket tests share: waiting on conditions, with a bound.

#![allow(dead_code)] // Each test binary uses its part.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use ptk_core::net::{Accepted, Connection, Received, Sent, TcpListener, TcpStream};
use ptk_core::{Error, Result};

/// Longer than anything here takes, on the slowest machine.
const PATIENCE_MS: u16 = 20_000;

pub const HERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
pub const HERE_V6: SocketAddr = SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::LOCALHOST), 0);

fn wait(fd: &impl AsFd, flags: PollFlags) {
    wait_for_any(&mut [PollFd::new(fd.as_fd(), flags)]);
}

/// Until one can be read from or the other, if there is one, be written to.
pub fn either(read: &impl AsFd, write: Option<&impl AsFd>) {
    let read = PollFd::new(read.as_fd(), PollFlags::POLLIN);
    match write {
        Some(write) => wait_for_any(&mut [read, PollFd::new(write.as_fd(), PollFlags::POLLOUT)]),
        None => wait_for_any(&mut [read]),
    }
}

fn wait_for_any(fds: &mut [PollFd<'_>]) {
    loop {
        match poll(fds, PollTimeout::from(PATIENCE_MS)) {
            Ok(0) => panic!("nothing happened in {PATIENCE_MS} ms"),
            Ok(_) => return,
            Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => panic!("poll: {errno}"),
        }
    }
}

pub fn readable(fd: &impl AsFd) {
    wait(fd, PollFlags::POLLIN);
}

pub fn writable(fd: &impl AsFd) {
    wait(fd, PollFlags::POLLOUT);
}

/// One turn of a loop for a call that may answer "not now".
pub fn until<T>(fd: &impl AsFd, flags: PollFlags, mut ask: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        wait(fd, flags);
    }
}

pub fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    until(listener, PollFlags::POLLIN, || match listener.accept() {
        Ok(Accepted::Connection(stream, peer)) => Some((stream, peer)),
        Ok(Accepted::WouldBlock | Accepted::Aborted(_)) => None,
        other => panic!("{other:?}"),
    })
}

/// Waits for the end of an attempt to connect.
pub fn connected(stream: &TcpStream) -> Result<()> {
    writable(stream);
    match stream.connect_result()? {
        Connection::Established => Ok(()),
        Connection::InProgress => panic!("writable and still in progress"),
    }
}

/// A client, the server's end of it, over IPv4.
pub fn tcp_pair() -> (TcpStream, TcpStream) {
    tcp_pair_at(HERE)
}

pub fn tcp_pair_at(local: SocketAddr) -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(local).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = accept(&listener);
    connected(&client).unwrap();
    (client, server)
}

/// The next answer that is not "not now".
pub fn receive(stream: &TcpStream, buffer: &mut [u8]) -> Result<Received> {
    until(stream, PollFlags::POLLIN, || match stream.receive(buffer) {
        Ok(Received::WouldBlock) => None,
        answer => Some(answer),
    })
}

pub fn receive_exactly(stream: &TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    while filled < buffer.len() {
        match receive(stream, &mut buffer[filled..]) {
            Ok(Received::Data(length)) => filled += length,
            other => panic!("{other:?} after {filled} bytes"),
        }
    }
}

/// Sends until the kernel takes no more; how many bytes it took.
pub fn fill(stream: &TcpStream, chunk: &[u8]) -> usize {
    let mut total = 0;
    loop {
        match stream.send(chunk) {
            Ok(Sent::WouldBlock) => return total,
            Ok(sent) => total += sent.bytes(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// The first error that a stream tells, for tests of connections that come to a bad end.
pub fn error_of_receive(stream: &TcpStream) -> Error {
    let mut buffer = [0; 64];
    loop {
        match receive(stream, &mut buffer) {
            Ok(Received::Data(_)) => {}
            Ok(other) => panic!("{other:?}"),
            Err(error) => return error,
        }
    }
}

/// Whether this host has IPv6 on its loopback interface; says so on stderr when not.
pub fn has_ipv6() -> bool {
    let bound = TcpListener::bind(HERE_V6);
    if let Err(error) = &bound {
        eprintln!("no IPv6 here ({error}), this part is left out");
    }
    bound.is_ok()
}
