//! 17 to 28: the kqueue itself, its arguments, and its life beside other descriptors.

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use crate::support::*;
use crate::table::check;
use kqueue_sys::{count_t, kevent, timespec};

pub fn b17_a_bad_kqueue_is_ebadf() {
    let (reader, _writer) = pipe();
    let file = file("f", 0);
    let closed = {
        // SAFETY: the copy is closed again at once.
        let copy = unsafe { OwnedFd::from_raw_fd(libc::dup(reader.as_raw_fd())) };
        copy.as_raw_fd()
    };
    let answer = |kq: RawFd| text(&raw(kq, &[], 4, 0));
    assert_eq!(answer(closed), "EBADF");
    assert_eq!(answer(-1), "EBADF");
    check("b17 a pipe", &answer(reader.as_raw_fd()), "EBADF");
    check("b17 a file", &answer(file.as_raw_fd()), "EBADF");
}

fn wait_for(queue: &Queue, changes: &[kevent], seconds: i64, nanoseconds: i64) -> String {
    // SAFETY: all zeroes is a valid timespec; the lists are as long as their counts.
    unsafe {
        let mut limit: timespec = MaybeUninit::zeroed().assume_init();
        limit.tv_sec = seconds as _;
        limit.tv_nsec = nanoseconds as _;
        let mut events: [kevent; 4] = MaybeUninit::zeroed().assume_init();
        let kq = queue.0.as_raw_fd();
        let count = kqueue_sys::kevent(
            kq,
            changes.as_ptr(),
            changes.len() as count_t,
            events.as_mut_ptr(),
            4,
            &limit,
        );
        if count < 0 {
            errno_name(errno()).to_owned()
        } else {
            count.to_string()
        }
    }
}

pub fn b18_a_bad_timespec_is_einval_after_the_changes() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    check(
        "b18 a billion nanoseconds",
        &wait_for(&queue, &[], 0, 1_000_000_000),
        "EINVAL",
    );
    check(
        "b18 a negative second",
        &wait_for(&queue, &[], -1, 0),
        "EINVAL",
    );
    write(&writer, 1);
    let add = change(&reader, READ, ADD, 0, 0, 1);
    check(
        "b18 a billion nanoseconds",
        &wait_for(&queue, &[add], 0, 1_000_000_000),
        "EINVAL",
    );
    check("b18 applied", queue.delete(&reader, READ), "OK");
}

pub fn b19_negative_counts() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    // A kernel that takes -1 for a large number reads only as far as the first change that fails.
    let mut list: Vec<kevent> = vec![change(0, 0, 0, 0, 0, 0); 4096];
    let kq = queue.0.as_raw_fd();
    // SAFETY: all zeroes is a valid timespec.
    let at_once: timespec = unsafe { MaybeUninit::zeroed().assume_init() };
    let minus_one = -1i32 as count_t;
    // SAFETY: see above; no event is written without room.
    let count = unsafe {
        kqueue_sys::kevent(
            kq,
            list.as_ptr(),
            minus_one,
            std::ptr::null_mut(),
            0,
            &at_once,
        )
    };
    check(
        "b19 negative changes",
        if count < 0 { errno_name(errno()) } else { "OK" },
        "OK",
    );
    // SAFETY: room for thousands; no more than nothing can be pending.
    let count = unsafe {
        kqueue_sys::kevent(
            kq,
            std::ptr::null(),
            0,
            list.as_mut_ptr(),
            minus_one,
            &at_once,
        )
    };
    let answer = if count < 0 {
        errno_name(errno()).to_owned()
    } else {
        count.to_string()
    };
    check("b19 negative room, nothing pending", &answer, "0");
    write(&writer, 1);
    queue.add(&reader, READ, 0, 1);
    assert_eq!(
        queue.next(),
        "READ(u1 data=1)",
        "the kqueue is as good as before"
    );
}

pub fn b20_without_room_it_never_blocks() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    let forever = std::ptr::null();
    for pending in [false, true] {
        if pending {
            write(&writer, 1);
            queue.add(&reader, READ, 0, 1);
        }
        // SAFETY: no lists, no time limit. A kernel that waits makes this test hang, and the runner ends it.
        let count = unsafe {
            kqueue_sys::kevent(
                queue.0.as_raw_fd(),
                std::ptr::null(),
                0,
                std::ptr::null_mut(),
                0,
                forever,
            )
        };
        assert_eq!(count, 0);
    }
}

