//! What each declaration means, in the project's words: the headers' own comments do not survive the preprocessor.

/// What each constant means.
const CONSTANTS: &[(&str, &str)] = &[
    (
        "EVFILT_READ",
        "Filter: a descriptor can be read; `data` is how much.",
    ),
    (
        "EVFILT_WRITE",
        "Filter: a descriptor can be written; `data` is how much room there is.",
    ),
    (
        "EVFILT_AIO",
        "Filter: an asynchronous I/O request is complete.",
    ),
    (
        "EVFILT_VNODE",
        "Filter: a file or directory changed, as the notes ask.",
    ),
    (
        "EVFILT_PROC",
        "Filter: a process ended, forked or executed; `ident` is its number.",
    ),
    (
        "EVFILT_SIGNAL",
        "Filter: a signal was delivered to this process; `data` counts deliveries.",
    ),
    (
        "EVFILT_TIMER",
        "Filter: time passed; `ident` is the caller's number, `data` the period going in and the count of expirations coming out.",
    ),
    (
        "EVFILT_PROCDESC",
        "Filter: the process behind a process descriptor ended.",
    ),
    (
        "EVFILT_FS",
        "Filter: file systems were mounted or unmounted.",
    ),
    (
        "EVFILT_LIO",
        "Filter: a list of asynchronous I/O requests is complete.",
    ),
    (
        "EVFILT_USER",
        "Filter: the program itself raises the event, from any thread; `ident` is the caller's number.",
    ),
    (
        "EVFILT_SENDFILE",
        "Filter: pages of a `sendfile` are ready; for the kernel's own use.",
    ),
    ("EVFILT_EMPTY", "Filter: a socket's send buffer is empty."),
    (
        "EVFILT_JAIL",
        "Filter: a jail changed; `ident` is its number.",
    ),
    (
        "EVFILT_JAILDESC",
        "Filter: the jail behind a jail descriptor changed.",
    ),
    (
        "EVFILT_SYSCOUNT",
        "How many filters the system has; not a filter.",
    ),
    (
        "EVFILT_THREADMARKER",
        "A marker that the kernel keeps for itself; not a filter.",
    ),
    ("EVFILT_MACHPORT", "Filter: a Mach port set has a message."),
    ("EVFILT_VM", "Filter: the system is short of memory."),
    (
        "EVFILT_EXCEPT",
        "Filter: an exceptional condition, such as out-of-band data.",
    ),
    ("EVFILT_DEVICE", "Filter: a device changed."),
    (
        "EV_ADD",
        "Flag of a change: register, or give an existing registration new notes, data and `udata`.",
    ),
    ("EV_DELETE", "Flag of a change: forget the registration."),
    ("EV_ENABLE", "Flag of a change: deliver its events."),
    (
        "EV_DISABLE",
        "Flag of a change: keep the registration and deliver nothing.",
    ),
    (
        "EV_FORCEONESHOT",
        "Flag of a change: deliver now, once, whatever the condition.",
    ),
    (
        "EV_KEEPUDATA",
        "Flag of a change: leave the `udata` of the registration as it is.",
    ),
    (
        "EV_ONESHOT",
        "Flag of a registration: delete it after one delivery.",
    ),
    (
        "EV_CLEAR",
        "Flag of a registration: start anew after each delivery, so that only what is new is told.",
    ),
    (
        "EV_RECEIPT",
        "Flag of a change: answer it with an entry that has `EV_ERROR`, with `data` 0 on success.",
    ),
    (
        "EV_DISPATCH",
        "Flag of a registration: disable it after each delivery.",
    ),
    ("EV_DISPATCH2", "`EV_DISPATCH` with `EV_UDATA_SPECIFIC`."),
    (
        "EV_UDATA_SPECIFIC",
        "Flag of a registration: `udata` is part of its identity.",
    ),
    (
        "EV_VANISHED",
        "Flag of an event: what was watched has gone; only with `EV_DISPATCH2`.",
    ),
    (
        "EV_SYSFLAGS",
        "The bits of `flags` that the system keeps for itself.",
    ),
    ("EV_DROP", "A bit that the kernel keeps for itself."),
    ("EV_FLAG0", "A bit whose meaning is the filter's."),
    ("EV_FLAG1", "A bit whose meaning is the filter's."),
    ("EV_FLAG2", "A bit whose meaning is the filter's."),
    (
        "EV_EOF",
        "Flag of an event: the other end is closed; `fflags` may hold the socket's error.",
    ),
    (
        "EV_ERROR",
        "Flag of an entry: a change failed and `data` is the `errno`, or with `data` 0 it is a receipt. One bit among others: never compare the whole field with it.",
    ),
    (
        "EV_POLL",
        "Flag for `EVFILT_READ`: answer as `poll` would, so that files are always ready.",
    ),
    (
        "EV_OOBAND",
        "Flag for `EVFILT_READ`: out-of-band data counts, or is there.",
    ),
    (
        "EV_NODATA",
        "Flag of an event: end of the stream and nothing left to read.",
    ),
    ("EV_HUP", "Flag of an event: both directions are closed."),
    (
        "NOTE_LOWAT",
        "Note for reading and writing: `data` of the change is the least count that is worth an event.",
    ),
    (
        "NOTE_FILE_POLL",
        "Note for reading: a file is always ready, as `poll` has it.",
    ),
    (
        "NOTE_NOCOUNT",
        "Note for reading and writing, Linux only: `data` is not wanted and will be 0, which saves a system call.",
    ),
    (
        "NOTE_EOF",
        "Note for reading: a file at its end is ready too.",
    ),
    ("NOTE_OOB", "Note for `EVFILT_EXCEPT`: out-of-band data."),
    (
        "NOTE_FFNOP",
        "Note for `EVFILT_USER`: leave the stored bits alone.",
    ),
    (
        "NOTE_FFAND",
        "Note for `EVFILT_USER`: keep those of the stored bits that the change has too.",
    ),
    (
        "NOTE_FFOR",
        "Note for `EVFILT_USER`: add the change's bits to the stored ones.",
    ),
    (
        "NOTE_FFCOPY",
        "Note for `EVFILT_USER`: replace the stored bits by the change's.",
    ),
    (
        "NOTE_FFCTRLMASK",
        "The bits that hold `NOTE_FFNOP` to `NOTE_FFCOPY`.",
    ),
    (
        "NOTE_FFLAGSMASK",
        "The 24 bits that a program may store in an `EVFILT_USER` event.",
    ),
    ("NOTE_TRIGGER", "Note for `EVFILT_USER`: raise the event."),
    (
        "NOTE_DELETE",
        "Note for `EVFILT_VNODE`: the file was removed.",
    ),
    (
        "NOTE_WRITE",
        "Note for `EVFILT_VNODE`: the contents changed.",
    ),
    ("NOTE_EXTEND", "Note for `EVFILT_VNODE`: the size grew."),
    (
        "NOTE_ATTRIB",
        "Note for `EVFILT_VNODE`: the attributes changed.",
    ),
    (
        "NOTE_LINK",
        "Note for `EVFILT_VNODE`: the number of links changed.",
    ),
    (
        "NOTE_RENAME",
        "Note for `EVFILT_VNODE`: the file was renamed.",
    ),
    (
        "NOTE_REVOKE",
        "Note for `EVFILT_VNODE`: access was revoked, or the file system unmounted.",
    ),
    ("NOTE_OPEN", "Note for `EVFILT_VNODE`: the file was opened."),
    (
        "NOTE_CLOSE",
        "Note for `EVFILT_VNODE`: a descriptor without write access was closed.",
    ),
    (
        "NOTE_CLOSE_WRITE",
        "Note for `EVFILT_VNODE`: a descriptor with write access was closed.",
    ),
    ("NOTE_READ", "Note for `EVFILT_VNODE`: the file was read."),
    (
        "NOTE_TRUNCATE",
        "Note for `EVFILT_VNODE`: the file was truncated.",
    ),
    (
        "NOTE_NONE",
        "Note for `EVFILT_VNODE`: nothing but what makes the file readable.",
    ),
    (
        "NOTE_FUNLOCK",
        "Note for `EVFILT_VNODE`: a lock was given back through `flock`.",
    ),
    (
        "NOTE_LEASE_DOWNGRADE",
        "Note for `EVFILT_VNODE`: the holder is asked to downgrade its lease.",
    ),
    (
        "NOTE_LEASE_RELEASE",
        "Note for `EVFILT_VNODE`: the holder is asked to give its lease back.",
    ),
    ("NOTE_EXIT", "Note for `EVFILT_PROC`: the process ended."),
    ("NOTE_FORK", "Note for `EVFILT_PROC`: the process forked."),
    (
        "NOTE_EXEC",
        "Note for `EVFILT_PROC`: the process executed another program.",
    ),
    (
        "NOTE_REAP",
        "Note for `EVFILT_PROC`: the process was waited for; deprecated by the system.",
    ),
    (
        "NOTE_SIGNAL",
        "A bit that `EVFILT_PROC` and `EVFILT_SIGNAL` share in the kernel.",
    ),
    (
        "NOTE_EXITSTATUS",
        "Note for `EVFILT_PROC`: give the wait status in `data`.",
    ),
    (
        "NOTE_EXIT_DETAIL",
        "Note for `EVFILT_PROC`: tell in the notes why the process ended.",
    ),
    (
        "NOTE_EXIT_REPARENTED",
        "Note of an event: the process was handed to another parent; no longer sent.",
    ),
    (
        "NOTE_EXIT_DETAIL_MASK",
        "The bits that hold the reasons of `NOTE_EXIT_DETAIL`.",
    ),
    (
        "NOTE_EXIT_DECRYPTFAIL",
        "Reason of `NOTE_EXIT_DETAIL`: the program could not be decrypted.",
    ),
    (
        "NOTE_EXIT_MEMORY",
        "Reason of `NOTE_EXIT_DETAIL`: the system was short of memory.",
    ),
    (
        "NOTE_EXIT_CSERROR",
        "Reason of `NOTE_EXIT_DETAIL`: the code signature was not good.",
    ),
    (
        "NOTE_PCTRLMASK",
        "The bits of `fflags` that are notes of `EVFILT_PROC`.",
    ),
    (
        "NOTE_PDATAMASK",
        "The bits of `fflags` that hold a process number or a status.",
    ),
    ("NOTE_TRACK", "Note for `EVFILT_PROC`: follow children."),
    (
        "NOTE_TRACKERR",
        "Note of an event: a child could not be followed.",
    ),
    (
        "NOTE_CHILD",
        "Note of an event: this process is a child that was followed.",
    ),
    (
        "NOTE_JAIL_CHILD",
        "Note for jails: a jail was made inside it.",
    ),
    ("NOTE_JAIL_SET", "Note for jails: its parameters changed."),
    (
        "NOTE_JAIL_ATTACH",
        "Note for jails: a process was attached; `data` is its number.",
    ),
    ("NOTE_JAIL_REMOVE", "Note for jails: the jail was removed."),
    (
        "NOTE_JAIL_MULTI",
        "Note of an event: more than one child or attachment since the last one.",
    ),
    (
        "NOTE_JAIL_CTRLMASK",
        "The bits of `fflags` that are notes about jails.",
    ),
    (
        "NOTE_VM_PRESSURE",
        "Note for `EVFILT_VM`: the program reacts to a shortage of memory.",
    ),
    (
        "NOTE_VM_PRESSURE_TERMINATE",
        "Note for `EVFILT_VM`: the program will end on a shortage, perhaps after tidying up.",
    ),
    (
        "NOTE_VM_PRESSURE_SUDDEN_TERMINATE",
        "Note for `EVFILT_VM`: the program will end at once on a shortage.",
    ),
    ("NOTE_VM_ERROR", "Note of an `EVFILT_VM` event: an error."),
    (
        "NOTE_SECONDS",
        "Note for `EVFILT_TIMER`: `data` is in seconds.",
    ),
    (
        "NOTE_MSECONDS",
        "Note for `EVFILT_TIMER`: `data` is in milliseconds, as it is without a note.",
    ),
    (
        "NOTE_USECONDS",
        "Note for `EVFILT_TIMER`: `data` is in microseconds.",
    ),
    (
        "NOTE_NSECONDS",
        "Note for `EVFILT_TIMER`: `data` is in nanoseconds.",
    ),
    (
        "NOTE_ABSTIME",
        "Note for `EVFILT_TIMER`: `data` is a point in time on the calendar's clock, not a span.",
    ),
    (
        "NOTE_ABSOLUTE",
        "Note for `EVFILT_TIMER`: `data` is a point in time on the calendar's clock, not a span.",
    ),
    (
        "NOTE_LEEWAY",
        "Note for `EVFILT_TIMER`: `ext[1]` says how late the timer may be.",
    ),
    (
        "NOTE_CRITICAL",
        "Note for `EVFILT_TIMER`: do not delay it for the sake of power.",
    ),
    (
        "NOTE_BACKGROUND",
        "Note for `EVFILT_TIMER`: it may be delayed freely.",
    ),
    (
        "NOTE_MACH_CONTINUOUS_TIME",
        "Note for `EVFILT_TIMER`: the clock goes on while the machine sleeps.",
    ),
    (
        "NOTE_MACHTIME",
        "Note for `EVFILT_TIMER`: `data` is in Mach's units of time.",
    ),
    (
        "NOTE_CHANGE",
        "Note for `EVFILT_DEVICE`: the device changed.",
    ),
    (
        "KQUEUE_CLOEXEC",
        "Flag of `kqueuex`: close the descriptor when another program is executed.",
    ),
    ("KEVENT_FLAG_NONE", "Flag of `kevent64`: nothing special."),
    ("KEVENT_FLAG_IMMEDIATE", "Flag of `kevent64`: do not wait."),
    (
        "KEVENT_FLAG_ERROR_EVENTS",
        "Flag of `kevent64`: store only the answers to failed changes.",
    ),
];

