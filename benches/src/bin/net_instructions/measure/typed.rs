//! The typed side: the sockets of `ptk-core`.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use ptk_core::net::{DatagramFrom, Received, Sent, UdpSocket, UnixStream};

use super::{Operation, SIZE};

/// Does an operation again and again; the sum keeps the compiler from leaving it out.
pub fn run(operation: Operation, rounds: u64) -> Result<u64, Box<dyn Error>> {
    let sum = match operation {
        Operation::Stream => stream(rounds)?,
        Operation::WouldBlock => would_block(rounds)?,
        Operation::Datagram => datagram(rounds)?,
    };
    sum.ok_or_else(|| "an answer that was not expected".into())
}

fn stream(rounds: u64) -> ptk_core::Result<Option<u64>> {
    let (one, other) = UnixStream::pair()?;
    let message = [7_u8; SIZE];
    let mut buffer = [0_u8; 2 * SIZE];
    let mut sum = 0;
    for _ in 0..rounds {
        let Sent::All(_) = one.send(&message)? else {
            return Ok(None);
        };
        let Received::Data(length) = other.receive(&mut buffer)? else {
            return Ok(None);
        };
        sum += length as u64;
    }
    Ok(Some(sum))
}

fn would_block(rounds: u64) -> ptk_core::Result<Option<u64>> {
    let (one, _other) = UnixStream::pair()?;
    let mut buffer = [0_u8; 2 * SIZE];
    let mut sum = 0;
    for _ in 0..rounds {
        let Received::WouldBlock = one.receive(&mut buffer)? else {
            return Ok(None);
        };
        sum += 1;
    }
    Ok(Some(sum))
}

fn datagram(rounds: u64) -> ptk_core::Result<Option<u64>> {
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (one, other) = (UdpSocket::bind(local)?, UdpSocket::bind(local)?);
    let to = other.local_addr()?;
    let message = [7_u8; SIZE];
    let mut buffer = [0_u8; 2 * SIZE];
    let mut sum = 0;
    for _ in 0..rounds {
        let Sent::All(_) = one.send_to(&message, to)? else {
            return Ok(None);
        };
        let DatagramFrom::Data {
            length,
            from,
            truncated,
        } = other.receive_from(&mut buffer)?
        else {
            return Ok(None);
        };
        sum += length as u64 + u64::from(from.port().min(1)) + u64::from(truncated);
    }
    Ok(Some(sum))
}
