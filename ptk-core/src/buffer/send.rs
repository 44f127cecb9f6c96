//! What is to be sent and has not been.

use crate::error::{Error, Result, Table};
use crate::net::Sent;

/// A queue of bytes for one stream, of fixed size.
///
/// ```text
///  push, reserve ──► [ unsent ... | free ... ] ──unsent()──► send ──► sent(n)
///                    wants_write() while unsent is not empty
///                    wants_read()  while free is above the mark
/// ```
///
/// The order of calls: answers are [pushed](SendQueue::push) whole or not at all; [`unsent`](SendQueue::unsent) goes to the stream and
/// [`sent`](SendQueue::sent) takes what the stream took, a part if it was a part; [`wants_write`](SendQueue::wants_write) is the interest
/// in writability, [`wants_read`](SendQueue::wants_read) whether to go on reading requests.
///
/// ```
/// use ptk_core::buffer::SendQueue;
///
/// let mut storage = [0; 8];
/// let mut queue = SendQueue::new(&mut storage);
/// queue.push(b"answer")?;
/// assert!(queue.push(b"another").is_err(), "whole or not at all");
/// assert_eq!(queue.unsent(), b"answer");
///
/// queue.sent(4); // the stream took a part
/// assert_eq!(queue.unsent(), b"er");
/// assert!(queue.wants_write());
/// # Ok::<(), ptk_core::Error>(())
/// ```
#[derive(Debug)]
pub struct SendQueue<'a> {
    storage: &'a mut [u8],
    start: usize,
    end: usize,
    /// Free bytes below which no more requests should be read.
    mark: usize,
    high_water: usize,
}

impl<'a> SendQueue<'a> {
    /// An empty queue in this storage. No back-pressure before the queue is full; see
    /// [`with_reserve`](SendQueue::with_reserve).
    #[must_use]
    pub const fn new(storage: &'a mut [u8]) -> SendQueue<'a> {
        SendQueue {
            storage,
            start: 0,
            end: 0,
            mark: 1,
            high_water: 0,
        }
    }

    /// The same, with [`wants_read`](SendQueue::wants_read) false as soon as fewer than `free` bytes are free: the size of the largest
    /// answer, so that a request that was read can always be answered. At most the size of the storage.
    #[must_use]
    pub const fn with_reserve(storage: &'a mut [u8], free: usize) -> SendQueue<'a> {
        let capacity = storage.len();
        let mut queue = SendQueue::new(storage);
        queue.mark = if free > capacity { capacity } else { free };
        queue
    }

    /// Appends these bytes, all or none.
    ///
    /// # Errors
    /// [`TableFull`](crate::ErrorKind::TableFull) with [`Table::SendQueue`]: not enough room now.
    /// [`MessageTooLarge`](crate::ErrorKind::MessageTooLarge): more than the storage can ever hold.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        let room = self.reserve(bytes.len())?;
        room.copy_from_slice(bytes);
        self.commit(bytes.len());
        Ok(())
    }

    /// Room for exactly `length` bytes, to write an answer in place; [`commit`](SendQueue::commit) makes it part of the queue.
    ///
    /// # Errors
    /// See [`push`](SendQueue::push).
    #[inline]
    pub fn reserve(&mut self, length: usize) -> Result<&mut [u8]> {
        if length > self.storage.len() - self.end {
            self.make_room(length)?;
        }
        Ok(&mut self.storage[self.end..self.end + length])
    }

    /// Takes the first `length` bytes that were written to the room of [`reserve`](SendQueue::reserve) into the queue.
    ///
    /// More than there is room counts as all of it.
    #[inline]
    pub fn commit(&mut self, length: usize) {
        self.end += length.min(self.storage.len() - self.end);
        self.high_water = self.high_water.max(self.end - self.start);
    }

    /// Moves what is unsent to the front. Each byte moves at most once for each time the queue has been filled behind it.
    #[cold]
    fn make_room(&mut self, length: usize) -> Result<()> {
        if length > self.storage.len() {
            return Err(Error::TOO_LARGE);
        }
        if length > self.free() {
            return Err(Error::table_full(Table::SendQueue));
        }
        self.storage.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        Ok(())
    }

    /// What is to be sent next, in one piece.
    #[inline]
    #[must_use]
    pub fn unsent(&self) -> &[u8] {
        &self.storage[self.start..self.end]
    }

    /// The first `length` of the [unsent](SendQueue::unsent) bytes are sent. More than there are counts as all.
    #[inline]
    pub fn sent(&mut self, length: usize) {
        self.start += length.min(self.end - self.start);
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Sends once what is unsent, with a stream's `send`, and takes what it took. Nothing is called when there is nothing.
    ///
    /// ```
    /// use ptk_core::buffer::SendQueue;
    /// use ptk_core::net::{Sent, UnixStream};
    ///
    /// let (stream, _peer) = UnixStream::pair()?;
    /// let mut storage = [0; 64];
    /// let mut queue = SendQueue::new(&mut storage);
    /// queue.push(b"hello")?;
    /// assert_eq!(queue.flush(|bytes| stream.send(bytes))?, Sent::All(5));
    /// assert!(!queue.wants_write());
    /// # Ok::<(), ptk_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `send`; the queue is then as it was.
    #[inline]
    pub fn flush(&mut self, send: impl FnOnce(&[u8]) -> Result<Sent>) -> Result<Sent> {
        if self.start == self.end {
            return Ok(Sent::All(0));
        }
        let sent = send(self.unsent())?;
        self.sent(sent.bytes());
        Ok(sent)
    }

    /// Whether bytes wait to be sent: the interest in writability.
    #[inline]
    #[must_use]
    pub fn wants_write(&self) -> bool {
        self.start != self.end
    }

    /// Whether there is room for the answer to one more request; while there is not, nothing more should be read.
    #[inline]
    #[must_use]
    pub fn wants_read(&self) -> bool {
        self.free() >= self.mark
    }

    /// Bytes that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Bytes that can be pushed.
    #[inline]
    #[must_use]
    pub fn free(&self) -> usize {
        self.storage.len() - (self.end - self.start)
    }

    /// The size of the storage.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.storage.len()
    }

    /// The most bytes that ever waited.
    #[must_use]
    pub fn high_water(&self) -> usize {
        self.high_water
    }

    /// Forgets what waits, for a connection that is gone. The high-water mark stays.
    pub fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }
}

#[cfg(test)]
mod tests;
