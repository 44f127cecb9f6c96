//! What a bad day brings: storms of signals, forks, many registrations, deep nesting, descriptors closed behind the kqueue's back.
//! Descriptors are counted before and after each.
#![cfg(target_os = "linux")]

mod common;

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use common::*;

/// Milliseconds within which what must come comes.
const PATIENT: i32 = 20_000;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Counts descriptors for the length of a test; tests that count cannot overlap.
struct Counted {
    before: usize,
    _alone: MutexGuard<'static, ()>,
}

impl Counted {
    fn start() -> Counted {
        let alone = ONE_AT_A_TIME
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        // Opens what stays open for the life of the process.
        let warm = Queue::new();
        warm.put(change(1, USER, ADD, 0)).expect("user event");
        drop(warm);
        Counted {
            before: open_descriptors(),
            _alone: alone,
        }
    }

    /// What a kqueue held that was closed with a plain `close` is given back when further ones are made.
    fn end(self) {
        for _ in 0..400 {
            drop(Queue::new());
        }
        assert_eq!(open_descriptors(), self.before, "descriptors leaked");
    }
}

extern "C" fn nothing(_: libc::c_int) {}

#[test]
fn a_storm_of_signals_loses_nothing() {
    let counted = Counted::start();
    // SAFETY: a handler that does nothing, without SA_RESTART.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as usize;
        libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut());
    }
    let (reader, writer) = pipe();
    let done = Arc::new(AtomicBool::new(false));
    let rounds = 2000;
    let worker = {
        let done = Arc::clone(&done);
        thread::spawn(move || {
            let queue = Queue::new();
            let ident = reader.as_raw_fd() as usize;
            let (mut seen, mut interrupted) = (0usize, 0usize);
            while seen < rounds {
                // Registered again in each call: a change of an interrupted call must not be lost, and must not harm when it was applied.
                match queue.call(&[change(ident, READ, ADD, seen)], 1, PATIENT) {
                    Ok(events) => {
                        assert_eq!(events.len(), 1, "an event must come");
                        assert_eq!(events[0].udata, seen);
                        assert_eq!(read(&reader, 1), 1);
                        seen += 1;
                    }
                    Err(libc::EINTR) => interrupted += 1,
                    Err(errno) => panic!("errno {errno}"),
                }
            }
            done.store(true, Ordering::SeqCst);
            interrupted
        })
    };
    let target = worker.as_pthread_t();
    let mut written = 0;
    while !done.load(Ordering::SeqCst) {
        // SAFETY: the thread is joined below.
        (0..20).for_each(|_| unsafe {
            libc::pthread_kill(target, libc::SIGUSR2);
        });
        if written < rounds && write(&writer, 1) == 1 {
            written += 1;
        }
    }
    let interrupted = worker.join().expect("worker");
    println!("{interrupted} calls interrupted, {rounds} events");
    drop(writer);
    counted.end();
}

#[test]
fn a_fork_harms_neither_side() {
    let counted = Counted::start();
    let queue = Queue::new();
    let (reader, writer) = pipe();
    let ident = reader.as_raw_fd() as usize;
    queue.put(change(ident, READ, ADD, 1)).expect("add");
    queue.put(change(1, USER, ADD | CLEAR, 2)).expect("user");
    queue
        .put(Kevent {
            data: 3_600_000,
            ..change(1, TIMER, ADD, 3)
        })
        .expect("timer");
    // SAFETY: the child makes system calls and leaves; what it allocates, glibc allows after a fork.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let mut events = [Kevent::default(); 4];
        let refused = call(
            queue.number(),
            &[change(ident, READ, DELETE, 0)],
            &mut events,
            0,
        ) == Err(libc::EBADF);
        let fresh = Queue::new();
        let added = fresh.put(change(ident, READ, ADD, 9)).is_ok();
        write(&writer, 1);
        let seen = fresh
            .call(&[], 4, PATIENT)
            .is_ok_and(|events| events.len() == 1 && events[0].udata == 9);
        // The inherited number is closed by the child's end, or here, without harm to the parent.
        drop(queue);
        // SAFETY: leaves without running the test harness.
        unsafe { libc::_exit(if refused { 0 } else { 1 } + if added && seen { 0 } else { 2 }) };
    }
    let mut status = 0;
    // SAFETY: our own child.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(
        libc::WEXITSTATUS(status),
        0,
        "1: the inherited kqueue answered, 2: a new one does not work"
    );
    let events = queue.call(&[], 4, PATIENT).expect("wait");
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].udata, events[0].data), (1, 1));
    queue
        .put(Kevent {
            fflags: NOTE_TRIGGER,
            ..change(1, USER, 0, 2)
        })
        .expect("trigger");
    assert_eq!(queue.call(&[], 4, PATIENT).expect("wait").len(), 2);
    drop((queue, reader, writer));
    counted.end();
}

