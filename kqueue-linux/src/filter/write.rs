//! EVFILT_WRITE: is there room to write, and how much?

use libc::c_int;

use super::socket::{self, Ending};
use super::{Verdict, file};
use crate::abi::{EV_EOF, EV_ONESHOT};
use crate::node::{ERROR, HANGUP, Kind, NOCOUNT, WRITE};
use crate::state::State;
use crate::sys;

const ROOM: u32 = libc::EPOLLOUT as u32;
/// A page of a pipe: epoll calls a pipe writable when one is free.
const PIPE_BUF: usize = libc::PIPE_BUF;
/// What a terminal's output queue holds at least.
const TERMINAL_QUEUE: usize = 4096;

/// The answer for a descriptor of which epoll or `poll` said `bits`.
pub(crate) fn check(state: &mut State, fd: u32, bits: u32) -> Verdict {
    let Some(node) = state.node(fd) else {
        return Verdict::Gone;
    };
    let (kind, side) = (node.kind, *node.sides[WRITE]);
    let counting = side.notes & NOCOUNT == 0;
    let lowat = state.nodes.lowat(fd, WRITE);
    match kind {
        Kind::Socket => of_socket(fd as c_int, bits, counting, lowat),
        Kind::Pipe => of_pipe(fd as c_int, bits, counting),
        Kind::File => file::check_write(state, fd),
        _ if bits & ROOM == 0 => Verdict::QuietButNoisy,
        Kind::Device if counting => match sys::bytes_unsent(fd as c_int) {
            Err(libc::EBADF) => Verdict::Gone,
            waiting => Verdict::Fire(
                TERMINAL_QUEUE.saturating_sub(waiting.unwrap_or(0)).max(1) as isize,
                0,
                0,
            ),
        },
        _ if counting => Verdict::Fire(8, 0, 0),
        _ => Verdict::Fire(0, 0, 0),
    }
}

/// A pipe: the reader's end is an end of file; a pipe without a name is then done with (as on FreeBSD), a FIFO may find another reader.
fn of_pipe(fd: c_int, bits: u32, counting: bool) -> Verdict {
    let end = bits & ERROR != 0;
    if bits & ROOM == 0 && !end {
        // The writers of a pipe's reading end are gone: nothing to a writer.
        return Verdict::QuietButNoisy;
    }
    let mut room = 0;
    if counting {
        let (Ok(capacity), Ok(used)) = (sys::pipe_capacity(fd), sys::bytes_to_read(fd)) else {
            return Verdict::Gone;
        };
        room = capacity.saturating_sub(used);
        if !end {
            room = room.max(PIPE_BUF);
        }
    }
    let flags = match end {
        true if sys::is_anonymous_pipe(fd) => EV_EOF | EV_ONESHOT,
        true => EV_EOF,
        false => 0,
    };
    Verdict::Fire(room as isize, flags, 0)
}

fn of_socket(fd: c_int, bits: u32, counting: bool, lowat: Option<u32>) -> Verdict {
    let mut end = bits & HANGUP != 0;
    let mut error = 0;
    if bits & (HANGUP | ERROR) != 0 {
        match socket::ending(fd, bits) {
            Ending::NeverConnected => return Verdict::QuietButNoisy,
            Ending::Error(errno) => error = errno,
        }
    } else if bits & ROOM == 0 {
        return Verdict::Quiet;
    }
    if !counting && lowat.is_none() {
        return Verdict::Fire(
            0,
            if end { EV_EOF } else { 0 },
            if end { error as u32 } else { 0 },
        );
    }
    let tcp = sys::tcp_info(fd);
    if let Ok(info) = &tcp {
        if socket::is_connecting(info.state()) {
            return Verdict::Quiet;
        }
        end |= socket::has_stopped_writing(info.state());
    }
    let room = match sys::socket_memory(fd) {
        // SK_MEMINFO_SNDBUF less SK_MEMINFO_WMEM_QUEUED, or for others than TCP less SK_MEMINFO_WMEM_ALLOC.
        Ok(memory) => memory[3].saturating_sub(if tcp.is_ok() { memory[5] } else { memory[2] }),
        Err(libc::EBADF | libc::ENOTSOCK) => return Verdict::Gone,
        Err(_) => 1,
    };
    let room = if bits & ROOM != 0 { room.max(1) } else { room };
    if !end && lowat.is_some_and(|lowat| room < lowat) {
        return Verdict::QuietButNoisy;
    }
    Verdict::Fire(
        if counting { room as isize } else { 0 },
        if end { EV_EOF } else { 0 },
        if end { error as u32 } else { 0 },
    )
}
