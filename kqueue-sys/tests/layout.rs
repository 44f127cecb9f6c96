//! The struct and the constants are those of the system that the test runs on.

use kqueue_sys::*;
use std::mem::{align_of, offset_of, size_of};

/// Size, alignment and the offsets of ident, filter, flags, fflags, data and udata, as the systems' manuals and headers have them.
const EXPECTED: [usize; 8] = if cfg!(target_vendor = "apple") {
    [32, 4, 0, 8, 10, 12, 16, 24]
} else if cfg!(all(target_os = "netbsd", feature = "netbsd-kevent100")) {
    [72, 8, 0, 8, 12, 16, 24, 32]
} else if cfg!(target_os = "netbsd") {
    [40, 8, 0, 8, 12, 16, 24, 32]
} else if cfg!(all(target_os = "freebsd", target_pointer_width = "64")) {
    [64, 8, 0, 8, 10, 12, 16, 24]
} else if cfg!(all(target_os = "freebsd", target_arch = "x86")) {
    [56, 4, 0, 4, 6, 8, 12, 20]
} else if cfg!(all(target_os = "freebsd", target_arch = "arm")) {
    [64, 8, 0, 4, 6, 8, 16, 24]
} else {
    [32, 8, 0, 8, 10, 12, 16, 24]
};

const _: () = assert!(size_of::<kevent>() == EXPECTED[0], "size");
const _: () = assert!(align_of::<kevent>() == EXPECTED[1], "alignment");
const _: () = assert!(offset_of!(kevent, ident) == EXPECTED[2], "ident");
const _: () = assert!(offset_of!(kevent, filter) == EXPECTED[3], "filter");
const _: () = assert!(offset_of!(kevent, flags) == EXPECTED[4], "flags");
const _: () = assert!(offset_of!(kevent, fflags) == EXPECTED[5], "fflags");
const _: () = assert!(offset_of!(kevent, data) == EXPECTED[6], "data");
const _: () = assert!(offset_of!(kevent, udata) == EXPECTED[7], "udata");

#[test]
fn aliases_are_the_fields_types() {
    let event = EV_SET(
        1,
        EVFILT_READ,
        EV_ADD,
        2,
        3,
        std::ptr::without_provenance_mut(4),
    );
    let ident: ident_t = event.ident;
    let filter: filter_t = event.filter;
    let flags: flags_t = event.flags;
    let fflags: fflags_t = event.fflags;
    let data: data_t = event.data;
    let udata: udata_t = event.udata;
    assert_eq!(
        (ident, filter, flags, fflags, data),
        (1, EVFILT_READ, EV_ADD, 2, 3)
    );
    assert_eq!(udata.addr(), 4);
    let _: count_t = 0;
}

#[test]
fn timespec_is_that_of_libc() {
    assert_eq!(size_of::<timespec>(), size_of::<libc::timespec>());
    assert_eq!(align_of::<timespec>(), align_of::<libc::timespec>());
    assert_eq!(
        offset_of!(timespec, tv_nsec),
        offset_of!(libc::timespec, tv_nsec)
    );
}

#[test]
fn the_list_of_constants_is_complete_and_free_of_repetition() {
    let value = |wanted: &str| {
        CONSTANTS
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| *value)
    };
    assert_eq!(value("EVFILT_READ"), Some(EVFILT_READ as i64));
    assert_eq!(value("EV_ERROR"), Some(EV_ERROR as i64));
    assert_eq!(value("NOTE_EXIT"), Some(i64::from(NOTE_EXIT)));
    for (index, (name, _)) in CONSTANTS.iter().enumerate() {
        assert!(
            CONSTANTS[..index].iter().all(|(other, _)| other != name),
            "{name} is there twice"
        );
    }
}