/// One line for a constant. A name that is not in the table, as a newer header may have, gets a line without a meaning.
pub fn of_constant(name: &str) -> String {
    CONSTANTS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or_else(
            || format!("`{name}` of this system's `<sys/event.h>`."),
            |(_, meaning)| (*meaning).to_owned(),
        )
}

/// One line for a struct.
pub fn of_struct(name: &str) -> &'static str {
    match name {
        "kevent" => "One change on its way to the kernel, or one event on its way back.",
        "kevent64_s" => {
            "The change and event of [`kevent64`]: every field has 64 bits where a pointer would have gone."
        }
        "timespec" => "A span of time for the wait: whole seconds and nanoseconds.",
        _ => "A struct of this system's header.",
    }
}

/// One line for a field.
pub fn of_field(name: &str) -> &'static str {
    match name {
        "ident" => {
            "What is watched: a descriptor, a process, a signal, or a number of the caller's choice, as the filter says."
        }
        "filter" => "Which kind of event: one of `EVFILT_*`.",
        "flags" => "What to do with the registration, or what came back: `EV_*` bits.",
        "fflags" => "Bits that only the filter understands: `NOTE_*`.",
        "data" => {
            "A number that only the filter understands: bytes, periods, or with `EV_ERROR` an `errno`."
        }
        "udata" => "The caller's own value; comes back as it was given.",
        "ext" => "Extensions that some filters use; zero otherwise.",
        "tv_sec" => "Whole seconds.",
        "tv_nsec" => "Nanoseconds, 0 to 999,999,999.",
        _ => "A field of this system's header.",
    }
}

