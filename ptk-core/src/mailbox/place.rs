//! What the mailbox takes from the machine: atomic integers, and places for one message. Under
//! `--cfg loom` the same from loom, which tries every order of steps.

#[cfg(loom)]
pub(super) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[cfg(not(loom))]
pub(super) use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A place for one message, with the number of the turn that it is in.
///
/// ```text
///   turn 2n      empty, waits for the message of lap n
///   turn 2n + 1  holds the message of lap n
/// ```
#[doc(hidden)]
pub struct Place<T> {
    pub(super) turn: AtomicUsize,
    message: Message<T>,
}

impl<T> Place<T> {
    /// Puts the message in. Only the sender whose turn it is calls this.
    pub(super) fn put(&self, message: T) {
        self.message.swap(Some(message));
    }

    /// Takes the message out. Only the receiver calls this.
    pub(super) fn take(&self) -> Option<T> {
        self.message.swap(None)
    }
}

#[cfg(not(loom))]
mod message {
    use kqueue_safe::Exclusive;

    use super::{AtomicUsize, Place};

    pub(super) struct Message<T>(Exclusive<Option<T>>);

    impl<T> Place<T> {
        pub(crate) const fn empty() -> Self {
            Self {
                turn: AtomicUsize::new(0),
                message: Message(Exclusive::new(None)),
            }
        }
    }

    impl<T> Message<T> {
        pub(super) fn swap(&self, mut message: Option<T>) -> Option<T> {
            loop {
                // The turns let one thread at a time come here, so this succeeds at once.
                if let Some(mut place) = self.0.try_borrow() {
                    core::mem::swap(&mut *place, &mut message);
                    return message;
                }
                core::hint::spin_loop();
            }
        }
    }
}

#[cfg(loom)]
mod message {
    use loom::sync::Mutex;

    use super::{AtomicUsize, Place};

    pub(super) struct Message<T>(Mutex<Option<T>>);

    impl<T> Place<T> {
        pub(crate) fn empty() -> Self {
            Self {
                turn: AtomicUsize::new(0),
                message: Message(Mutex::new(None)),
            }
        }
    }

    impl<T> Message<T> {
        pub(super) fn swap(&self, mut message: Option<T>) -> Option<T> {
            let mut place = self.0.try_lock().expect("one thread at a time comes here");
            core::mem::swap(&mut *place, &mut message);
            message
        }
    }
}

use message::Message;
