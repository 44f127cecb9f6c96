//! [`ArrayList`]: a length and room for so many items, the room not initialised until it is used.

use core::mem::MaybeUninit;
use core::slice;

/// Up to as many `T` as there is room in `S`, which is an array here and a slice behind a view.
///
/// Invariant: the first `len` places and the first `high` places are initialised; neither is above the room.
pub struct ArrayList<S: ?Sized> {
    len: usize,
    high: usize,
    places: S,
}

impl<T: Copy, const N: usize> ArrayList<[MaybeUninit<T>; N]> {
    /// An empty list.
    #[inline]
    pub const fn new() -> Self {
        Self {
            len: 0,
            high: 0,
            places: [const { MaybeUninit::uninit() }; N],
        }
    }
}

impl<T: Copy> ArrayList<[MaybeUninit<T>]> {
    /// The number of items.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The number of items that fit.
    #[inline]
    pub const fn capacity(&self) -> usize {
        self.places.len()
    }

    /// Adds an item at the end, or hands it back.
    #[inline]
    pub fn push(&mut self, item: T) -> Result<(), T> {
        let Some(place) = self.places.get_mut(self.len) else {
            return Err(item);
        };
        place.write(item);
        self.len += 1;
        Ok(())
    }

    /// Adds items at the end until there is no more room; hands the first one back that did not fit.
    #[inline]
    pub fn extend(&mut self, items: impl IntoIterator<Item = T>) -> Result<(), T> {
        let mut result = Ok(());
        let mut added = 0;
        // The length is written once, after the loop, so that the loop can keep it in a register.
        let mut room = self.places[self.len..].iter_mut();
        for item in items {
            let Some(place) = room.next() else {
                result = Err(item);
                break;
            };
            place.write(item);
            added += 1;
        }
        self.len += added;
        result
    }

    /// Forgets the items but leaves them readable as [`ArrayList::former`] until others take their places.
    #[inline]
    pub const fn clear(&mut self) {
        self.high = self.len;
        self.len = 0;
    }

    /// The items.
    #[inline]
    pub const fn as_slice(&self) -> &[T] {
        // SAFETY: so many places are initialised (invariant of the type).
        unsafe { slice::from_raw_parts(self.places.as_ptr().cast::<T>(), self.len) }
    }

    /// As many items as the list held before the last `clear`: those, as far as no others have taken their places.
    #[inline]
    pub const fn former(&self) -> &[T] {
        // SAFETY: `high` places are initialised (invariant of the type).
        unsafe { slice::from_raw_parts(self.places.as_ptr().cast::<T>(), self.high) }
    }

    /// Empties the list and hands out the memory of what it held, to change. Leaves [`ArrayList::former`] as it was.
    #[inline]
    pub const fn take(&mut self) -> &mut [T] {
        let length = self.len;
        self.len = 0;
        // SAFETY: `length` places are initialised (invariant of the type), and stay so; the borrow is unique.
        unsafe { slice::from_raw_parts_mut(self.places.as_mut_ptr().cast::<T>(), length) }
    }
}
