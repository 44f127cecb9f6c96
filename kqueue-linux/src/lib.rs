//! kqueue for Linux, in user space: [`kqueue`](fn@kqueue) and [`kevent`](fn@kevent) over epoll, for Rust and for C.
//!
//! ```text
//!            raw                       typed            policy                    protocols, programs
//!  kernel ─► kqueue-sys ───────────────► kqueue-safe ───► ptk-core ───────────────► protocols/modbus   ─► ptk-cli, examples
//!            ┏━━━━━━━━━━━━━━━━━━━━━━┓                     event loop, timers,       protocols/enip
//!            ┃ Linux: kqueue-linux, ┃                     sockets, machines, async  ptk-c (C API)
//!            ┃ kqueue in user space ┃
//!            ┗━━━━━━━━━━━━━━━━━━━━━━┛
//! ```
//!
//! The struct has 32 bytes, the numbers are FreeBSD's, and so is the behaviour: `conformance/` in the repository has 255 probes with FreeBSD's and NetBSD's answers, and
//! every line that is not FreeBSD's is in [`differences`], with its reason. Use `kqueue-safe` for a typed interface.
//!
//! # What it is not
//!
//! - Not a thread: nothing runs in the background.
//! - Not a user of the heap: tables are anonymous mappings, which grow and never move.
//! - Not a library that changes the program: no signal handler, no socket option, no close. One thing is said below of ignored signals.
//!
//! # How it works
//!
//! The kqueue's descriptor *is* an epoll descriptor, so it can be polled, and put into another one. What epoll cannot tell is kept in memory and told through it:
//!
//! ```text
//!   sockets, pipes, terminals, eventfds ... ──one interest per descriptor──┐
//!   timers ── heap ── one timerfd (first timer) ───────────────────────────┤
//!   files, directories ── one inotify (first file) ────────────────────────┼──► epoll = the kqueue ──► kevent()
//!   processes ── a pidfd each ──── signals ── a signalfd each ─────────────┤            ▲
//!   user events, and whatever found no room ──► ready list ──► kick ───────┘            └── look-up without a lock (plain ones),
//!                                                (an eventfd, one per process)               or translation under the lock
//! ```
//!
//! A registration's life, with the functions on the arrows:
//!
//! ```text
//!                 1 EV_ADD                      2 epoll, 3 raise
//!   (nothing) ──────────────► waiting ─────────────────────────────► ready list ◄───┐
//!       ▲                      ▲  │ 2 epoll (level): delivered        │             │ 6 level: stays
//!       │                      │  │   without the list                │ 4 check     │
//!       │ 7 EV_DELETE          │  └───────────────┐     no, it does   │             │
//!       │   EV_ONESHOT         │ 5 EV_CLEAR       ▼     not hold      ▼             │
//!       └──────────────────────┴──────────── delivered ◄─────────── does it hold? ──┘
//!                              │                  │ 8 EV_DISPATCH
//!                              │ 9 EV_ENABLE      ▼
//!                              └───────────── disabled ◄── 10 EV_DISABLE
//! ```
//!
//! 1 `filter::change`: `fstat` once to learn what a descriptor is, then `epoll_ctl`. 2 `wait::steady` (nothing but plain events: no lock) or `wait::translate_one`, from
//! `epoll_pwait2`. 3 `filter::raise`: timers (`timer::expired`), user events, inotify, processes, signals. 4 `deliver::check_again`, `deliver::check_note`: the condition is asked again
//! when it is delivered. 5, 6 `deliver::deliver_side`, `deliver::note_from_list`. 7 `descriptor::delete`. 8 to 10: a flag in memory. The epoll interest stays, and is only narrowed
//! (`deliver::narrow`) when it has woken a waiter for nothing, so that DISPATCH and ENABLE make no system call.
//!
//! While something is on the ready list, the *kick* is on: a process-wide eventfd that is always readable, whose interest in this epoll is switched (`State::settle`). It wakes a
//! waiter, and makes the kqueue readable for `poll` and for outer kqueues.
//!
//! # Filters
//!
//! | filter | on | `data` | by |
//! |---|---|---|---|
//! | `EVFILT_READ` | sockets, pipes, FIFOs, terminals, eventfd and the like | bytes (datagrams: of the first; listeners: connections that wait, of a Unix one 1) | epoll, `FIONREAD`, `TCP_INFO` |
//! | | regular files | size - offset, silent at 0; `NOTE_FILE_POLL`: always | inotify, `fstat` in each call |
//! | | kqueues | events that are pending in it | epoll |
//! | `EVFILT_WRITE` | the same, except kqueues (`EINVAL`) | room in bytes | epoll, `SO_MEMINFO`, `F_GETPIPE_SZ` |
//! | `EVFILT_EMPTY` | sockets | 0 | `SIOCOUTQ`, in each call and every 2 ms |
//! | `EVFILT_TIMER` | any number | expirations | heap, timerfd |
//! | `EVFILT_USER` | any number | what the trigger said | memory |
//! | `EVFILT_PROC` | processes; `NOTE_EXIT`, other notes are `ENOTSUP` | wait status | pidfd |
//! | `EVFILT_SIGNAL` | signals, see below | deliveries seen | signalfd |
//! | `EVFILT_VNODE` | files and directories | 0 | inotify, `fstat` |
//!
//! All other filters are `EINVAL`. [`NOTE_NOCOUNT`] on READ and WRITE is this library's own: `data` is 0, and an event costs no further system call.
//!
//! # Signals
//!
//! Linux shows a signal to others only while it is pending. A signal that the program has blocked is counted and stays pending. A signal that is ignored (SIGCHLD by default, for
//! example) is blocked by its registration in the calling thread, until it is deleted, because an ignored signal leaves no trace otherwise; a program started by that thread inherits
//! the mask. A signal with a handler that is not blocked is refused (`ENOTSUP`). Register before you start threads.
//!
//! # Threads, forks, signal handlers
//!
//! Any number of threads may change, wait and trigger. No lock is held while a call waits; a waiter sees changes at once. The lock is a futex, taken only by calls that
//! meet. Waits on the steady path take none.
//!
//! After a fork the child's kqueues are gone: `kevent` is `EBADF` (the kernel wipes the page that says otherwise, whoever forked), and the descriptors are closed by a fork
//! handler when the C library's `fork` was used.
//!
//! In a signal handler, `kevent` with changes and no room for events may be called. When the handler interrupted a call on the same kqueue in the same thread, only plain
//! `NOTE_TRIGGER` changes are taken (they are applied when the interrupted call lets its lock go; triggers of one event merge; above 16 different ones: `EAGAIN`), others
//! are `EDEADLK`.
//!
//! # Closing
//!
//! Nobody tells this library that a program closed a kqueue. Its memory and inner descriptors are given back by a later `kqueue()`, or at once by [`forget`] before the close. A
//! duplicate (`dup`) keeps the kqueue once it has been used in a call, or at once with [`duplicated`].
//!
//! A duplicate may get the number of a kqueue that was closed with plain `close`. It is told apart when a wait brings events that are not the closed one's, and
//! when a change fails that only memory was asked about (the kernel says in `/proc` which kqueue a number is); a change that the closed kqueue could still apply, because it had a registration of the same filter and ident, is applied there and lost.
//! A program that duplicates kqueues and closes others calls [`forget`] before it closes them, or [`duplicated`] after it duplicated.
//!
//! # Memory
//!
//! 32 bytes for a descriptor and its READ, 20 more for WRITE, 20 more for each of the two with `NOTE_NOCOUNT`, 8 for low-water marks; about 120 for any other registration and 16 more
//! for a timer; in pages that are touched only when they are needed. An empty kqueue touches three pages (12 KiB), one with ten sockets six, one with ten timers besides nine. The
//! address space that is reserved is about 2.6 MiB each. `cargo run --release -p kqueue-linux --example memory` measures it.
//!
//! # Requirements
//!
//! Linux 5.3 (pidfd); timeouts below a millisecond want 5.11 (`epoll_pwait2`), otherwise they are rounded up. `/proc` for VNODE and for growing files. A wait's timeout has the
//! thread's timer slack (50 µs unless `prctl` changed it); timers of EVFILT_TIMER have none.
#![no_std]

mod abi;
#[cfg(ptk_c_lib)]
mod c_lib;
mod call;
#[doc = include_str!("../DIFFERENCES.md")]
pub mod differences {}
#[cfg(feature = "fault-injection")]
pub mod fault;
mod filter;
mod heap;
mod hot;
mod kick;
mod kq;
mod lock;
mod mailbox;
mod mem;
mod node;
mod note;
mod registry;
mod state;
mod sys;
#[cfg(test)]
mod tests;
mod wait;
mod zombie;

pub use abi::*;
pub use call::{kevent, kqueue, kqueue1};
pub use libc::timespec;
pub use registry::{duplicated, forget};
