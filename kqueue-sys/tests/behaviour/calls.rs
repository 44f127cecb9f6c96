//! 1 to 6: what one call does with its changes and its room.

use crate::support::*;
use crate::table::check;
use kqueue_sys::kevent;
use std::os::fd::{AsRawFd, OwnedFd};

/// Which of the pipes are registered for READ, found out by deleting them: "1,3".
fn registered(queue: &Queue, pipes: &[(OwnedFd, OwnedFd)]) -> String {
    let found: Vec<String> = (1..)
        .zip(pipes)
        .filter(|(_, (reader, _))| queue.delete(reader, READ) == "OK")
        .map(|(number, _)| i32::to_string(&number))
        .collect();
    found.join(",")
}

fn pipes<const N: usize>() -> [(OwnedFd, OwnedFd); N] {
    std::array::from_fn(|_| pipe())
}

pub fn b01_changes_apply_in_order_before_the_scan() {
    let queue = Queue::new();
    let (reader, writer) = pipe();
    write(&writer, 1);
    let add = |udata| change(&reader, READ, ADD, 0, 0, udata);
    let delete = change(&reader, READ, DELETE, 0, 0, 0);
    assert_eq!(queue.call(&[add(1), add(2)], 8, PATIENT), "READ(u2 data=1)");
    assert_eq!(queue.call(&[delete, add(3)], 8, PATIENT), "READ(u3 data=1)");
    assert_eq!(queue.call(&[add(4), delete], 8, QUIET), "none");
}

/// A good change, so many that fail, a good change.
fn failing(queue: &Queue, pipes: &[(OwnedFd, OwnedFd)], failures: usize, room: usize) -> String {
    let mut changes = vec![change(&pipes[0].0, READ, ADD, 0, 0, 1)];
    changes
        .extend((0..failures).map(|number| change(&pipes[0].1, WRITE, DELETE, 0, 0, 7 + number)));
    changes.push(change(&pipes[1].0, READ, ADD, 0, 0, 2));
    queue.call(&changes, room, 0)
}

pub fn b02_without_room_the_first_failure_is_returned() {
    let queue = Queue::new();
    let pipes = pipes::<2>();
    assert_eq!(failing(&queue, &pipes, 1, 0), "ENOENT");
    assert_eq!(registered(&queue, &pipes), "1");
}

pub fn b03_with_room_each_failure_is_an_entry() {
    let queue = Queue::new();
    let pipes = pipes::<2>();
    assert_eq!(failing(&queue, &pipes, 1, 4), "WRITE(u7 data=ENOENT ERROR)");
    assert_eq!(registered(&queue, &pipes), "1,2");
    let three =
        "WRITE(u7 data=ENOENT ERROR) WRITE(u8 data=ENOENT ERROR) WRITE(u9 data=ENOENT ERROR)";
    assert_eq!(failing(&queue, &pipes, 3, 3), three);
    assert_eq!(registered(&queue, &pipes), "1,2");
    check(
        "b03 three failures, room for two",
        &failing(&queue, &pipes, 3, 2),
        "ENOENT",
    );
}

pub fn b04_an_error_or_receipt_entry_returns_at_once() {
    let queue = Queue::new();
    let [(ready, writer), (other, _other_writer)] = pipes();
    write(&writer, 1);
    queue.add(&ready, READ, 0, 1);
    let failing = change(&writer, WRITE, DELETE, 0, 0, 2);
    assert_eq!(
        queue.call(&[failing], 4, PATIENT),
        "WRITE(u2 data=ENOENT ERROR)"
    );
    assert_eq!(queue.next(), "READ(u1 data=1)");
    let receipt = change(&other, READ, ADD | RECEIPT, 0, 0, 3);
    assert_eq!(queue.call(&[receipt], 4, PATIENT), "READ(u3 data=OK ERROR)");
    assert_eq!(queue.next(), "READ(u1 data=1)");
}

pub fn b05_a_receipt_without_room_ends_the_change_list() {
    let queue = Queue::new();
    let pipes = pipes::<3>();
    let changes: Vec<kevent> = (1..)
        .zip(&pipes)
        .map(|(number, (reader, _))| change(reader, READ, ADD | RECEIPT, 0, 0, number))
        .collect();
    check(
        "b05 a receipt without room",
        &queue.call(&changes, 0, 0),
        "none",
    );
    check("b05 applied", &registered(&queue, &pipes), "1");
    assert_eq!(
        queue.call(&changes, 3, 0),
        "READ(u1 data=OK ERROR) READ(u2 data=OK ERROR) READ(u3 data=OK ERROR)"
    );
    assert_eq!(registered(&queue, &pipes), "1,2,3");
}

pub fn b06_changes_and_events_may_share_memory() {
    let queue = Queue::new();
    let [(one, one_writer), (two, two_writer)] = pipes();
    write(&one_writer, 1);
    write(&two_writer, 2);
    let mut list = [
        change(&one, READ, ADD, 0, 0, 1),
        change(&two, READ, ADD, 0, 0, 2),
        change(&two, READ, ADD, 0, 0, 9),
    ];
    let count = {
        let kq = queue.0.as_raw_fd();
        // SAFETY: the same three entries are read as two changes and written as events.
        unsafe {
            let list = list.as_mut_ptr();
            kqueue_sys::kevent(kq, list, 2, list, 3, std::ptr::null())
        }
    };
    assert_eq!(count, 2);
    assert_eq!(
        text(&Ok(list[..2].to_vec())),
        "READ(u1 data=1) READ(u2 data=2)"
    );
}
