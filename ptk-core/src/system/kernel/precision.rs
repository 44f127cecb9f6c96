//! How exactly a wait ends, on Linux.

/// Linux lets every timed wait of a thread end up to 50 µs late, to gather wake-ups (`PR_SET_TIMERSLACK`, `prctl(2)`). A loop with timers
/// asks for the least, 1 ns, for the thread that waits.
pub(super) fn ask_for_exact_waits() {
    // A system that refuses is later by 50 µs, and no less right.
    let _ = nix::sys::prctl::set_timerslack(1);
}
