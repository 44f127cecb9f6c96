//! [`Process`] and [`ExitStatus`].

use core::fmt;

use super::{Filter, actions, add, options};
use crate::{Change, ProcessNotes};

/// `EVFILT_PROC`: a process ends; on systems that tell, also that it forks or executes.
///
/// The registration is gone with the process: after an event with [`EXIT`](ProcessNotes::EXIT) there is nothing to delete. A
/// process number is a number: unless the process is a child that was not yet waited for, it may be somebody else's by the time it is registered.
#[derive(Clone, Copy)]
pub struct Process {
    pub(crate) draft: Change<'static>,
}

impl Process {
    /// Watches a process for the given events.
    #[inline]
    pub const fn new(pid: u32, notes: ProcessNotes) -> Self {
        Self {
            draft: Change::draft(pid as usize, Filter::PROC).with_notes(notes.bits()),
        }
    }

    /// Watches for the end of a process, with its status where the system gives it (`NOTE_EXIT`; on macOS with `NOTE_EXITSTATUS`).
    #[inline]
    pub const fn exit(pid: u32) -> Self {
        Self::new(pid, crate::system::EXIT_WITH_STATUS)
    }
}

options!(Process);
add!(Process);
actions!(Process);

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Process").field(&self.draft).finish()
    }
}

/// How a process ended, as `wait(2)` encodes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExitStatus(i32);

impl ExitStatus {
    /// A status from its encoding.
    #[inline]
    pub const fn from_raw(raw: i32) -> Self {
        Self(raw)
    }

    /// The encoding: what `WIFEXITED` and its relatives take.
    #[inline]
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// What the process passed to `exit`, unless a signal ended it.
    #[inline]
    pub const fn code(self) -> Option<i32> {
        if self.0 & 0x7f == 0 {
            Some((self.0 >> 8) & 0xff)
        } else {
            None
        }
    }

    /// The signal that ended the process, if one did.
    #[inline]
    pub const fn signal(self) -> Option<i32> {
        match self.0 & 0x7f {
            0 | 0x7f => None,
            signal => Some(signal),
        }
    }
}

impl fmt::Debug for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code(), self.signal()) {
            (Some(code), _) => write!(f, "ExitStatus(code {code})"),
            (_, Some(signal)) => write!(f, "ExitStatus(signal {signal})"),
            _ => write!(f, "ExitStatus({:#x})", self.0),
        }
    }
}
