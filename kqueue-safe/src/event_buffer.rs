//! [`EventBuffer`], its view, and [`Events`]: what one call received.

use core::fmt;
use core::iter::FusedIterator;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::slice;

use crate::{Event, PTK_MAX_KEVENTS};

type Place = MaybeUninit<Event>;

/// Room for `N` events.
///
/// Making one costs nothing and a call touches only the places that the kernel fills: they are not initialised beforehand and not cleared
/// afterwards. What was received is reachable through the [`Events`] that the call returns and in no other way, so an event of an
/// earlier call cannot be seen. Functions take an [`EventView`], to which a buffer derefs. A capacity of zero does not compile.
///
/// In a `static`, put it into an [`Exclusive`](crate::Exclusive).
///
/// ```
/// use kqueue_safe::EventBuffer;
///
/// let mut events: EventBuffer = EventBuffer::new(); // room for PTK_MAX_KEVENTS
/// assert_eq!(events.capacity(), 64);
/// let mut few = EventBuffer::<4>::new();
/// assert_eq!(few.capacity(), 4);
/// ```
pub struct EventBuffer<const N: usize = PTK_MAX_KEVENTS> {
    view: EventView<[Place; N]>,
}

/// An [`EventBuffer`] of any capacity: what functions take.
pub struct EventView<S: ?Sized = [Place]> {
    places: S,
}

impl<const N: usize> EventBuffer<N> {
    /// A buffer.
    #[inline]
    pub const fn new() -> Self {
        const { assert!(N > 0, "a buffer of events needs room for at least one") };
        const { assert!(N <= i32::MAX as usize, "kevent counts events in an int") };
        Self {
            view: EventView {
                places: [const { MaybeUninit::uninit() }; N],
            },
        }
    }
}

impl<const N: usize> Default for EventBuffer<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Deref for EventBuffer<N> {
    type Target = EventView;

    #[inline]
    fn deref(&self) -> &EventView {
        &self.view
    }
}

impl<const N: usize> DerefMut for EventBuffer<N> {
    #[inline]
    fn deref_mut(&mut self) -> &mut EventView {
        &mut self.view
    }
}

impl EventView {
    /// The number of events that fit.
    #[inline]
    pub const fn capacity(&self) -> usize {
        self.places.len()
    }

    #[inline]
    pub(crate) const fn places(&mut self) -> &mut [Place] {
        &mut self.places
    }
}

impl<const N: usize> fmt::Debug for EventBuffer<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl fmt::Debug for EventView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventBuffer")
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

/// The events that one call received, in the order in which the kernel wrote them: an iterator over the buffer's own memory.
#[derive(Clone)]
pub struct Events<'e> {
    received: slice::Iter<'e, Event>,
}

impl<'e> Events<'e> {
    #[inline]
    pub(crate) fn new(received: &'e [Event]) -> Self {
        Self {
            received: received.iter(),
        }
    }

    /// Those that were not yet taken.
    #[inline]
    pub fn as_slice(&self) -> &'e [Event] {
        self.received.as_slice()
    }

    /// Whether none is left. A wait whose time ran out returns none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.received.as_slice().is_empty()
    }
}

impl<'e> Iterator for Events<'e> {
    type Item = &'e Event;

    #[inline]
    fn next(&mut self) -> Option<&'e Event> {
        self.received.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.received.size_hint()
    }
}

impl DoubleEndedIterator for Events<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.received.next_back()
    }
}

impl ExactSizeIterator for Events<'_> {}
impl FusedIterator for Events<'_> {}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}
