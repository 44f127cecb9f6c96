//! The ring of places and its counters.

use core::fmt;

use super::ends::{Receiver, Sender};
use super::place::{AtomicBool, AtomicUsize, Ordering, Place};

/// A mailbox with room for `N` messages. Room for none does not compile.
///
/// ```compile_fail
/// static INBOX: ptk_core::mailbox::Mailbox<u64, 0> = ptk_core::mailbox::Mailbox::new();
/// ```
pub type Mailbox<T, const N: usize> = Places<[Place<T>; N]>;

/// [`Mailbox`] with its places as a type, so that a reference to it need not name the number:
/// `&Places<[Place<T>]>`.
pub struct Places<P: ?Sized> {
    /// Where the next message goes: lap and index, see [`Position`].
    tail: AtomicUsize,
    /// Where the next message comes from. Only the receiver writes it.
    head: AtomicUsize,
    /// The receiver has been woken and has not found the mailbox empty since.
    told: AtomicBool,
    /// There is a receiver.
    received: AtomicBool,
    refused: AtomicUsize,
    high_water: AtomicUsize,
    places: P,
}

/// The mailbox is full; here is the message back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full<T>(pub T);

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the mailbox is full")
    }
}

impl<T: fmt::Debug> core::error::Error for Full<T> {}

/// What a [`Mailbox`] knew at about one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MailboxSnapshot {
    /// How many messages there is room for.
    pub capacity: usize,
    /// How many messages were waiting.
    pub waiting: usize,
    /// The largest number that the receiver has found waiting.
    pub high_water: usize,
    /// How many messages were handed back.
    pub refused: usize,
}

impl<T, const N: usize> Places<[Place<T>; N]> {
    /// An empty mailbox.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        const { assert!(N > 0, "a mailbox needs room for one message") };
        Self {
            tail: AtomicUsize::new(0),
            head: AtomicUsize::new(0),
            told: AtomicBool::new(false),
            received: AtomicBool::new(false),
            refused: AtomicUsize::new(0),
            high_water: AtomicUsize::new(0),
            places: [const { Place::empty() }; N],
        }
    }

    /// An empty mailbox.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self {
            tail: AtomicUsize::new(0),
            head: AtomicUsize::new(0),
            told: AtomicBool::new(false),
            received: AtomicBool::new(false),
            refused: AtomicUsize::new(0),
            high_water: AtomicUsize::new(0),
            places: core::array::from_fn(|_| Place::empty()),
        }
    }

    /// A sender that calls `wake` when the receiver has to be woken. Any number of senders may exist.
    pub fn sender<W: Fn()>(&self, wake: W) -> Sender<'_, T, W> {
        Sender::new(self, wake)
    }

    /// The receiver; `None` while there is one. Dropping it makes room for another.
    pub fn receiver(&self) -> Option<Receiver<'_, T>> {
        let view: &Places<[Place<T>]> = self;
        view.take_receiver().then(|| Receiver::new(self))
    }

    /// The figures.
    pub fn snapshot(&self) -> MailboxSnapshot {
        let view: &Places<[Place<T>]> = self;
        view.figures()
    }
}

impl<T, const N: usize> Default for Places<[Place<T>; N]> {
    fn default() -> Self {
        Self::new()
    }
}

/// Lap and index of a place, in one integer: `index` below, `lap` above. All arithmetic wraps.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Position(usize);

impl Position {
    /// The positions of one lap, of which only the first `capacity` are used.
    fn lap_size(capacity: usize) -> usize {
        (capacity + 1).next_power_of_two()
    }

    fn index(self, capacity: usize) -> usize {
        self.0 & (Self::lap_size(capacity) - 1)
    }

    /// The turn of an empty place at this position.
    fn turn(self, capacity: usize) -> usize {
        self.0 / Self::lap_size(capacity) * 2
    }

    fn next(self, capacity: usize) -> Self {
        if self.index(capacity) + 1 < capacity {
            Self(self.0.wrapping_add(1))
        } else {
            Self((self.0 & !(Self::lap_size(capacity) - 1)).wrapping_add(Self::lap_size(capacity)))
        }
    }

