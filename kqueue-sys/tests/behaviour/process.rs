//! 60 to 64: EVFILT_PROC.

use crate::support::*;
use crate::table::{check, here};

/// Does nothing more: the child exits with 3.
fn exit() {}

fn die() {
    // SAFETY: a signal to ourselves.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
}

fn watch(queue: &Queue, pid: usize, notes: u32) -> &'static str {
    queue.put(pid, PROC, ADD, notes, 0, 1)
}

pub fn b60_the_wait_status_and_end_of_file() {
    let exited = "PROC(u1 data=exit:3 CLEAR ONESHOT EOF)";
    let killed = "PROC(u1 data=signal:9 CLEAR ONESHOT EOF)";
    for (step, then, expected) in [
        ("b60 exit", exit as fn(), exited),
        ("b60 killed", die, killed),
    ] {
        let queue = Queue::new();
        let mut child = Child::new(then);
        assert_eq!(watch(&queue, child.pid as usize, here().exit), "OK");
        assert_eq!(queue.soon(), "none");
        child.go();
        check(step, &queue.next(), expected);
        assert_eq!(queue.soon(), "none");
        assert_eq!(queue.delete(child.pid as usize, PROC), "ENOENT");
    }
}

pub fn b61_a_zombie_fires() {
    let queue = Queue::new();
    let mut child = Child::new(exit);
    child.go();
    // SAFETY: waits for the child's end and leaves it to be waited for: a zombie.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        libc::waitid(
            libc::P_PID,
            child.pid as libc::id_t,
            &mut info,
            libc::WEXITED | libc::WNOWAIT,
        );
    }
    check(
        "b61 a zombie",
        watch(&queue, child.pid as usize, here().exit),
        "OK",
    );
    check(
        "b61 a zombie fires",
        &queue.soon(),
        "PROC(u1 data=exit:3 CLEAR ONESHOT EOF)",
    );
}

pub fn b62_no_such_process_is_esrch() {
    let queue = Queue::new();
    let mut child = Child::new(exit);
    child.reap();
    assert_eq!(watch(&queue, child.pid as usize, here().exit), "ESRCH");
    check(
        "b62 no process -1",
        watch(&queue, usize::MAX, here().exit),
        "ESRCH",
    );
}

pub fn b64_notes_that_cannot_be_delivered_are_refused() {
    let numbers = here();
    let queue = Queue::new();
    let child = Child::new(exit);
    let notes = [
        ("b64 NOTE_FORK", numbers.fork),
        ("b64 NOTE_EXEC", numbers.exec),
        ("b64 NOTE_TRACK", numbers.track),
    ];
    for (step, note) in notes {
        check(
            step,
            watch(&queue, child.pid as usize, note | numbers.exit),
            "OK",
        );
        queue.delete(child.pid as usize, PROC);
    }
}
