//! 55 to 58: EVFILT_USER.

use crate::support::*;
use crate::table::check;

const TRIGGER: u32 = kqueue_sys::NOTE_TRIGGER as u32;
const FFAND: u32 = kqueue_sys::NOTE_FFAND as u32;
const FFOR: u32 = kqueue_sys::NOTE_FFOR as u32;
const FFCOPY: u32 = kqueue_sys::NOTE_FFCOPY as u32;

/// NetBSD before 10 and OpenBSD before 7.8 have no user events.
pub fn exists(queue: &Queue) -> bool {
    let answer = queue.put(99, USER, ADD, 0, 0, 0);
    queue.delete(99, USER);
    answer != "EINVAL"
}

/// A change to the user event 1.
fn user(queue: &Queue, flags: u32, notes: u32, udata: usize) -> &'static str {
    queue.put(1, USER, flags, notes, 0, udata)
}

pub fn b55_the_four_operations_on_notes() {
    let queue = Queue::new();
    if !exists(&queue) {
        return;
    }
    user(&queue, ADD | CLEAR, FFCOPY | 0xf0, 1);
    user(&queue, 0, TRIGGER, 1);
    // FreeBSD and NetBSD keep what the first change brought, operation and all; the low bits are what matters.
    let first = queue.next();
    check(
        "b55 FFCOPY while adding",
        &first.replace("0xc00000f0", "0xf0"),
        "USER(u1 data=0 CLEAR ff=0xf0)",
    );
    user(&queue, 0, FFCOPY | 0xaa, 1);
    user(&queue, 0, TRIGGER, 1);
    assert_eq!(queue.next(), "USER(u1 data=0 CLEAR ff=0xaa)");
    user(&queue, 0, FFOR | 0x55, 1);
    user(&queue, 0, TRIGGER, 1);
    assert_eq!(queue.next(), "USER(u1 data=0 CLEAR ff=0xff)");
    user(&queue, 0, FFAND | 0x0f | TRIGGER, 1);
    assert_eq!(queue.next(), "USER(u1 data=0 CLEAR ff=0xf)");
    user(&queue, 0, 0x77 | TRIGGER, 1);
    assert_eq!(queue.next(), "USER(u1 data=0 CLEAR ff=0xf)", "FFNOP");
    user(&queue, 0, FFCOPY | TRIGGER | 0x3e12_3456, 1);
    assert_eq!(
        queue.next(),
        "USER(u1 data=0 CLEAR ff=0x123456)",
        "the program has 24 bits"
    );
}

pub fn b56_level_until_cleared() {
    let queue = Queue::new();
    if !exists(&queue) {
        return;
    }
    assert_eq!(user(&queue, 0, TRIGGER, 1), "ENOENT");
    user(&queue, ADD, 0, 1);
    assert_eq!(queue.soon(), "none");
    assert_eq!(user(&queue, 0, TRIGGER, 1), "OK");
    assert_eq!(queue.next(), "USER(u1 data=0)");
    assert_eq!(queue.next(), "USER(u1 data=0)");
    assert_eq!(queue.delete(1, USER), "OK");
    assert_eq!(queue.soon(), "none");
    user(&queue, ADD, 0, 1);
    assert_eq!(queue.soon(), "none", "a new one is not triggered");
}

pub fn b57_trigger_while_adding_and_clear_while_triggering() {
    let queue = Queue::new();
    if !exists(&queue) {
        return;
    }
    assert_eq!(user(&queue, ADD, TRIGGER, 1), "OK");
    check("b57 added and triggered in one", &queue.soon(), "none");
    queue.delete(1, USER);
    user(&queue, ADD | CLEAR, 0, 1);
    user(&queue, 0, TRIGGER, 1);
    assert_eq!(user(&queue, ADD | CLEAR, 0, 2), "OK");
    check("b57 added again while triggered", &queue.soon(), "none");
    queue.delete(1, USER);
    user(&queue, ADD, 0, 1);
    user(&queue, CLEAR, TRIGGER, 1);
    check("b57 CLEAR while triggering", &queue.soon(), "none");
}

pub fn b58_triggers_merge() {
    let queue = Queue::new();
    if !exists(&queue) {
        return;
    }
    user(&queue, ADD | CLEAR, 0, 1);
    for bit in 0..3 {
        assert_eq!(user(&queue, 0, TRIGGER | FFOR | 1 << bit, 1), "OK");
    }
    assert_eq!(queue.next(), "USER(u1 data=0 CLEAR ff=0x7)");
    assert_eq!(queue.soon(), "none");
}
