//! The one place where systems differ.
//!
//! Tests state what FreeBSD's kernel does. A row says what another system does instead, and why. `ANYTHING` stands where
//! no recording exists (macOS, OpenBSD and DragonFly have not been recorded): the step is taken, its answer is not judged.
//! FreeBSD's and NetBSD's lines are those of the recordings in `conformance/`.

/// Systems, by the name that Rust gives them.
const FREEBSD: &str = "freebsd";
const NETBSD: &str = "netbsd";
const LINUX: &str = "linux";
/// Systems without a recording.
const OTHERS: &[&str] = &["macos", "openbsd", "dragonfly"];

/// The answer is not judged.
const ANYTHING: &str = "*";

struct Row {
    step: &'static str,
    systems: &'static [&'static str],
    answer: &'static str,
    /// For the reader of a failure.
    why: &'static str,
}

const fn row(
    step: &'static str,
    systems: &'static [&'static str],
    answer: &'static str,
    why: &'static str,
) -> Row {
    Row {
        step,
        systems,
        answer,
        why,
    }
}

const NOT_RECORDED: &str = "not recorded on this system";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("b05 a receipt without room", OTHERS, ANYTHING, NOT_RECORDED),
    row("b05 applied", OTHERS, ANYTHING, NOT_RECORDED),
    row("b03 three failures, room for two", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 added again with CLEAR", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 added again with CLEAR, second", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 added again without CLEAR", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 added again without CLEAR, second", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 ADD|ONESHOT of a level one", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 ADD|ONESHOT of a level one, second", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 ADD of a oneshot one", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 ADD of a oneshot one, second", OTHERS, ANYTHING, NOT_RECORDED),
    row("b07 ADD of a disabled one", OTHERS, ANYTHING, NOT_RECORDED),
    row("b10 ENABLE replaces udata", OTHERS, ANYTHING, NOT_RECORDED),
    row("b10 an enabled one, collected before", OTHERS, ANYTHING, NOT_RECORDED),
    row("b10 DISABLE then ENABLE", OTHERS, ANYTHING, NOT_RECORDED),
    row("b11 ADD|DISPATCH", OTHERS, ANYTHING, NOT_RECORDED),
    row("b13 data and udata of the trigger", OTHERS, ANYTHING, NOT_RECORDED),
    row("b13 data is reset", OTHERS, ANYTHING, NOT_RECORDED),
    row("b13 notes survive", OTHERS, ANYTHING, NOT_RECORDED),
    row("b15 CLEAR, five calls", OTHERS, ANYTHING, NOT_RECORDED),
    row("b15 level, six calls", OTHERS, ANYTHING, NOT_RECORDED),
    row("b16 level, six calls", OTHERS, ANYTHING, NOT_RECORDED),
    row("b17 a pipe", OTHERS, ANYTHING, NOT_RECORDED),
    row("b17 a file", OTHERS, ANYTHING, NOT_RECORDED),
    row("b18 applied", OTHERS, ANYTHING, NOT_RECORDED),
    row("b18 a negative second", OTHERS, ANYTHING, NOT_RECORDED),
    row("b18 a billion nanoseconds", OTHERS, ANYTHING, NOT_RECORDED),

    row("b19 negative changes", &[NETBSD], "ENOENT", "counts are size_t there: it starts on the list"),
    row("b19 negative changes", &[LINUX], "EINVAL", "refused: better than not noticing"),
    row("b19 negative changes", OTHERS, ANYTHING, NOT_RECORDED),
    row("b19 negative room, nothing pending", &[LINUX], "EINVAL", "refused: better than writing somewhere"),
    row("b19 negative room, nothing pending", OTHERS, ANYTHING, NOT_RECORDED),

    row("b22 disabled", &[NETBSD], "true", "a disabled event still counts for poll"),
    row("b22 disabled", OTHERS, ANYTHING, NOT_RECORDED),
    row("b22 CLEAR, collected", OTHERS, ANYTHING, NOT_RECORDED),
    row("b23 one level event collected", OTHERS, ANYTHING, NOT_RECORDED),
    row("b24 drained", &[LINUX], "none", "the outer queues are looked at again: better than a stale answer"),
    row("b24 drained", OTHERS, ANYTHING, NOT_RECORDED),
    row("b26 kevent in the child", OTHERS, ANYTHING, NOT_RECORDED),
    row("b28 another pipe under the number", OTHERS, ANYTHING, NOT_RECORDED),

    row("b33 end of file below the mark", OTHERS, ANYTHING, NOT_RECORDED),
    row("b33 a pipe below the mark", OTHERS, ANYTHING, NOT_RECORDED),
    row("b35 reset", OTHERS, ANYTHING, NOT_RECORDED),
    row("b36 no writer yet", OTHERS, ANYTHING, NOT_RECORDED),
    row("b36 a new writer", OTHERS, ANYTHING, NOT_RECORDED),
    row("b37 beyond the end", OTHERS, ANYTHING, NOT_RECORDED),
    row("b37 truncated below the offset", OTHERS, ANYTHING, NOT_RECORDED),
    row("b37 at the end", OTHERS, ANYTHING, NOT_RECORDED),
    row("b38 at the end", OTHERS, ANYTHING, NOT_RECORDED),
    row("b39 the slave is closed", &[NETBSD], "READ(u1 data=3 EOF)", "data keeps its old value there"),
    row("b39 the slave is closed", OTHERS, ANYTHING, NOT_RECORDED),
    row("b40 a pipe, partly drained", &[LINUX], "none", "nothing tells that somebody read from a pipe"),
    row("b40 a pipe, partly drained", OTHERS, ANYTHING, NOT_RECORDED),
    row("b40 a socket, partly drained", OTHERS, ANYTHING, NOT_RECORDED),

    row("b41 1000 bytes less", OTHERS, ANYTHING, NOT_RECORDED),
    row("b42 one byte read", OTHERS, ANYTHING, NOT_RECORDED),
    row("b42 PIPE_BUF - 1 read", OTHERS, ANYTHING, NOT_RECORDED),
    row("b42 PIPE_BUF read", OTHERS, ANYTHING, NOT_RECORDED),
    row("b44 the reader is gone", &[NETBSD], "WRITE(u1 data=0 EOF)", "stays registered, without room"),
    row("b44 second", &[NETBSD], "WRITE(u1 data=0 EOF)", "stays registered"),
    row("b44 added after the close", &[NETBSD], "EBADF", "its errno for this is another"),
    row("b44 the reader is gone", OTHERS, ANYTHING, NOT_RECORDED),
    row("b44 second", OTHERS, ANYTHING, NOT_RECORDED),
    row("b44 added after the close", OTHERS, ANYTHING, NOT_RECORDED),
    row("b45 a refused connect", OTHERS, ANYTHING, NOT_RECORDED),
    row("b46 added", OTHERS, ANYTHING, NOT_RECORDED),

    row("b48 absolute, first", OTHERS, ANYTHING, NOT_RECORDED),
    row("b48 absolute, again", OTHERS, ANYTHING, NOT_RECORDED),
    row("b48 absolute, deleted", OTHERS, ANYTHING, NOT_RECORDED),
    row("b48 periodic", OTHERS, ANYTHING, NOT_RECORDED),
    row("b51 absolute, past", OTHERS, ANYTHING, NOT_RECORDED),
    row("b52 a zero oneshot", &[NETBSD], "EINVAL", "zero is no period there"),
    row("b52 a zero oneshot fires", &[NETBSD], "none", "it was refused"),
    row("b52 a zero period", &[NETBSD], "EINVAL", "zero is no period there"),
    row("b52 a zero period fires again and again", &[NETBSD], "0", "it was refused"),
    row("b52 a zero oneshot", OTHERS, ANYTHING, NOT_RECORDED),
    row("b52 a zero oneshot fires", OTHERS, ANYTHING, NOT_RECORDED),
    row("b52 a zero period", OTHERS, ANYTHING, NOT_RECORDED),
    row("b52 a zero period fires again and again", OTHERS, ANYTHING, NOT_RECORDED),
    row("b53 a negative period", &[NETBSD], "OK", "taken for the past there"),
    row("b53 a negative period", OTHERS, ANYTHING, NOT_RECORDED),
    row("b54 a huge period", &[FREEBSD], "TIMER(u1 data=1 CLEAR ONESHOT)", "it overflows there: better not followed"),
    row("b54 a huge period", OTHERS, ANYTHING, NOT_RECORDED),

    row("b55 FFCOPY while adding", OTHERS, ANYTHING, NOT_RECORDED),
    row("b57 added and triggered in one", OTHERS, ANYTHING, NOT_RECORDED),
    row("b57 added again while triggered", OTHERS, ANYTHING, NOT_RECORDED),
    row("b57 CLEAR while triggering", OTHERS, ANYTHING, NOT_RECORDED),

    row("b60 exit", OTHERS, ANYTHING, NOT_RECORDED),
    row("b60 killed", OTHERS, ANYTHING, NOT_RECORDED),
    row("b61 a zombie", &[NETBSD], "ESRCH", "a zombie cannot be watched there"),
    row("b61 a zombie fires", &[NETBSD], "none", "it was refused"),
    row("b61 a zombie", OTHERS, ANYTHING, NOT_RECORDED),
    row("b61 a zombie fires", OTHERS, ANYTHING, NOT_RECORDED),
    row("b62 no process -1", OTHERS, ANYTHING, NOT_RECORDED),
    row("b64 NOTE_FORK", &[LINUX], "ENOTSUP", "told through a privileged channel only, so refused"),
    row("b64 NOTE_EXEC", &[LINUX], "ENOTSUP", "told through a privileged channel only, so refused"),
    row("b64 NOTE_TRACK", &[LINUX], "ENOTSUP", "told through a privileged channel only, so refused"),
    row("b64 NOTE_FORK", OTHERS, ANYTHING, NOT_RECORDED),
    row("b64 NOTE_EXEC", OTHERS, ANYTHING, NOT_RECORDED),
    row("b64 NOTE_TRACK", OTHERS, ANYTHING, NOT_RECORDED),

    row("b65 an ignored signal, three times", &[LINUX], "SIGNAL(u1 data=1 CLEAR)", "a signal merges while it is pending"),
    row("b65 blocked, three times", &[LINUX], "SIGNAL(u1 data=1 CLEAR)", "a signal merges while it is pending"),
    row("b65 an ignored signal, three times", OTHERS, ANYTHING, NOT_RECORDED),
    row("b65 blocked, three times", OTHERS, ANYTHING, NOT_RECORDED),
    row("b65 the handler runs, at least once", OTHERS, ANYTHING, NOT_RECORDED),

    row("b69 one of two names", OTHERS, ANYTHING, NOT_RECORDED),
    row("b69 the last name", OTHERS, ANYTHING, NOT_RECORDED),
    row("b70 written over", OTHERS, ANYTHING, NOT_RECORDED),
    row("b70 appended", OTHERS, ANYTHING, NOT_RECORDED),
    row("b71 shorter", OTHERS, ANYTHING, NOT_RECORDED),
    row("b71 longer", &[NETBSD], "VNODE(u1 data=0 CLEAR ATTRIB|EXTEND)", "it also tells that the file grew"),
    row("b71 longer", &[LINUX], "VNODE(u1 data=0 CLEAR EXTEND|WRITE)", "inotify tells a modification; the size tells that it grew"),
    row("b71 longer", OTHERS, ANYTHING, NOT_RECORDED),
    row("b72 renamed over", OTHERS, ANYTHING, NOT_RECORDED),
];

