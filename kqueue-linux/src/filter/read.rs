//! EVFILT_READ: is there something to read, and how much?

use libc::c_int;

use super::socket::{self, Ending};
use super::{Verdict, file, inner};
use crate::abi::EV_EOF;
use crate::node::{ERROR, HANGUP, Kind, NOCOUNT, READ, READ_HANGUP};
use crate::state::State;
use crate::sys;

/// The answer for a descriptor of which epoll or `poll` said `bits`.
pub(crate) fn check(state: &mut State, fd: u32, bits: u32) -> Verdict {
    let Some(node) = state.node(fd) else {
        return Verdict::Gone;
    };
    let (kind, side) = (node.kind, *node.sides[READ]);
    let counting = side.notes & NOCOUNT == 0;
    let lowat = state.nodes.lowat(fd, READ);
    match kind {
        Kind::Socket => of_socket(state, fd, bits, counting, lowat),
        Kind::Pipe => {
            let end = bits & (HANGUP | ERROR) != 0;
            let count = if counting {
                sys::bytes_to_read(fd as c_int)
            } else {
                Ok(0)
            };
            match count {
                Err(libc::EBADF) => Verdict::Gone,
                Ok(0) if counting && !end => Verdict::Quiet,
                count => fire(count.unwrap_or(0), end, 0),
            }
        }
        Kind::Kqueue => match inner::count(state, fd) {
            0 => Verdict::QuietButNoisy,
            count => fire(count, false, 0),
        },
        Kind::File => file::check_read(state, fd),
        _ => {
            let end = bits & HANGUP != 0;
            if !counting {
                return fire(0, end, 0);
            }
            match sys::bytes_to_read(fd as c_int) {
                Ok(count) => fire(count, end, 0),
                Err(libc::EBADF) => Verdict::Gone,
                Err(_) if kind == Kind::Anonymous => fire(unit_of_anonymous(fd), end, 0),
                Err(_) => fire(0, end, 0),
            }
        }
    }
}

fn fire(count: usize, end: bool, error: c_int) -> Verdict {
    Verdict::Fire(count as isize, if end { EV_EOF } else { 0 }, error as u32)
}

fn of_socket(state: &mut State, fd: u32, bits: u32, counting: bool, lowat: Option<u32>) -> Verdict {
    let mut end = bits & (READ_HANGUP | HANGUP) != 0;
    let failed = bits & ERROR != 0;
    let mut error = 0;
    if bits & (HANGUP | ERROR) != 0 {
        match socket::ending(fd as c_int, bits) {
            Ending::NeverConnected => return Verdict::QuietButNoisy,
            Ending::Error(errno) => error = errno,
        }
        if !end {
            // A datagram socket with an error to collect: it goes on living, so this is no end, and the error is the next call's result.
            error = 0;
        }
    }
    if !counting && lowat.is_none() {
        return fire(0, end, error);
    }
    let count = match sys::bytes_to_read(fd as c_int) {
        Ok(count) => count,
        Err(libc::EBADF) => return Verdict::Gone,
        // A listener has no bytes. TCP tells its queue, others do not.
        Err(libc::EINVAL) => {
            end = false;
            match sys::tcp_info(fd as c_int) {
                Ok(info) if info.unacked() == 0 => return Verdict::Quiet,
                Ok(info) => info.unacked() as usize,
                Err(_) => 1,
            }
        }
        Err(_) => 0,
    };
    if !end && !failed {
        if lowat.is_some_and(|lowat| count < lowat as usize) {
            return Verdict::QuietButNoisy;
        }
        if count == 0 && !socket::is_datagram(state, fd) {
            return Verdict::Quiet;
        }
    }
    fire(if counting { count } else { 0 }, end, error)
}

/// How many bytes one read of an eventfd, a timerfd or a signalfd gives; 1 for what is unknown.
fn unit_of_anonymous(fd: u32) -> usize {
    let mut path = [0; super::watch::PATH_ROOM];
    let mut name = [0; 32];
    let path = super::watch::path_of(fd, b"", &mut path);
    match sys::readlink(path, &mut name).map(|length| &name[..length]) {
        Ok(b"anon_inode:[eventfd]" | b"anon_inode:[timerfd]") => 8,
        Ok(b"anon_inode:[signalfd]") => 128,
        _ => 1,
    }
}
