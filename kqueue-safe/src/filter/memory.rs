//! [`Memory`].

use core::fmt;

use crate::Change;
use crate::filter::{Filter, actions, add, options};

/// `EVFILT_VM`: memory is short.
///
/// macOS.
#[derive(Clone, Copy)]
pub struct Memory {
    pub(crate) draft: Change<'static>,
}

impl Memory {
    /// Watches for the given events.
    #[inline]
    pub const fn new(notes: crate::MemoryNotes) -> Self {
        Self {
            draft: Change::draft(0, Filter::VM).with_notes(notes.bits()),
        }
    }

    /// Watches for pressure (`NOTE_VM_PRESSURE`).
    #[inline]
    pub const fn pressure() -> Self {
        Self::new(crate::MemoryNotes::PRESSURE)
    }
}

options!(Memory);
add!(Memory);
actions!(Memory);

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memory").field(&self.draft).finish()
    }
}
