//! Arbitrary bytes as changes: the body of the fuzz target and of the test that runs without a fuzzer.
//!
//! Nothing may crash, hang or leak; an error must be one that the manual names; an event must belong to somebody.

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};

use crate::common::*;

/// Every errno that the manual of `kevent` names, or that a filter may answer a change with.
const KNOWN: &[i32] = &[
    libc::EACCES,
    libc::EBADF,
    libc::EFAULT,
    libc::EINTR,
    libc::EINVAL,
    libc::ELOOP,
    libc::EMFILE,
    libc::ENFILE,
    libc::ENODEV,
    libc::ENOENT,
    libc::ENOMEM,
    libc::ENOSPC,
    libc::ENOTSUP,
    libc::EPERM,
    libc::EPIPE,
    libc::ESRCH,
];

/// One kevent, as bytes.
const SIZE: usize = size_of::<Kevent>();
const MOST_ROOM: usize = 16;
const MOST_CALLS: usize = 64;

/// What idents of small numbers stand for.
struct World {
    queue: Queue,
    inner: Queue,
    pipe: (OwnedFd, OwnedFd),
    sockets: (OwnedFd, OwnedFd),
    file: File,
}

impl World {
    fn new() -> World {
        let world = World {
            queue: Queue::new(),
            inner: Queue::new(),
            pipe: pipe(),
            sockets: socket_pair(),
            file: File::open("/proc/self/exe").expect("a regular file"),
        };
        write(&world.pipe.1, 3);
        write(&world.sockets.1, 3);
        world
    }

    fn ident(&self, wanted: usize) -> usize {
        let descriptor = match wanted & 0xf {
            0 => self.pipe.0.as_raw_fd(),
            1 => self.pipe.1.as_raw_fd(),
            2 => self.sockets.0.as_raw_fd(),
            3 => self.sockets.1.as_raw_fd(),
            4 => self.file.as_raw_fd(),
            5 => self.inner.number(),
            6 => self.queue.number(),
            7 => std::process::id() as i32,
            8 | 9 => libc::SIGUSR2,
            10 => (wanted >> 4 & 0x7) as i32,
            _ => return wanted >> 4,
        };
        descriptor as usize
    }

    fn change(&self, bytes: &[u8]) -> Kevent {
        let word = |from: usize| {
            usize::from_le_bytes(bytes[from..from + 8].try_into().expect("eight bytes"))
        };
        let half =
            |from: usize| u16::from_le_bytes(bytes[from..from + 2].try_into().expect("two bytes"));
        let filter = half(8) as i16;
        Kevent {
            ident: self.ident(word(0)),
            // Seven of eight filters exist.
            filter: if filter & 7 == 7 {
                filter
            } else {
                -(filter.rem_euclid(14))
            },
            flags: half(10),
            fflags: u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")),
            data: word(16) as isize,
            udata: word(24),
        }
    }
}

/// Splits the bytes into calls of changes and makes them.
pub fn run(bytes: &[u8]) {
    let world = World::new();
    let mut known = vec![0usize];
    let mut rest = bytes;
    for _ in 0..MOST_CALLS {
        let Some((&head, tail)) = rest.split_first() else {
            break;
        };
        let count = usize::from(head & 0x7).min(tail.len() / SIZE);
        let room = usize::from(head >> 3 & 0xf);
        let (mine, after) = tail.split_at(count * SIZE);
        rest = after;
        let changes: Vec<Kevent> = mine
            .chunks_exact(SIZE)
            .map(|bytes| world.change(bytes))
            .collect();
        known.extend(changes.iter().map(|change| change.udata));
        if head & 0x80 != 0 {
            write(&world.pipe.1, 1);
            read(&world.sockets.0, 1);
        }
        let mut events = [Kevent {
            udata: 0xdead,
            ..Kevent::default()
        }; MOST_ROOM];
        match call(world.queue.number(), &changes, &mut events[..room], 0) {
            Ok(got) => {
                assert!(got <= room, "{got} events in a room of {room}");
                events[..got].iter().for_each(|event| check(event, &known));
            }
            Err(errno) => assert!(KNOWN.contains(&errno), "errno {errno} for {changes:?}"),
        }
    }
}

fn check(event: &Kevent, known: &[usize]) {
    assert!(known.contains(&event.udata), "nobody's udata: {event:?}");
    if event.flags & ERROR != 0 {
        let errno = event.data as i32;
        assert!(
            errno == 0 || KNOWN.contains(&errno),
            "errno {errno}: {event:?}"
        );
    } else {
        assert!(
            (-13..=-1).contains(&event.filter),
            "no such filter: {event:?}"
        );
    }
}
