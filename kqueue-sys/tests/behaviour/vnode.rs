//! 69 to 72: EVFILT_VNODE.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};

use crate::support::*;
use crate::table::check;

fn everything() -> u32 {
    let notes = kqueue_sys::NOTE_DELETE
        | kqueue_sys::NOTE_WRITE
        | kqueue_sys::NOTE_EXTEND
        | kqueue_sys::NOTE_ATTRIB;
    (notes | kqueue_sys::NOTE_LINK | kqueue_sys::NOTE_RENAME) as u32
}

fn watch(queue: &Queue, file: &OwnedFd, udata: usize) {
    assert_eq!(
        queue.put(file, VNODE, ADD | CLEAR, everything(), 0, udata),
        "OK"
    );
}

pub fn b69_delete_and_link() {
    let queue = Queue::new();
    let f = file("f", 1);
    watch(&queue, &f, 1);
    fs::hard_link("f", "g").expect("link");
    assert_eq!(queue.next(), "VNODE(u1 data=0 CLEAR LINK)");
    fs::remove_file("f").expect("unlink");
    check(
        "b69 one of two names",
        &queue.next(),
        "VNODE(u1 data=0 CLEAR DELETE)",
    );
    fs::remove_file("g").expect("unlink");
    check(
        "b69 the last name",
        &queue.next(),
        "VNODE(u1 data=0 CLEAR DELETE)",
    );
}

pub fn b70_write_and_extend() {
    let queue = Queue::new();
    let f = file("f", 10);
    watch(&queue, &f, 1);
    write(&f, 2);
    check(
        "b70 written over",
        &queue.next(),
        "VNODE(u1 data=0 CLEAR WRITE)",
    );
    write(&appending("f"), 3);
    check(
        "b70 appended",
        &queue.next(),
        "VNODE(u1 data=0 CLEAR EXTEND|WRITE)",
    );
    assert_eq!(queue.soon(), "none");
}

pub fn b71_attrib_and_truncate() {
    let queue = Queue::new();
    let f = file("f", 10);
    watch(&queue, &f, 1);
    // SAFETY: mode and size of an open file.
    unsafe {
        assert_eq!(libc::fchmod(f.as_raw_fd(), 0o600), 0);
        assert_eq!(queue.next(), "VNODE(u1 data=0 CLEAR ATTRIB)");
        assert_eq!(libc::ftruncate(f.as_raw_fd(), 4), 0);
        check(
            "b71 shorter",
            &queue.next(),
            "VNODE(u1 data=0 CLEAR ATTRIB)",
        );
        assert_eq!(libc::ftruncate(f.as_raw_fd(), 20), 0);
        check("b71 longer", &queue.next(), "VNODE(u1 data=0 CLEAR ATTRIB)");
    }
}

pub fn b72_rename_and_rename_over() {
    let queue = Queue::new();
    let (f, g) = (file("f", 1), file("g", 1));
    watch(&queue, &f, 1);
    fs::rename("f", "h").expect("rename");
    assert_eq!(queue.next(), "VNODE(u1 data=0 CLEAR RENAME)");
    watch(&queue, &g, 2);
    fs::rename("h", "g").expect("rename over");
    let both = "VNODE(u1 data=0 CLEAR RENAME) VNODE(u2 data=0 CLEAR DELETE)";
    check("b72 renamed over", &queue.next(), both);
}