/// The lines for a function.
pub fn of_function(name: &str) -> &'static [&'static str] {
    match name {
        "kqueue" => &[
            "Makes a kqueue and returns its descriptor, or -1 with `errno` set.",
            "",
            "# Safety",
            "Always sound to call; the caller closes the descriptor.",
        ],
        "kqueue1" => &[
            "As `kqueue`, with `O_CLOEXEC` and what else the system's manual allows.",
            "",
            "# Safety",
            "Always sound to call; the caller closes the descriptor.",
        ],
        "kqueuex" => &[
            "As `kqueue`, with [`KQUEUE_CLOEXEC`].",
            "",
            "# Safety",
            "Always sound to call; the caller closes the descriptor.",
        ],
        "kevent" => &[
            "Applies changes in order, then waits for events; returns how many were stored, or -1 with `errno` set.",
            "",
            "# Safety",
            "The change list must hold as many initialised entries as its count says, the event list room for as many as its count says (either",
            "may be null with a count of 0; both may be the same memory); the timeout is null (wait for ever) or valid. What a change's filter",
            "reads through its fields must be valid as that filter's manual demands.",
        ],
        "kevent64" => &[
            "As `kevent`, with 64-bit fields and `KEVENT_FLAG_*` bits.",
            "",
            "# Safety",
            "As for `kevent`; besides, Mach port filters may write through `ext[0]`.",
        ],
        _ => &[
            "A function of this system's header.",
            "",
            "# Safety",
            "As the system's manual says.",
        ],
    }
}
