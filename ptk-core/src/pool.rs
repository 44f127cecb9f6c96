//! Buffers of fixed sizes, taken and given back without the heap.
//!
//! A [`Pool`] hands out buffers of one size from storage that the caller lends; [`Pools`] has several sizes
//! and picks the smallest that fits. A [`Buffer`] goes back when it is dropped. Neither is for sharing
//! between threads: each loop has its own.
//!
//! ```
//! use ptk_core::pool::{Pool, Pools};
//!
//! let mut small = [[0; 64]; 8]; // storage: 8 buffers of 64 bytes, and 2 of 1,500
//! let mut large = [[0; 1500]; 2];
//! let small = Pool::new(&mut small);
//! let large = Pool::new(&mut large);
//! let pools = Pools::new([&small, &large]);
//!
//! let mut frame = pools.take(100).unwrap();
//! frame.copy_from_slice(&[7; 100]);
//! assert_eq!((frame.len(), frame.capacity()), (100, 1500));
//! drop(frame);
//! assert_eq!((large.in_use(), large.high_water()), (0, 1));
//! assert!(pools.take(1501).is_none());
//! ```

mod buffer;
mod sizes;

use core::cell::Cell;

pub use buffer::Buffer;
pub use sizes::Pools;

/// A place for one free buffer.
#[doc(hidden)]
pub type Place<'a> = Cell<Option<&'a mut [u8]>>;

/// Buffers of one size. `Pool<'a>` is the view that functions should take: a reference to the `Pool` of
/// any number of buffers turns into it by itself.
///
/// ```
/// use ptk_core::pool::{Buffer, Pool};
///
/// fn receive<'p, 'a>(pool: &'p Pool<'a>) -> Option<Buffer<'p, 'a>> {
///     pool.take()
/// }
///
/// let mut storage = [[0; 256]; 2];
/// let pool = Pool::new(&mut storage);
/// let (one, two) = (receive(&pool), receive(&pool));
/// assert!(one.is_some() && two.is_some());
/// assert!(receive(&pool).is_none());
/// drop(one);
/// assert!(receive(&pool).is_some());
/// assert_eq!(pool.snapshot().refused, 1);
/// ```
///
/// A pool of no buffers, or of buffers for no byte, does not compile:
///
/// ```compile_fail
/// let mut storage: [[u8; 64]; 0] = [];
/// let pool = ptk_core::pool::Pool::new(&mut storage);
/// ```
pub struct Pool<'a, P: ?Sized = [Place<'a>]> {
    /// Bytes in each buffer.
    size: usize,
    /// How many are free: `places[..free]`.
    free: Cell<usize>,
    /// The smallest number that was ever free.
    low_water: Cell<usize>,
    refused: Cell<u64>,
    marker: core::marker::PhantomData<Place<'a>>,
    places: P,
}

/// What a [`Pool`] knew at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PoolSnapshot {
    /// Bytes in each buffer.
    pub size: usize,
    /// How many buffers there are.
    pub capacity: usize,
    /// How many were taken.
    pub in_use: usize,
    /// The largest number that was taken at once.
    pub high_water: usize,
    /// How often a buffer was asked for when none was free.
    pub refused: u64,
}

impl<'a, const COUNT: usize> Pool<'a, [Place<'a>; COUNT]> {
    /// A pool of `COUNT` buffers of `SIZE` bytes. Their contents stay what they are, now and between uses.
    pub fn new<const SIZE: usize>(storage: &'a mut [[u8; SIZE]; COUNT]) -> Self {
        const {
            assert!(COUNT > 0, "a pool needs at least one buffer");
            assert!(SIZE > 0, "a buffer needs at least one byte");
        };
        Self {
            size: SIZE,
            free: Cell::new(COUNT),
            low_water: Cell::new(COUNT),
            refused: Cell::new(0),
            marker: core::marker::PhantomData,
            places: storage
                .each_mut()
                .map(|buffer| Cell::new(Some(buffer.as_mut_slice()))),
        }
    }

    /// This pool without its `COUNT`.
    pub fn view(&self) -> &Pool<'a> {
        self
    }

    /// See [`Pool::take`] of the view.
    pub fn take(&self) -> Option<Buffer<'_, 'a>> {
        self.view().take()
    }

    /// Bytes in each buffer.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How many buffers are taken.
    pub fn in_use(&self) -> usize {
        self.view().in_use()
    }

    /// The largest number of buffers that were taken at once.
    pub fn high_water(&self) -> usize {
        self.view().high_water()
    }

    /// All figures at once.
    pub fn snapshot(&self) -> PoolSnapshot {
        self.view().snapshot()
    }
}

impl<'a> Pool<'a> {
    /// A buffer of full [size](Self::size), or `None` when none is free, which is counted. The last one
    /// given back comes first: it is likely to be in the cache.
    pub fn take(&self) -> Option<Buffer<'_, 'a>> {
        let buffer = self.take_quietly();
        if buffer.is_none() {
            self.refused.set(self.refused.get().saturating_add(1));
        }
        buffer
    }

    fn take_quietly(&self) -> Option<Buffer<'_, 'a>> {
        let free = self.free.get().checked_sub(1)?;
        let bytes = self.places[free].take()?;
        self.free.set(free);
        self.low_water.set(self.low_water.get().min(free));
        Some(Buffer::new(self, bytes))
    }

    fn give_back(&self, bytes: &'a mut [u8]) {
        let free = self.free.get();
        if let Some(place) = self.places.get(free) {
            place.set(Some(bytes));
            self.free.set(free + 1);
        }
    }

    /// Bytes in each buffer.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// How many buffers there are.
    pub const fn capacity(&self) -> usize {
        self.places.len()
    }

    /// How many buffers are taken.
    pub fn in_use(&self) -> usize {
        self.places.len() - self.free.get()
    }

    /// The largest number of buffers that were taken at once.
    pub fn high_water(&self) -> usize {
        self.places.len() - self.low_water.get()
    }

    /// All figures at once.
    pub fn snapshot(&self) -> PoolSnapshot {
        PoolSnapshot {
            size: self.size,
            capacity: self.capacity(),
            in_use: self.in_use(),
            high_water: self.high_water(),
            refused: self.refused.get(),
        }
    }
}

#[cfg(test)]
mod tests;
