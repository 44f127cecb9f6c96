//! [`Jail`].

use core::fmt;

use crate::Change;
use crate::filter::{Filter, actions, add, options};

/// `EVFILT_JAIL`: a jail is changed, entered, removed, or has a child.
///
/// FreeBSD 15.
#[derive(Clone, Copy)]
pub struct Jail {
    pub(crate) draft: Change<'static>,
}

impl Jail {
    /// Watches a jail for the given events; 0 is the jail of this process.
    #[inline]
    pub const fn new(jail: i32, notes: crate::JailNotes) -> Self {
        Self {
            draft: Change::draft(jail as usize, Filter::JAIL).with_notes(notes.bits()),
        }
    }
}

options!(Jail);
add!(Jail);
actions!(Jail);

impl fmt::Debug for Jail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Jail").field(&self.draft).finish()
    }
}
