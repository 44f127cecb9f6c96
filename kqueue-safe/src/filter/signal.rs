//! [`Signal`].

use core::fmt;

use super::{Filter, actions, add, options};
use crate::Change;

/// `EVFILT_SIGNAL`: a signal was sent to this process.
///
/// The event comes besides what the signal does anyway: a handler runs, a default action ends the process. To only count a signal, ignore or block
/// it. The filter is as if [`clear`](Signal::clear) had been given.
#[derive(Clone, Copy)]
pub struct Signal {
    pub(crate) draft: Change<'static>,
}

impl Signal {
    /// Watches for a signal (`SIGCHLD`, `SIGTERM`, …). The systems do not check the number: one that does not exist is accepted by some
    /// and never reported.
    #[inline]
    pub const fn new(signal: i32) -> Self {
        Self {
            draft: Change::draft(signal as usize, Filter::SIGNAL),
        }
    }
}

options!(Signal);
add!(Signal);
actions!(Signal);

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signal").field(&self.draft).finish()
    }
}
