//! A descriptor that is borrowed by a registration cannot be closed.

use std::net::UdpSocket;
use std::os::fd::AsFd;

use kqueue_safe::{Kqueue, Read, Token};

fn main() {
    let kq = Kqueue::new().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let registration = kq.register(Read::new(socket.as_fd()).add(Token::new(0, 0))).unwrap();
    drop(socket);
    drop(registration);
}