    fn a_lap_later(self, capacity: usize) -> Self {
        Self(self.0.wrapping_add(Self::lap_size(capacity)))
    }

    fn a_lap_earlier(self, capacity: usize) -> Self {
        Self(self.0.wrapping_sub(Self::lap_size(capacity)))
    }
}

impl<T> Places<[Place<T>]> {
    fn take_receiver(&self) -> bool {
        !self.received.swap(true, Ordering::AcqRel)
    }

    pub(super) fn return_receiver(&self) {
        self.received.store(false, Ordering::Release);
    }

    pub(super) fn push(&self, message: T) -> Result<(), Full<T>> {
        let capacity = self.places.len();
        let mut tail = Position(self.tail.load(Ordering::Relaxed));
        loop {
            let place = &self.places[tail.index(capacity)];
            let turn = place.turn.load(Ordering::Acquire);
            if turn == tail.turn(capacity) {
                let next = tail.next(capacity);
                match self.tail.compare_exchange_weak(
                    tail.0,
                    next.0,
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                ) {
                    Ok(_) => {
                        place.put(message);
                        place.turn.store(turn + 1, Ordering::Release);
                        return Ok(());
                    }
                    Err(now) => tail = Position(now),
                }
                continue;
            }
            let now = Position(self.tail.load(Ordering::Relaxed));
            // The message of a lap ago is still there, and nobody has been faster.
            if now == tail && turn == tail.a_lap_earlier(capacity).turn(capacity) + 1 {
                self.refused.fetch_add(1, Ordering::Relaxed);
                return Err(Full(message));
            }
            tail = now;
        }
    }

    /// Takes the next message. Only the receiver calls this.
    pub(super) fn pop(&self) -> Option<T> {
        let capacity = self.places.len();
        let head = Position(self.head.load(Ordering::Relaxed));
        let place = &self.places[head.index(capacity)];
        if place.turn.load(Ordering::Acquire) != head.turn(capacity) + 1 {
            return None;
        }
        let waiting = self.waiting();
        if waiting > self.high_water.load(Ordering::Relaxed) {
            self.high_water.store(waiting, Ordering::Relaxed);
        }
        let message = place.take();
        self.head.store(head.next(capacity).0, Ordering::Relaxed);
        let free = head.a_lap_later(capacity).turn(capacity);
        place.turn.store(free, Ordering::Release);
        message
    }

    /// Notes that the receiver is about to be woken; `true` when the caller has to do it.
    pub(super) fn has_to_wake(&self) -> bool {
        // Release: a receiver that takes this note back sees the message that was put in before it.
        !self.told.swap(true, Ordering::AcqRel)
    }

    /// Takes the note back; `true` when there was one, and with it perhaps a message.
    pub(super) fn was_told(&self) -> bool {
        self.told.swap(false, Ordering::AcqRel)
    }

    fn waiting(&self) -> usize {
        let capacity = self.places.len();
        let head = Position(self.head.load(Ordering::Relaxed));
        let tail = Position(self.tail.load(Ordering::Relaxed));
        let laps = tail.turn(capacity).wrapping_sub(head.turn(capacity)) / 2;
        let waiting = laps.wrapping_mul(capacity) + tail.index(capacity);
        // The two were not read at one moment, and laps wrap.
        waiting.wrapping_sub(head.index(capacity)).min(capacity)
    }

    pub(super) fn figures(&self) -> MailboxSnapshot {
        MailboxSnapshot {
            capacity: self.places.len(),
            waiting: self.waiting(),
            high_water: self.high_water.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Lets a test begin just before the laps wrap.
    #[cfg(all(test, not(loom)))]
    pub(super) fn begin_at_last_lap(&self) {
        let last = !(Position::lap_size(self.places.len()) - 1);
        self.tail.store(last, Ordering::Relaxed);
        self.head.store(last, Ordering::Relaxed);
        for place in &self.places {
            let turn = Position(last).turn(self.places.len());
            place.turn.store(turn, Ordering::Relaxed);
        }
    }
}
