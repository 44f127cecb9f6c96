//! The bounded queue of the events that actions raise.

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

/// First in, first out, at most as many as there are places. `Queue<E, [Option<E>; N]>` while its owner knows
/// the `N`, `Queue<E>` for everybody else.
pub(super) struct Queue<E, P: ?Sized = [Option<E>]> {
    len: u16,
    head: u16,
    high_water: u16,
    event: PhantomData<E>,
    places: P,
}

impl<E: Copy, const N: usize> Queue<E, [Option<E>; N]> {
    pub(super) const fn new() -> Self {
        Self {
            len: 0,
            head: 0,
            high_water: 0,
            event: PhantomData,
            places: [None; N],
        }
    }
}

impl<E, P: ?Sized> Queue<E, P> {
    #[inline(always)]
    pub(super) const fn len(&self) -> usize {
        self.len as usize
    }

    #[inline(always)]
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) const fn high_water(&self) -> usize {
        self.high_water as usize
    }
}

impl<E: Copy> Queue<E> {
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
        self.len += 1;
        self.high_water = self.high_water.max(self.len);
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Option<E> {
        if self.len == 0 {
            return None;
        }
        let event = self.places[self.head as usize].take();
        self.head += 1;
        if self.head as usize == self.places.len() {
            self.head = 0;
        }
        self.len -= 1;
        event
    }

    pub(super) fn clear(&mut self) {
        while self.pop().is_some() {}
    }
}
