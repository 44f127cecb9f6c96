//! What each declaration means, in the project's words: the headers' own comments do not survive the preprocessor.

/// One line for a constant.
pub fn of_constant(name: &str) -> String {
    format!("`{name}` of this system's `<sys/event.h>`.")
}

/// One line for a struct.
pub fn of_struct(name: &str) -> &'static str {
    match name {
        "kevent" => "One change on its way to the kernel, or one event on its way back.",
        "kevent64_s" => "The change and event of [`kevent64`]: every field has 64 bits where a pointer would have gone.",
        "timespec" => "A span of time for the wait: whole seconds and nanoseconds.",
        _ => "A struct of this system's header.",
    }
}

/// One line for a field.
pub fn of_field(name: &str) -> &'static str {
    match name {
        "ident" => "What is watched: a descriptor, a process, a signal, or a number of the caller's choice, as the filter says.",
        "filter" => "Which kind of event: one of `EVFILT_*`.",
        "flags" => "What to do with the registration, or what came back: `EV_*` bits.",
        "fflags" => "Bits that only the filter understands: `NOTE_*`.",
        "data" => "A number that only the filter understands: bytes, periods, or with `EV_ERROR` an `errno`.",
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
        "kqueue" => &["Makes a kqueue and returns its descriptor, or -1 with `errno` set.", "", "# Safety", "Always sound to call; the caller closes the descriptor."],
        "kqueue1" => &["As `kqueue`, with `O_CLOEXEC` and what else the system's manual allows.", "", "# Safety", "Always sound to call; the caller closes the descriptor."],
        "kqueuex" => &["As `kqueue`, with [`KQUEUE_CLOEXEC`].", "", "# Safety", "Always sound to call; the caller closes the descriptor."],
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
        _ => &["A function of this system's header.", "", "# Safety", "As the system's manual says."],
    }
}
