//! Where a machine stands: its state, and the bounded queue of the events that actions raise.

use core::fmt;
use core::marker::PhantomData;

/// The queue is full; here is the event back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QueueFull<E>(pub E);

impl<E: fmt::Debug> fmt::Display for QueueFull<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no room in the machine's queue for {:?}", self.0)
    }
}

impl<E: fmt::Debug> core::error::Error for QueueFull<E> {}

/// One event, in a word.
const ONE: u32 = 1 << 16;

/// A state, and events: first in, first out, at most as many as there are places. `Standing<E, [Option<E>; N]>` while its owner knows
/// the `N`, `Standing<E>` for everybody else.
#[repr(C)] // The word, which each event looks at, comes first.
pub(super) struct Standing<E, P: ?Sized = [Option<E>]> {
    /// The state's code, and above it the number of events: one load says in which state a machine is and that nothing waits.
    word: u32,
    head: u16,
    high_water: u16,
    event: PhantomData<E>,
    places: P,
}

impl<E: Copy, const N: usize> Standing<E, [Option<E>; N]> {
    pub(super) const fn new(state: u16) -> Self {
        Self {
            word: state as u32,
            head: 0,
            high_water: 0,
            event: PhantomData,
            places: [None; N],
        }
    }
}

impl<E, P: ?Sized> Standing<E, P> {
    #[inline(always)]
    pub(super) const fn len(&self) -> usize {
        (self.word >> 16) as usize
    }

    /// The state's code; more than a code while events wait.
    #[inline(always)]
    pub(super) const fn word(&self) -> u32 {
        self.word
    }

    /// The state's code.
    #[inline(always)]
    pub(super) const fn state(&self) -> u16 {
        self.word as u16
    }

    #[inline(always)]
    pub(super) const fn set_state(&mut self, state: u16) {
        self.word = self.word & !(u16::MAX as u32) | state as u32;
    }

    #[inline(always)]
    pub(super) const fn is_empty(&self) -> bool {
        self.word <= u16::MAX as u32
    }

    pub(super) const fn high_water(&self) -> usize {
        self.high_water as usize
    }
}

impl<E: Copy> Standing<E> {
    pub(super) fn push(&mut self, event: E) -> Result<(), QueueFull<E>> {
        let capacity = self.places.len();
        if self.len() == capacity {
            return Err(QueueFull(event));
        }
        let mut place = self.head as usize + self.len();
        if place >= capacity {
            place -= capacity;
        }
        self.places[place] = Some(event);
        self.word += ONE;
        self.high_water = self.high_water.max(self.len() as u16);
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Option<E> {
        if self.is_empty() {
            return None;
        }
        let event = self.places[self.head as usize].take();
        self.head += 1;
        if self.head as usize == self.places.len() {
            self.head = 0;
        }
        self.word -= ONE;
        event
    }

    pub(super) fn clear(&mut self) {
        while self.pop().is_some() {}
    }
}
