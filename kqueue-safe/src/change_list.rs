//! [`ChangeList`] and its view.

use core::fmt;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};

use crate::sys::ArrayList;
use crate::{Change, Error, Event};

type Place<'fd> = MaybeUninit<Change<'fd>>;

/// Room for `N` changes, on the stack, in a struct, or in a `static` inside an [`Exclusive`](crate::Exclusive).
///
/// Making one costs nothing, whatever `N` is: places are written when a change is pushed. Functions take a [`ChangeView`], to which a
/// list derefs, so that `N` does not spread through signatures. A capacity of zero does not compile.
///
/// ```
/// use kqueue_safe::{ChangeList, Token, User};
///
/// let mut changes: ChangeList<'_, 2> = ChangeList::new();
/// changes.push(User::new(1).clear().add(Token::new(0, 0)))?;
/// changes.push(User::new(2).clear().add(Token::new(1, 0)))?;
/// let refused = changes.push(User::new(3).clear().add(Token::new(2, 0)));
/// assert_eq!(refused.unwrap_err().into_inner().ident(), 3);
/// # Ok::<(), kqueue_safe::Error>(())
/// ```
pub struct ChangeList<'fd, const N: usize> {
    view: ChangeView<'fd, [Place<'fd>; N]>,
}

/// A [`ChangeList`] of any capacity: what functions take.
pub struct ChangeView<'fd, S: ?Sized = [Place<'fd>]> {
    descriptors: core::marker::PhantomData<Change<'fd>>,
    list: ArrayList<S>,
}

impl<'fd, const N: usize> ChangeList<'fd, N> {
    /// An empty list.
    #[inline]
    pub const fn new() -> Self {
        const { assert!(N > 0, "a list of changes needs room for at least one") };
        const { assert!(N <= i32::MAX as usize, "kevent counts changes in an int") };
        Self {
            view: ChangeView {
                descriptors: core::marker::PhantomData,
                list: ArrayList::new(),
            },
        }
    }
}

impl<const N: usize> Default for ChangeList<'_, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'fd, const N: usize> Deref for ChangeList<'fd, N> {
    type Target = ChangeView<'fd>;

    #[inline]
    fn deref(&self) -> &ChangeView<'fd> {
        &self.view
    }
}

impl<const N: usize> DerefMut for ChangeList<'_, N> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.view
    }
}

impl<'fd> ChangeView<'fd> {
    /// Adds a change at the end.
    ///
    /// # Errors
    ///
    /// A full list hands the change back. It borrows a descriptor, so where an error must be `'static` (`Box<dyn Error>`), make it one
    /// that keeps nothing: `.map_err(kqueue_safe::Error::from)?`.
    #[inline]
    pub fn push(&mut self, change: Change<'fd>) -> Result<(), Full<Change<'fd>>> {
        self.list.push(change).map_err(Full)
    }

    /// Adds changes at the end: `push` in a loop, a little faster.
    ///
    /// # Errors
    ///
    /// When the list is full, it hands back the first change that did not fit; those before it are in the list.
    #[inline]
    pub fn try_extend(
        &mut self,
        changes: impl IntoIterator<Item = Change<'fd>>,
    ) -> Result<(), Full<Change<'fd>>> {
        self.list.extend(changes).map_err(Full)
    }

    /// The number of changes.
    #[inline]
    pub const fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.list.len() == 0
    }

    /// Whether the next `push` is refused.
    #[inline]
    pub const fn is_full(&self) -> bool {
        self.list.len() == self.list.capacity()
    }

    /// The number of changes that fit.
    #[inline]
    pub const fn capacity(&self) -> usize {
        self.list.capacity()
    }

    /// Forgets the changes.
    #[inline]
    pub const fn clear(&mut self) {
        self.list.clear();
    }

    /// The changes, in the order in which the kernel will apply them.
    #[inline]
    pub const fn as_slice(&self) -> &[Change<'fd>] {
        self.list.as_slice()
    }

    /// What the list held before the last `clear`: for the call that has just taken it.
    #[inline]
    pub(crate) const fn former(&self) -> &[Change<'fd>] {
        self.list.former()
    }

    /// Empties the list and hands out the changes' own memory, for receipts.
    #[inline]
    pub(crate) const fn take(&mut self) -> &mut [Change<'fd>] {
        self.list.take()
    }

    /// Which change an error entry of the last [`apply_and_wait`](crate::Kqueue::apply_and_wait) is about: its index in the list that was submitted.
    ///
    /// A submission empties the list but leaves what it held readable until the next `push`; this looks there for the change with
    /// the entry's identifier, filter and token. `None` if there is none, or if something was pushed since. Where several changes have all three in common, it is
    /// the first of them; [`Kqueue::apply`](crate::Kqueue::apply) tells even those apart.
    pub fn index_of(&self, failed: &Event) -> Option<usize> {
        if !failed.is_error() || !self.is_empty() {
            return None;
        }
        self.list.former().iter().position(|change| {
            change.ident() == failed.ident()
                && change.filter() == failed.filter()
                && change.token() == failed.token()
        })
    }
}

impl fmt::Debug for ChangeView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

impl<const N: usize> fmt::Debug for ChangeList<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A full container's answer: the item that did not fit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Full<T>(pub(crate) T);

impl<T> Full<T> {
    /// The item.
    #[inline]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Full(..)")
    }
}

impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("full")
    }
}

impl<T> core::error::Error for Full<T> {}

impl<T> From<Full<T>> for Error {
    #[inline]
    fn from(_: Full<T>) -> Self {
        Self::Full
    }
}