/// Raises the limit of open descriptors as far as it goes; how many there may be.
fn raise_descriptor_limit() -> usize {
    // SAFETY: plain calls with a struct that lives across them.
    unsafe {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        let more = libc::rlimit {
            rlim_cur: limit.rlim_max.max(120_000),
            rlim_max: limit.rlim_max.max(120_000),
        };
        if libc::setrlimit(libc::RLIMIT_NOFILE, &more) != 0 {
            let most = libc::rlimit {
                rlim_cur: limit.rlim_max,
                ..limit
            };
            libc::setrlimit(libc::RLIMIT_NOFILE, &most);
        }
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur as usize
    }
}

#[test]
fn a_hundred_thousand_registrations() {
    let counted = Counted::start();
    let limit = raise_descriptor_limit();
    let descriptors = if limit >= 110_000 {
        100_000
    } else {
        limit.saturating_sub(200).min(100_000)
    };
    let users = 100_000 - descriptors;
    println!(
        "{descriptors} descriptors and {users} user events (the limit of descriptors is {limit})"
    );
    let queue = Queue::new();
    let (reader, writer) = pipe();
    let mut copies = Vec::with_capacity(descriptors);
    for number in 0..descriptors {
        // SAFETY: a copy of an open descriptor, ours.
        let copy = unsafe {
            OwnedFd::from_raw_fd(libc::fcntl(reader.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 0))
        };
        queue
            .put(change(
                copy.as_raw_fd() as usize,
                READ,
                ADD | ONESHOT,
                number,
            ))
            .expect("add");
        copies.push(copy);
    }
    for number in descriptors..100_000 {
        queue
            .put(change(number, USER, ADD | ONESHOT, number))
            .expect("add");
        queue
            .put(Kevent {
                fflags: NOTE_TRIGGER,
                ..change(number, USER, 0, number)
            })
            .expect("trigger");
    }
    write(&writer, 1);
    let mut seen = vec![false; 100_000];
    let mut events = vec![Kevent::default(); 512];
    let mut left = seen.len();
    while left > 0 {
        let count = call(queue.number(), &[], &mut events, PATIENT).expect("wait");
        assert!(count > 0, "{left} events are missing");
        for event in &events[..count] {
            assert!(
                !std::mem::replace(&mut seen[event.udata], true),
                "{event:?} came twice"
            );
        }
        left -= count;
    }
    assert_eq!(queue.call(&[], 4, 0).expect("look").len(), 0);
    drop((copies, queue, reader, writer));
    counted.end();
}

#[test]
fn ten_thousand_timers_fire_once_each_and_in_order() {
    let counted = Counted::start();
    let queue = Queue::new();
    let start = Instant::now();
    for number in 0..10_000usize {
        // A scattered order of deadlines, 1 to 500 ms from now in nanoseconds.
        let after = (number * 7919 % 10_000) as isize * 50_000 + 1_000_000;
        queue
            .put(Kevent {
                fflags: NOTE_NSECONDS,
                data: after,
                ..change(number, TIMER, ADD | ONESHOT, after as usize)
            })
            .expect("add");
    }
    // Every second one is deleted again.
    for number in (0..10_000).step_by(2) {
        let gone = queue.put(change(number, TIMER, DELETE, 0));
        assert!(matches!(gone, Ok(()) | Err(libc::ENOENT)), "{gone:?}");
    }
    let mut seen: Vec<(usize, usize)> = Vec::new();
    let mut events = vec![Kevent::default(); 64];
    // Until each odd one has come; then whatever else is there would come at once.
    loop {
        let count = call(queue.number(), &[], &mut events, 0).expect("look");
        seen.extend(
            events[..count]
                .iter()
                .map(|event| (event.ident, event.udata)),
        );
        assert!(events[..count].iter().all(|event| event.data == 1));
        let odd = seen.iter().filter(|(ident, _)| ident % 2 == 1).count();
        if count == 0 && odd >= 5000 {
            break;
        }
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{odd} of 5000 odd ones came"
        );
        if count == 0 {
            call(queue.number(), &[], &mut events[..0], 0).expect("no room");
            let mut poll = libc::pollfd {
                fd: queue.number(),
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one pollfd that lives across the call.
            unsafe { libc::poll(&mut poll, 1, 100) };
        }
    }
    let mut odd: Vec<usize> = seen
        .iter()
        .map(|(ident, _)| *ident)
        .filter(|ident| ident % 2 == 1)
        .collect();
    odd.sort_unstable();
    assert_eq!(
        odd,
        (1..10_000).step_by(2).collect::<Vec<_>>(),
        "each odd one once"
    );
    drop(queue);
    counted.end();
}

