//! Bounded mailboxes: many threads send, one receives, and the receiver is woken once for a crowd.
//!
//! A [`Mailbox`] is made for loops on different threads: as a `static`, or lent to scoped threads. Messages
//! are values of any `Send` type, an owned descriptor for example, so that one loop can hand a connection
//! to another. Sending never waits: a full mailbox hands the message back.
//!
//! ```text
//!   thread A: Sender ──┐                        ┌─ 1 woken: call recv until it answers None
//!   thread B: Sender ──┼──► [ ][ ][ ][ ] ──► Receiver
//!   thread C: Sender ──┘          │
//!                                 └─ wake-up hook: called by the first sender after the receiver
//!                                    has found the mailbox empty, and by no other
//! ```
//!
//! The hook is a closure: raise a user event of the receiving loop in it.
//!
//! ```
//! use core::sync::atomic::{AtomicU32, Ordering};
//! use ptk_core::mailbox::Mailbox;
//!
//! static INBOX: Mailbox<u64, 16> = Mailbox::new();
//! static WAKE_UPS: AtomicU32 = AtomicU32::new(0);
//!
//! let mut receiver = INBOX.receiver().expect("nobody else receives");
//! let sender = INBOX.sender(|| {
//!     WAKE_UPS.fetch_add(1, Ordering::Relaxed); // a loop's user event is raised here
//! });
//! std::thread::scope(|threads| {
//!     for id in 0..3 {
//!         let sender = &sender;
//!         threads.spawn(move || sender.send(id).unwrap());
//!     }
//! });
//! let mut ids: Vec<u64> = core::iter::from_fn(|| receiver.recv()).collect();
//! ids.sort();
//! assert_eq!(ids, [0, 1, 2]);
//! assert_eq!(WAKE_UPS.load(Ordering::Relaxed), 1);
//! ```

mod ends;
mod place;
mod ring;

pub use ends::{Receiver, Sender};
pub use ring::{Full, Mailbox, MailboxSnapshot, Places};

#[doc(hidden)]
pub use place::Place;

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;
