//! 41 to 46: EVFILT_WRITE.

use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use crate::support::*;
use crate::table::{check, here};

pub fn b41_data_is_the_free_space() {
    let queue = Queue::new();
    let (_reader, writer) = pipe();
    queue.add(&writer, WRITE, 0, 1);
    let space = || {
        queue
            .raw(&[], 1, PATIENT)
            .expect("wait")
            .first()
            .map_or(0, |event| event.data as i64)
    };
    let empty = space();
    assert!(empty >= here().pipe_buf as i64);
    write(&writer, 1000);
    check(
        "b41 1000 bytes less",
        &(empty - space()).to_string(),
        "1000",
    );
}

pub fn b42_a_pipe_with_less_than_pipe_buf_free_is_silent() {
    let pipe_buf = here().pipe_buf;
    let queue = Queue::new();
    let (reader, writer) = pipe();
    queue.add(&writer, WRITE, 0, 1);
    assert_eq!(queue.next(), "WRITE(u1 data=>0)");
    fill(&writer);
    assert_eq!(queue.soon(), "none");
    read(&reader, 1);
    check("b42 one byte read", &queue.soon(), "none");
    read(&reader, pipe_buf - 2);
    check("b42 PIPE_BUF - 1 read", &queue.soon(), "none");
    read(&reader, 1);
    check("b42 PIPE_BUF read", &queue.soon(), "WRITE(u1 data=>0)");
    drain(&reader);
    assert_eq!(queue.next(), "WRITE(u1 data=>0)");
}

pub fn b44_the_reader_is_gone() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    queue.add(&writer, WRITE, 0, 1);
    drop(reader);
    check(
        "b44 the reader is gone",
        &queue.next(),
        "WRITE(u1 data=>0 ONESHOT EOF)",
    );
    check("b44 second", &queue.soon(), "none");
    let (reader, writer) = pipe();
    drop(reader);
    check(
        "b44 added after the close",
        queue.put(&writer, WRITE, ADD, 0, 0, 2),
        "EPIPE",
    );
}

pub fn b45_a_refused_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let port = listener.local_addr().expect("name").port();
    drop(listener);
    // SAFETY: a socket of our own; an address of the right size, with the fields that every system has.
    let (socket, refused_at_once) = unsafe {
        let socket = OwnedFd::from_raw_fd(libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0));
        nonblocking(&socket);
        let mut address: libc::sockaddr_in = std::mem::zeroed();
        address.sin_family = libc::AF_INET as _;
        address.sin_port = port.to_be();
        address.sin_addr.s_addr = u32::from_ne_bytes([127, 0, 0, 1]);
        let size = std::mem::size_of_val(&address) as libc::socklen_t;
        let result = libc::connect(
            socket.as_raw_fd(),
            std::ptr::from_ref(&address).cast(),
            size,
        );
        (socket, result < 0 && errno() == libc::ECONNREFUSED)
    };
    let queue = Queue::new();
    queue.add(&socket, WRITE, CLEAR, 1);
    let answer = queue.next();
    // Where connect() itself brought the refusal, nothing is left to tell.
    let answer = if refused_at_once {
        answer.replace("EOF)", "EOF ECONNREFUSED)")
    } else {
        answer
    };
    check(
        "b45 a refused connect",
        &answer,
        "WRITE(u1 data=>0 CLEAR EOF ECONNREFUSED)",
    );
    assert_eq!(queue.soon(), "none");
}

pub fn b46_a_listener_is_never_writable() {
    let queue = Queue::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("name");
    let listener = OwnedFd::from(listener);
    check("b46 added", queue.put(&listener, WRITE, ADD, 0, 0, 1), "OK");
    assert_eq!(queue.soon(), "none");
    let _client = std::net::TcpStream::connect(address).expect("connect");
    assert_eq!(queue.soon(), "none");
}