pub fn b22_poll_works_on_the_kqueue() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    queue.add(&reader, READ, 0, 1);
    assert!(!queue.polls_readable(0));
    write(&writer, 1);
    assert!(queue.polls_readable(PATIENT));
    assert_eq!(queue.next(), "READ(u1 data=1)");
    read(&reader, 1);
    assert_eq!(queue.soon(), "none");
    assert!(!queue.polls_readable(0));
    write(&writer, 1);
    queue.put(&reader, READ, DISABLE, 0, 0, 1);
    queue.soon();
    check(
        "b22 disabled",
        &queue.polls_readable(QUIET).to_string(),
        "false",
    );
    queue.put(&reader, READ, ENABLE, 0, 0, 1);
    assert!(queue.polls_readable(PATIENT));
    queue.delete(&reader, READ);
    assert!(!queue.polls_readable(QUIET));
    queue.add(&reader, READ, CLEAR, 1);
    queue.next();
    check(
        "b22 CLEAR, collected",
        &queue.polls_readable(QUIET).to_string(),
        "false",
    );
}

pub fn b23_a_kqueue_in_a_kqueue_counts_what_is_pending() {
    let (outer, inner) = (Queue::new(), Queue::new());
    outer.add(&inner, READ, 0, 1);
    assert_eq!(outer.soon(), "none");
    let pipes = [pipe(), pipe(), pipe()];
    for (reader, writer) in &pipes {
        inner.add(reader, READ, 0, 10);
        write(writer, 1);
    }
    assert_eq!(outer.next(), "READ(u1 data=3)");
    inner.raw(&[], 1, 0).expect("collect one");
    check(
        "b23 one level event collected",
        &outer.next(),
        "READ(u1 data=3)",
    );
    pipes
        .iter()
        .for_each(|(reader, _)| assert_eq!(read(reader, 1), 1));
    assert_eq!(inner.soon(), "none");
    assert_eq!(outer.soon(), "none");
}

pub fn b24_a_chain_of_kqueues() {
    let (reader, writer) = pipe();
    let mut chain = vec![Queue::new()];
    chain[0].add(&reader, READ, 0, 10);
    for level in 1..5 {
        let outer = Queue::new();
        outer.add(&chain[level - 1], READ, 0, level);
        chain.push(outer);
    }
    write(&writer, 1);
    assert_eq!(chain[4].next(), "READ(u4 data=1)");
    read(&reader, 1);
    assert_eq!(chain[0].soon(), "none");
    check("b24 drained", &chain[4].soon(), "READ(u4 data=1)");
    // Deeper than a system nests is an error with a name, not silence.
    for level in 5..16 {
        let outer = Queue::new();
        match outer.put(&chain[level - 1], READ, ADD, 0, 0, level) {
            "OK" => chain.push(outer),
            refused => {
                assert_eq!(refused, "ELOOP");
                break;
            }
        }
    }
    let outermost = chain.last().expect("five at least");
    write(&writer, 1);
    assert_eq!(
        outermost.next(),
        format!("READ(u{} data=1)", chain.len() - 1)
    );
}

pub fn b26_not_inherited_over_fork() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    queue.add(&reader, READ, 0, 1);
    write(&writer, 1);
    let kq = queue.0.as_raw_fd();
    // SAFETY: this process has one thread.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let inherited = raw(kq, &[], 4, 0);
        let fresh = Queue::new();
        fresh.add(&reader, READ, 0, 2);
        let works = fresh.next() == "READ(u2 data=1)";
        let code = if !works {
            2
        } else {
            i32::from(inherited.map(|_| ()) != Err(libc::EBADF))
        };
        // SAFETY: ends the child without unwinding into the runner.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: our own child.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert!(libc::WIFEXITED(status));
    let code = libc::WEXITSTATUS(status);
    assert_ne!(code, 2, "a new kqueue in the child works");
    check(
        "b26 kevent in the child",
        if code == 0 { "EBADF" } else { "something else" },
        "EBADF",
    );
    assert_eq!(queue.next(), "READ(u1 data=1)");
}

pub fn b28_after_close_ebadf_and_after_reuse_enoent() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    let number = reader.as_raw_fd() as usize;
    queue.add(&reader, READ, 0, 1);
    write(&writer, 1);
    drop(reader);
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.delete(number, READ), "EBADF");

    let ((reader, writer), (other, other_writer)) = (pipe(), pipe());
    let number = reader.as_raw_fd() as usize;
    queue.add(&reader, READ, 0, 1);
    write(&writer, 1);
    write(&other_writer, 2);
    drop(reader);
    // SAFETY: the number was closed just now and nobody else is here to take it.
    let reused = unsafe { OwnedFd::from_raw_fd(libc::dup2(other.as_raw_fd(), number as RawFd)) };
    check("b28 another pipe under the number", &queue.soon(), "none");
    assert_eq!(queue.put(&reused, READ, ENABLE, 0, 0, 2), "ENOENT");
    assert_eq!(queue.delete(&reused, READ), "ENOENT");
    queue.add(&reused, READ, 0, 3);
    assert_eq!(queue.next(), "READ(u3 data=2)");
}