/// The numbers that have the same name but not the same value, or no name, on some systems. `None`: the system has none.
pub struct Numbers {
    pub seconds: u32,
    pub milliseconds: u32,
    pub microseconds: u32,
    pub nanoseconds: u32,
    /// The time is a point of CLOCK_REALTIME.
    pub absolute: Option<u32>,
    /// The notes that ask for the end of a process and for its status.
    pub exit: u32,
    pub fork: u32,
    pub exec: u32,
    pub track: u32,
    /// `O_NONBLOCK` writes of up to so many bytes to a pipe are all or nothing.
    pub pipe_buf: usize,
}

const EXIT: u32 = 0x8000_0000;

const fn numbers(units: [u32; 4], absolute: Option<u32>, exit: u32, pipe_buf: usize) -> Numbers {
    let [seconds, milliseconds, microseconds, nanoseconds] = units;
    let (fork, exec, track) = (0x4000_0000, 0x2000_0000, 1);
    Numbers {
        seconds,
        milliseconds,
        microseconds,
        nanoseconds,
        absolute,
        exit,
        fork,
        exec,
        track,
        pipe_buf,
    }
}

const NUMBERS: &[(&str, Numbers)] = &[
    (FREEBSD, numbers([1, 2, 4, 8], Some(0x10), EXIT, 512)),
    (LINUX, numbers([1, 2, 4, 8], Some(0x10), EXIT, 4096)),
    (NETBSD, numbers([1, 0, 2, 3], Some(0x10), EXIT, 512)),
    ("openbsd", numbers([1, 0, 2, 3], Some(0x10), EXIT, 512)),
    // NOTE_EXITSTATUS, without which the status is not told.
    (
        "macos",
        numbers([1, 0, 2, 4], Some(8), EXIT | 0x0400_0000, 512),
    ),
    ("dragonfly", numbers([0, 0, 0, 0], None, EXIT, 512)),
];

/// The numbers of the system that this program runs on.
pub fn here() -> &'static Numbers {
    let found = NUMBERS
        .iter()
        .find(|(system, _)| *system == std::env::consts::OS);
    &found.expect("a row for this system").1
}

/// Compares an answer with FreeBSD's, or with this system's row where it has one.
#[track_caller]
pub fn check(step: &str, answer: &str, freebsd: &str) {
    let mine = ROWS
        .iter()
        .find(|row| row.step == step && row.systems.contains(&std::env::consts::OS));
    let (expected, why) = mine.map_or((freebsd, "as FreeBSD"), |row| (row.answer, row.why));
    assert!(
        expected == ANYTHING || answer == expected,
        "{step}: got {answer}, expected {expected} ({why})"
    );
}
