//! What a registration that waits takes: pages that the process shares with nobody, as the kernel counts them.

use std::fs;
use std::ptr;

use kqueue_linux::{EV_ADD, EVFILT_READ, NOTE_NOCOUNT, kevent, kqueue};

/// Private memory of the process, in bytes.
fn private() -> u64 {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let fields = text.lines().filter(|line| line.starts_with("Private_"));
    let kilobytes = fields.map(|line| {
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    });
    kilobytes.sum::<u64>() * 1024
}

fn watch(kq: i32, descriptor: i32) {
    let change = kevent {
        ident: descriptor as usize,
        filter: EVFILT_READ,
        flags: EV_ADD,
        fflags: NOTE_NOCOUNT,
        data: 0,
        udata: ptr::without_provenance_mut(descriptor as usize),
    };
    // SAFETY: one change, no room.
    let result = unsafe { kevent(kq, &change, 1, ptr::null_mut(), 0, ptr::null()) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

/// As the loop of an idle server has them: READ alone, not counted. The table of WRITE is not touched.
#[test]
fn a_descriptor_that_is_only_read_takes_less_than_64_bytes() {
    const COUNT: usize = 900;
    let kq = kqueue();
    let mut descriptors = Vec::with_capacity(COUNT + 1);
    for _ in 0..=COUNT {
        // SAFETY: no pointers.
        let descriptor = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
        assert!(descriptor >= 0, "{}", std::io::Error::last_os_error());
        descriptors.push(descriptor);
    }
    // The first registration of a process touches more than its own.
    let first = descriptors.pop().unwrap();
    watch(kq, first);
    private();
    let before = private();
    for descriptor in &descriptors {
        watch(kq, *descriptor);
    }
    let taken = private() - before;
    assert!(taken < 64 * COUNT as u64, "{taken} bytes for {COUNT}");
    assert!(
        taken > 16 * COUNT as u64,
        "{taken} bytes for {COUNT}: too few to be true"
    );
}
