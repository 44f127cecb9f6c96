//! The two ends of a mailbox.

use super::place::Place;
use super::ring::{Full, MailboxSnapshot, Places};

/// The sending end; as many as are wanted, on any threads.
pub struct Sender<'m, T, W> {
    mailbox: &'m Places<[Place<T>]>,
    wake: W,
}

impl<'m, T, W: Fn()> Sender<'m, T, W> {
    pub(super) fn new(mailbox: &'m Places<[Place<T>]>, wake: W) -> Self {
        Self { mailbox, wake }
    }

    /// Sends a message, and wakes the receiver unless somebody has done so already. Messages of one sender
    /// arrive in order.
    ///
    /// Never waits. Not for signal handlers: one that interrupts a sender could see a place half filled, and the
    /// messages behind it would wait for it.
    ///
    /// # Errors
    ///
    /// The message, when the mailbox is full. The receiver has been woken then, or is receiving.
    pub fn send(&self, message: T) -> Result<(), Full<T>> {
        self.mailbox.push(message)?;
        if self.mailbox.has_to_wake() {
            (self.wake)();
        }
        Ok(())
    }

    /// The mailbox's figures.
    pub fn snapshot(&self) -> MailboxSnapshot {
        self.mailbox.figures()
    }
}

impl<T, W: Clone> Clone for Sender<'_, T, W> {
    fn clone(&self) -> Self {
        Self {
            mailbox: self.mailbox,
            wake: self.wake.clone(),
        }
    }
}

impl<T, W: Copy> Copy for Sender<'_, T, W> {}

/// The receiving end: one at a time.
pub struct Receiver<'m, T> {
    mailbox: &'m Places<[Place<T>]>,
}

impl<'m, T> Receiver<'m, T> {
    pub(super) fn new(mailbox: &'m Places<[Place<T>]>) -> Self {
        Self { mailbox }
    }

    /// The next message. Never waits.
    ///
    /// Once woken, go on until it answers `None`: only then will a sender call the wake-up hook again.
    /// Who stops earlier (a loop that shares its time fairly) has to come back by itself.
    pub fn recv(&mut self) -> Option<T> {
        let message = self.mailbox.pop();
        if message.is_some() {
            return message;
        }
        // A sender that had no need to wake us may have put its message in since: look again.
        if self.mailbox.was_told() {
            return self.mailbox.pop();
        }
        None
    }

    /// The mailbox's figures.
    pub fn snapshot(&self) -> MailboxSnapshot {
        self.mailbox.figures()
    }
}

impl<T> Drop for Receiver<'_, T> {
    fn drop(&mut self) {
        self.mailbox.return_receiver();
    }
}
