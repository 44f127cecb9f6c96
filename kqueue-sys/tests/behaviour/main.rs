//! The numbered behaviours of kqueue, run against the system's own kqueue (or, on Linux, against kqueue-linux).
//!
//! The same file runs on every system. What a test expects is what FreeBSD's kernel does; where another system does something
//! else, the table in `table.rs` says what, and why. Nothing else in here knows which system it is on.
//!
//! Each test has a process of its own, made by `fork` from a program with one thread (see `runner.rs`): descriptors' numbers,
//! signals, children and the scratch directory belong to it alone, and one that hangs is killed without taking the others along.
//!
//! No test depends on a fast machine: an event that must come is waited for as long as it takes (seconds), and only silence is
//! measured with a short wait.

// Widths of fields and constants are each system's own; a cast that is idle on one is needed on another.
#![allow(clippy::unnecessary_cast)]

mod runner;
mod support;
mod table;

mod calls;
mod changes;
mod process;
mod queue;
mod read;
mod signal;
mod threads;
mod timer;
mod user;
mod vnode;
mod write;

use runner::Test;

/// Names of functions become names of tests.
macro_rules! tests {
    ($($module:ident: $($name:ident)*;)*) => {
        &[$($(Test { name: stringify!($name), run: $module::$name },)*)*]
    };
}

const TESTS: &[Test] = tests! {
    calls: b01_changes_apply_in_order_before_the_scan b02_without_room_the_first_failure_is_returned
        b03_with_room_each_failure_is_an_entry b04_an_error_or_receipt_entry_returns_at_once
        b05_a_receipt_without_room_ends_the_change_list b06_changes_and_events_may_share_memory;
    changes: b07_adding_again_replaces_udata_data_and_notes b07_adding_again_keeps_clear_oneshot_and_dispatch
        b07_adding_again_does_not_enable b08_added_disabled_stays_silent b09_disable_drops_a_queued_event
        b10_enable_looks_again_and_replaces_udata b11_dispatch_disables_on_delivery b12_oneshot_deletes_on_delivery
        b13_clear_resets_data_and_user_notes_survive b14_the_condition_is_checked_again_at_retrieval
        b15_level_events_rotate_when_the_room_is_small b16_an_event_that_did_not_fit_comes_next_time;
    queue: b17_a_bad_kqueue_is_ebadf b18_a_bad_timespec_is_einval_after_the_changes b19_negative_counts
        b20_without_room_it_never_blocks b22_poll_works_on_the_kqueue b23_a_kqueue_in_a_kqueue_counts_what_is_pending
        b24_a_chain_of_kqueues b26_not_inherited_over_fork b28_after_close_ebadf_and_after_reuse_enoent;
    threads: b21_eintr_leaves_changes_applied b21_eintr_with_sa_restart_too b29_two_threads_waiting_get_one_event_once
        b29_a_waiter_sees_a_change_made_by_another_thread b30_delete_racing_delivery_is_safe;
    read: b31_exact_byte_counts b32_a_listener_tells_its_queue b33_lowat_holds_for_sockets_and_not_for_pipes
        b34_end_of_file_with_data_still_there b35_end_of_file_carries_the_sockets_errno b36_a_fifo_loses_its_end_of_file
        b37_a_file_tells_size_minus_offset b38_a_file_that_grows_fires_again b39_a_pty_master
        b40_clear_after_a_partial_drain;
    write: b41_data_is_the_free_space b42_a_pipe_with_less_than_pipe_buf_free_is_silent b44_the_reader_is_gone
        b45_a_refused_connect b46_a_listener_is_never_writable;
    timer: b48_periodic_timers_clear_and_absolute_ones_do_not b49_data_counts_expiries b50_adding_again_restarts
        b51_an_absolute_time_in_the_past_fires b52_zero_periods b53_negative_periods b54_huge_periods
        all_four_units;
    user: b55_the_four_operations_on_notes b56_level_until_cleared b57_trigger_while_adding_and_clear_while_triggering
        b58_triggers_merge;
    process: b60_the_wait_status_and_end_of_file b61_a_zombie_fires b62_no_such_process_is_esrch
        b64_notes_that_cannot_be_delivered_are_refused;
    signal: b65_signals_are_counted b65_a_blocked_signal_is_seen_and_stays_pending b66_the_action_and_the_mask_are_left_alone
        b67_sigwait_still_gets_the_signal b68_visible_at_zero_timeout;
    vnode: b69_delete_and_link b70_write_and_extend b71_attrib_and_truncate b72_rename_and_rename_over;
};

fn main() {
    runner::main(TESTS);
}
