//! What is registered, and a round of it.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::ptr;

use benches::no_count::NOTE_NOCOUNT;
use kqueue_sys::{
    EV_ADD, EV_CLEAR, EV_SET, EVFILT_READ, EVFILT_WRITE, count_t, filter_t, flags_t, kevent,
    kqueue, timespec,
};

/// One shape of a wait.
#[derive(Clone, Copy)]
pub struct Shape {
    pub descriptors: usize,
    filters: &'static [filter_t],
    flags: flags_t,
    timeout: Option<timespec>,
}

const LEVEL: Shape = Shape {
    descriptors: 1,
    filters: &[EVFILT_READ],
    flags: 0,
    timeout: None,
};
const CLEAR: Shape = Shape {
    flags: EV_CLEAR,
    ..LEVEL
};
const BOTH: Shape = Shape {
    filters: &[EVFILT_READ, EVFILT_WRITE],
    ..CLEAR
};
const ROOM_TO_WRITE: Shape = Shape {
    filters: &[EVFILT_WRITE],
    ..LEVEL
};
const TIMED: Shape = Shape {
    timeout: Some(timespec {
        tv_sec: 1,
        tv_nsec: 500,
    }),
    ..LEVEL
};
const AT_ONCE: Shape = Shape {
    timeout: Some(timespec {
        tv_sec: 0,
        tv_nsec: 0,
    }),
    ..LEVEL
};

const fn many(shape: Shape) -> Shape {
    Shape {
        descriptors: 64,
        ..shape
    }
}

pub const SHAPES: [(&str, Shape); 12] = [
    ("read", LEVEL),
    ("read-64", many(LEVEL)),
    ("read-clear", CLEAR),
    ("read-clear-64", many(CLEAR)),
    ("read-and-write-clear", BOTH),
    ("read-and-write-clear-64", many(BOTH)),
    ("write", ROOM_TO_WRITE),
    ("write-64", many(ROOM_TO_WRITE)),
    ("read-with-timeout", TIMED),
    ("read-with-timeout-64", many(TIMED)),
    ("read-at-once", AT_ONCE),
    ("read-at-once-64", many(AT_ONCE)),
];

impl Shape {
    pub fn named(name: &str) -> Result<Self, Box<dyn Error>> {
        SHAPES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, shape)| *shape)
            .ok_or_else(|| "no such shape".into())
    }

    /// Events of a round.
    pub const fn events(&self) -> usize {
        self.descriptors * self.filters.len()
    }

    /// So many rounds: makes every descriptor readable anew when edges are asked for, waits (unless `calls` is false), and looks whether all came.
    pub fn run(self, rounds: u64, calls: bool) -> Result<(), Box<dyn Error>> {
        // SAFETY: a new descriptor or -1.
        let kq = unsafe { kqueue() };
        if kq < 0 {
            return Err(io::Error::last_os_error().into());
        }
        let mut sockets = Vec::new();
        for at in 0..self.descriptors {
            let (here, mut there) = UnixStream::pair()?;
            there.write_all(&[1])?;
            for filter in self.filters {
                let add = EV_SET(
                    here.as_raw_fd() as usize,
                    *filter,
                    EV_ADD | self.flags,
                    NOTE_NOCOUNT,
                    0,
                    ptr::without_provenance_mut(at),
                );
                // SAFETY: one change, no room.
                if unsafe { kevent(kq, &add, 1, ptr::null_mut(), 0, ptr::null()) } < 0 {
                    return Err(io::Error::last_os_error().into());
                }
            }
            sockets.push((here, there));
        }
        let mut events = [EV_SET(0, 0, 0, 0, 0, ptr::null_mut()); 256];
        let timeout = self
            .timeout
            .as_ref()
            .map_or(ptr::null(), std::ptr::from_ref);
        for _ in 0..rounds {
            if self.flags & EV_CLEAR != 0 {
                for (here, there) in &mut sockets {
                    here.read_exact(&mut [0])?;
                    there.write_all(&[1])?;
                }
            }
            let (array, room) = (events.as_mut_ptr(), black_box(events.len() as count_t));
            let found = if calls {
                // SAFETY: no change, room as announced, a timeout that lives.
                unsafe { kevent(kq, ptr::null(), 0, array, room, timeout) }
            } else {
                self.events() as i32
            };
            if black_box(found) != self.events() as i32 {
                return Err(format!("{found} events").into());
            }
        }
        Ok(())
    }
}
