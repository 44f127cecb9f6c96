//! What a socket's error is, without taking it away. `SO_ERROR` would clear it, and a program that connects without blocking reads it itself; so the
//! errno that goes into `fflags` is derived from what `poll` and `TCP_INFO` tell. The socket's own copy stays for the program.

use libc::c_int;

use crate::node::{DATAGRAM, ERROR, STREAM};
use crate::state::State;
use crate::sys;

const TCP_SYN_SENT: u8 = 2;
const TCP_FIN_WAIT1: u8 = 4;
const TCP_CLOSE: u8 = 7;
const TCP_CLOSE_WAIT: u8 = 8;
const TCP_LISTEN: u8 = 10;

/// What an error or a hang-up of a socket means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// A stream socket that was never connected: Linux calls it hung up, a kqueue stays silent.
    NeverConnected,
    /// The connection's end, with the error (0 for an ordinary one).
    Error(c_int),
}

/// Explains `EPOLLERR` and `EPOLLHUP`.
pub(crate) fn ending(fd: c_int, bits: u32) -> Ending {
    let failed = bits & ERROR != 0;
    match sys::tcp_info(fd) {
        Ok(info) => {
            let (sent, received) = info.segments();
            if info.state() == TCP_CLOSE && !failed && sent == 0 && received == 0 {
                return Ending::NeverConnected;
            }
            if !failed {
                return Ending::Error(0);
            }
            let was_connected = info.round_trip() != 0 || info.bytes_acked() != 0;
            Ending::Error(match (was_connected, received) {
                (true, _) if info.unanswered() != 0 => libc::ETIMEDOUT,
                (true, _) => libc::ECONNRESET,
                (false, 0) if info.retransmissions() != 0 => libc::ETIMEDOUT,
                (false, 0) => libc::EHOSTUNREACH,
                (false, _) => libc::ECONNREFUSED,
            })
        }
        Err(_) if !failed => Ending::Error(0),
        Err(_) => match sys::socket_number(fd, libc::SO_TYPE) {
            Ok(libc::SOCK_DGRAM) => Ending::Error(libc::ECONNREFUSED),
            _ => Ending::Error(libc::ECONNRESET),
        },
    }
}

/// Has this TCP socket's own side stopped writing? (Linux reports such a socket as writable and says no more.)
pub(crate) fn has_stopped_writing(state: u8) -> bool {
    (TCP_FIN_WAIT1..TCP_LISTEN).contains(&state) && state != TCP_CLOSE_WAIT
}

/// Is the connection still being made?
pub(crate) fn is_connecting(state: u8) -> bool {
    state == TCP_SYN_SENT
}

/// Does the socket carry datagrams, so that nothing to count may still be something to read? Asked once per socket.
pub(crate) fn is_datagram(state: &mut State, fd: u32) -> bool {
    let known = state.node(fd).map_or(0, |node| node.quirks);
    if known & (DATAGRAM | STREAM) != 0 {
        return known & DATAGRAM != 0;
    }
    let datagram = sys::socket_number(fd as c_int, libc::SO_TYPE) != Ok(libc::SOCK_STREAM);
    if let Some(mut node) = state.node(fd) {
        node.quirks |= if datagram { DATAGRAM } else { STREAM };
    }
    datagram
}