#[test]
fn nesting_ends_with_eloop_and_works_up_to_there() {
    let counted = Counted::start();
    let (reader, writer) = pipe();
    let mut chain = vec![Queue::new()];
    chain[0]
        .put(change(reader.as_raw_fd() as usize, READ, ADD, 0))
        .expect("innermost");
    let refused = loop {
        assert!(chain.len() < 64, "no end to nesting");
        let outer = Queue::new();
        let inner = chain.last().expect("one").number() as usize;
        match outer.put(change(inner, READ, ADD, chain.len())) {
            Ok(()) => chain.push(outer),
            Err(errno) => break errno,
        }
    };
    assert_eq!(refused, libc::ELOOP);
    println!("{} levels", chain.len());
    assert!(chain.len() >= 5, "epoll nests five deep");
    // A cycle is refused as well, and leaves both as they were.
    let inner = chain.last().expect("one").number() as usize;
    let cycle = chain[0].put(change(inner, READ, ADD, 99));
    assert_eq!(cycle, Err(libc::ELOOP));
    let itself = chain[0].put(change(chain[0].number() as usize, READ, ADD, 99));
    assert!(
        matches!(itself, Err(libc::ELOOP | libc::EINVAL)),
        "{itself:?}"
    );
    write(&writer, 1);
    let events = chain
        .last()
        .expect("one")
        .call(&[], 4, PATIENT)
        .expect("wait");
    assert_eq!(events.len(), 1);
    drop((chain, reader, writer));
    counted.end();
}

#[test]
fn descriptors_closed_behind_its_back() {
    let counted = Counted::start();
    let queue = Queue::new();
    for round in 0..500usize {
        // Every kind of descriptor, ready, closed without a word; the numbers come back in the next round.
        let (reader, writer) = pipe();
        let (one, other) = socket_pair();
        let file = std::fs::File::open("/proc/self/exe").expect("file");
        let changes = [
            change(
                reader.as_raw_fd() as usize,
                READ,
                ADD | if round % 2 == 0 { CLEAR } else { 0 },
                round,
            ),
            change(writer.as_raw_fd() as usize, WRITE, ADD, round),
            change(one.as_raw_fd() as usize, READ, ADD | DISPATCH, round),
            change(one.as_raw_fd() as usize, WRITE, ADD | ONESHOT, round),
            change(file.as_raw_fd() as usize, READ, ADD, round),
            Kevent {
                fflags: NOTE_WRITE,
                ..change(file.as_raw_fd() as usize, VNODE, ADD | CLEAR, round)
            },
        ];
        queue.call(&changes, 0, 0).expect("add");
        write(&writer, 1);
        write(&other, 1);
        if round % 3 == 0 {
            let events = queue.call(&[], 16, 0).expect("look");
            assert!(
                events.iter().all(|event| event.udata == round),
                "round {round}: an old udata: {events:?}"
            );
        }
    }
    assert_eq!(
        queue.call(&[], 16, 0).expect("look"),
        [],
        "nothing is left of those that are closed"
    );
    drop(queue);
    counted.end();
}

#[test]
fn kqueues_come_and_go() {
    let counted = Counted::start();
    for _ in 0..2000 {
        let queue = Queue::new();
        queue.put(change(1, USER, ADD, 1)).expect("user");
        queue
            .put(Kevent {
                data: 60_000,
                ..change(1, TIMER, ADD, 2)
            })
            .expect("timer");
        let own = std::process::id() as usize;
        queue
            .put(Kevent {
                fflags: NOTE_EXIT,
                ..change(own, PROC, ADD, 3)
            })
            .expect("process");
        queue
            .put(change(libc::SIGUSR1 as usize, SIGNAL, ADD, 4))
            .expect("signal");
        let file = std::fs::File::open("/proc/self/exe").expect("file");
        let watch = Kevent {
            fflags: NOTE_WRITE,
            ..change(file.as_raw_fd() as usize, VNODE, ADD | CLEAR, 5)
        };
        queue.put(watch).expect("file");
        queue.call(&[], 4, 0).expect("look");
    }
    counted.end();
}
