//! Every constant of this system has its place: a filter, a flag, a note.

use kqueue_safe::filter::UserNotes;
use kqueue_safe::{DescriptorNotes, EventFlags, Filter, ProcessNotes, TimerNotes, VnodeNotes};

/// Constants without a type of their own, each with its reason.
const ELSEWHERE: &[(&str, &str)] = &[
    ("EVFILT_SYSCOUNT", "counts filters"),
    ("EVFILT_THREADMARKER", "the kernel's own"),
    ("KEVENT_FLAG_NONE", "an argument of kevent64, not a field"),
    (
        "KEVENT_FLAG_IMMEDIATE",
        "an argument of kevent64, not a field",
    ),
    (
        "KEVENT_FLAG_ERROR_EVENTS",
        "an argument of kevent64, not a field",
    ),
    ("KQUEUE_CLOEXEC", "an argument of kqueuex, not a field"),
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    (
        "NOTE_TRACK",
        "refused by this system (ENOTSUP), so not offered",
    ),
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    ("NOTE_TRACKERR", "goes with NOTE_TRACK"),
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    ("NOTE_CHILD", "goes with NOTE_TRACK"),
    #[cfg(target_os = "linux")]
    (
        "NOTE_FORK",
        "refused by this system (ENOTSUP), so not offered",
    ),
    #[cfg(target_os = "linux")]
    (
        "NOTE_EXEC",
        "refused by this system (ENOTSUP), so not offered",
    ),
];

/// The bits of the note of this name, of whichever type has it.
fn note(name: &str) -> Vec<u32> {
    let plain = [
        DescriptorNotes::from_name(name).map(|notes| notes.bits()),
        VnodeNotes::from_name(name).map(|notes| notes.bits()),
        ProcessNotes::from_name(name).map(|notes| notes.bits()),
        TimerNotes::from_name(name).map(|notes| notes.bits()),
        UserNotes::from_name(name).map(|notes| notes.bits()),
        #[cfg(target_os = "openbsd")]
        kqueue_safe::DeviceNotes::from_name(name).map(|notes| notes.bits()),
        #[cfg(target_os = "macos")]
        name.strip_prefix("VM_")
            .and_then(kqueue_safe::MemoryNotes::from_name)
            .map(|notes| notes.bits()),
        #[cfg(target_os = "freebsd")]
        name.strip_prefix("JAIL_")
            .and_then(kqueue_safe::JailNotes::from_name)
            .map(|notes| notes.bits()),
    ];
    plain.into_iter().flatten().collect()
}

#[test]
fn every_constant_has_a_typed_name_with_its_value() {
    let mut missing = Vec::new();
    for (name, value) in kqueue_sys::CONSTANTS {
        if ELSEWHERE.iter().any(|(other, _)| other == name) {
            continue;
        }
        let found = if let Some(filter) = name.strip_prefix("EVFILT_") {
            Filter::from_raw(*value as kqueue_sys::filter_t).name() == Some(filter)
        } else if let Some(flag) = name.strip_prefix("EV_") {
            EventFlags::from_name(flag).is_some_and(|flag| flag.bits() as i64 == *value)
        } else if let Some(name) = name.strip_prefix("NOTE_") {
            note(name).iter().any(|bits| i64::from(*bits) == *value)
        } else {
            false
        };
        if !found {
            missing.push(*name);
        }
    }
    assert!(missing.is_empty(), "no typed name: {missing:?}");
}

#[test]
fn what_is_left_out_exists() {
    for (name, why) in ELSEWHERE {
        let elsewhere = name.starts_with("EVFILT_") || !name.starts_with("NOTE_");
        let here = kqueue_sys::CONSTANTS.iter().any(|(other, _)| other == name);
        assert!(
            here || elsewhere,
            "{name} ({why}) is no constant of this system"
        );
    }
}
