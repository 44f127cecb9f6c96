//! Triggers from signal handlers. A handler may interrupt its own thread inside `kevent`, while that thread holds the kqueue's lock. It cannot wait for
//! itself, so it leaves the change here, and the owner applies it when it gives the lock back.

use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use libc::c_int;

use crate::abi::{EVFILT_USER, NOTE_TRIGGER, kevent};
use crate::kq::Kq;
use crate::sys::Errno;

/// Different user events that can wait at once.
const SLOTS: usize = 16;

const FREE: u32 = 0;
const FILLING: u32 = 1;
const FULL: u32 = 2;

/// One change; the handler fills it, the lock's owner empties it.
struct Slot {
    stage: AtomicU32,
    fflags: AtomicU32,
    ident: AtomicUsize,
    data: AtomicUsize,
    udata: AtomicUsize,
}

/// All zero is empty.
pub(crate) struct Mailbox {
    waiting: AtomicU32,
    slots: [Slot; SLOTS],
}

impl Mailbox {
    /// Is there anything to apply?
    #[inline(always)]
    pub(crate) fn has_post(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) != 0
    }

    /// Leaves a trigger. `EDEADLK` when the change is not a plain trigger of a user event, `EAGAIN` when all slots are taken.
    pub(crate) fn post(&self, change: &kevent) -> Result<(), Errno> {
        if change.filter != EVFILT_USER || change.flags != 0 || change.fflags & NOTE_TRIGGER == 0 {
            return Err(libc::EDEADLK);
        }
        for slot in &self.slots {
            let same = slot.stage.load(Ordering::Acquire) == FULL
                && slot.ident.load(Ordering::Relaxed) == change.ident
                && slot.fflags.load(Ordering::Relaxed) == change.fflags;
            if same {
                return Ok(());
            }
        }
        for slot in &self.slots {
            if slot
                .stage
                .compare_exchange(FREE, FILLING, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
            {
                slot.ident.store(change.ident, Ordering::Relaxed);
                slot.fflags.store(change.fflags, Ordering::Relaxed);
                slot.data.store(change.data as usize, Ordering::Relaxed);
                slot.udata
                    .store(change.udata.expose_provenance(), Ordering::Relaxed);
                slot.stage.store(FULL, Ordering::Release);
                self.waiting.fetch_add(1, Ordering::Release);
                return Ok(());
            }
        }
        Err(libc::EAGAIN)
    }

    fn take(&self) -> Option<kevent> {
        for slot in &self.slots {
            if slot.stage.load(Ordering::Acquire) == FULL {
                let change = kevent {
                    ident: slot.ident.load(Ordering::Relaxed),
                    filter: EVFILT_USER,
                    flags: 0,
                    fflags: slot.fflags.load(Ordering::Relaxed),
                    data: slot.data.load(Ordering::Relaxed) as isize,
                    udata: core::ptr::with_exposed_provenance_mut(
                        slot.udata.load(Ordering::Relaxed),
                    ),
                };
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                slot.stage.store(FREE, Ordering::Release);
                return Some(change);
            }
        }
        None
    }
}

/// Applies what handlers left while the lock was held. What is not registered is dropped: the handler is gone.
#[cold]
pub(crate) fn deliver(kq: &Kq, epfd: c_int) {
    while kq.head.mailbox.has_post() {
        let Ok(mut guard) = kq.lock() else { return };
        let state = guard.state();
        while let Some(change) = kq.head.mailbox.take() {
            let _ = crate::filter::user::change(state, &change);
        }
        let _ = guard.settle_and_release(epfd);
    }
}
