//! Nor can one that a change in a list still names.

use std::net::UdpSocket;
use std::os::fd::AsFd;

use kqueue_safe::{ChangeList, Kqueue, Read, Token};

fn main() {
    let kq = Kqueue::new().unwrap();
    let mut changes = ChangeList::<4>::new();
    {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        changes.push(Read::new(socket.as_fd()).add(Token::new(0, 0))).unwrap();
    }
    kq.apply(&mut changes).unwrap();
}
