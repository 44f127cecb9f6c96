//! One kqueue: a page that is wiped on fork with the lock in it, and behind it what the lock protects.

use core::cell::UnsafeCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU8, AtomicU32, Ordering};

use libc::c_int;

use crate::hot::HotTable;
use crate::lock::Lock;
use crate::mailbox::Mailbox;
use crate::state::State;
use crate::sys::Errno;

/// In [`Head::mood`]: the kqueue is open, in this process.
pub(crate) const ALIVE: u8 = 1;
/// In [`Head::mood`]: something is on the ready list, or must be looked at in each call.
pub(crate) const READY: u8 = 2;
/// In [`Head::mood`]: a waiter may be woken without an event for it, so a call with a timeout reads the clock first.
pub(crate) const FUSSY: u8 = 4;

/// A kqueue's memory. It is never given back, only used again, so a reference stays good for ever; the serial number tells whether it
/// still is the same kqueue.
#[repr(C, align(4096))]
pub(crate) struct Kq {
    /// Zero in a forked child ([`crate::registry`] maps this page so).
    pub(crate) head: Head,
    /// A number of this kqueue, at first the one that `kqueue` returned; -1 when free. Others, made by `dup`, are known to the registry only.
    pub(crate) fd: AtomicI32,
    /// The next of all.
    pub(crate) next: AtomicPtr<Kq>,
    /// What waiters read without the lock.
    pub(crate) hot: HotTable,
    state: UnsafeCell<State>,
}

/// The first page.
#[repr(C, align(4096))]
pub(crate) struct Head {
    /// A call that waits for ever need not look at anything but epoll. Worked out from `mood`, as the next.
    pub(crate) steady_forever: AtomicBool,
    /// The same for a call with a timeout: not when a waiter may be woken for nothing, because then the call's start must be known.
    pub(crate) steady_timed: AtomicBool,
    /// [`ALIVE`], [`READY`], [`FUSSY`].
    pub(crate) mood: AtomicU8,
    lock: Lock,
    /// The number of kqueues that this memory has been.
    pub(crate) serial: AtomicU32,
    /// Triggers that signal handlers left.
    pub(crate) mailbox: Mailbox,
}

/// A kqueue as a waiter has it: by what is published, which is the first thing that it looks at.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Published(NonNull<HotTable>);

impl Published {
    /// Of a kqueue. (References to one stay good for ever.)
    #[inline(always)]
    pub(crate) fn of(kq: &Kq) -> Self {
        Self(
            NonNull::from(kq)
                .map_addr(|address| address.saturating_add(core::mem::offset_of!(Kq, hot)))
                .cast(),
        )
    }

    /// From a table of pointers, in which null is "none".
    ///
    /// # Safety
    ///
    /// `pointer` is null or was made by [`Published::as_ptr`].
    #[inline(always)]
    pub(crate) unsafe fn from_ptr(pointer: *mut HotTable) -> Option<Self> {
        NonNull::new(pointer).map(Self)
    }

    /// The same, of a pointer that is not null.
    ///
    /// # Safety
    ///
    /// `pointer` was made by [`Published::as_ptr`].
    #[inline(always)]
    pub(crate) unsafe fn from_kept(pointer: *mut HotTable) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { NonNull::new_unchecked(pointer) })
    }

    /// For a table of pointers.
    pub(crate) fn as_ptr(self) -> *mut HotTable {
        self.0.as_ptr()
    }

    /// What is published.
    #[inline(always)]
    pub(crate) fn table(self) -> &'static HotTable {
        // SAFETY: made from a whole `Kq` (`of`), whose memory is never given back; the table consists of atomics.
        unsafe { self.0.as_ref() }
    }

    /// The whole.
    #[inline(always)]
    pub(crate) fn kq(self) -> &'static Kq {
        // SAFETY: made from a pointer to a whole `Kq` (`of`), whose memory is never given back.
        unsafe {
            self.0
                .byte_sub(core::mem::offset_of!(Kq, hot))
                .cast::<Kq>()
                .as_ref()
        }
    }
}

// SAFETY: the state is only reached through `Guard`, which holds the lock.
unsafe impl Sync for Kq {}

/// The lock, held. Give it back with [`Guard::release`] or [`Guard::release_plain`].
pub(crate) struct Guard<'kq> {
    kq: &'kq Kq,
}

impl Head {
    /// Tells waiters what they must look at.
    pub(crate) fn set_mood(&self, mood: u8) {
        self.mood.store(mood, Ordering::Release);
        self.steady_forever
            .store(mood & !FUSSY == ALIVE, Ordering::Release);
        self.steady_timed.store(mood == ALIVE, Ordering::Release);
    }
}

impl Kq {
    /// Takes the lock. `EDEADLK` when the calling thread has it: a signal handler interrupted a call on the same kqueue.
    #[inline(always)]
    pub(crate) fn lock(&self) -> Result<Guard<'_>, Errno> {
        match self.head.lock.acquire() {
            Ok(()) => Ok(Guard { kq: self }),
            Err(_) => Err(libc::EDEADLK),
        }
    }

    /// Takes the lock of the kqueue that had this serial number; `EBADF` when the memory has become another one since.
    #[inline(always)]
    pub(crate) fn lock_same(&self, serial: u32) -> Result<Guard<'_>, Errno> {
        let guard = self.lock()?;
        if self.head.serial.load(Ordering::Relaxed) != serial {
            guard.release_plain();
            return Err(libc::EBADF);
        }
        Ok(guard)
    }

    /// The state, in the child of a fork, where no other thread exists and the lock is void.
    ///
    /// # Safety
    ///
    /// The caller guarantees that it is the only thread and that no guard is alive.
    #[allow(clippy::mut_from_ref)]
    pub(crate) unsafe fn state_after_fork(&self) -> &mut State {
        self.head.lock.reset();
        // SAFETY: the caller's promise.
        unsafe { &mut *self.state.get() }
    }
}

impl Guard<'_> {
    /// What the lock protects.
    #[inline(always)]
    pub(crate) fn state(&mut self) -> &mut State {
        // SAFETY: the guard holds the lock and is borrowed mutably, so no other reference exists.
        unsafe { &mut *self.kq.state.get() }
    }

    /// Publishes what waiters must know, and gives the lock back.
    pub(crate) fn release(mut self, epfd: c_int) {
        let state = self.state();
        let mut mood = ALIVE;
        if state.ready.length != 0 || state.polled != 0 {
            mood |= READY;
        }
        if state.fussy || state.fussy_sides != 0 {
            mood |= FUSSY;
        }
        let kq = self.kq;
        let known = kq.head.mood.load(Ordering::Relaxed);
        if known != mood && known & ALIVE != 0 {
            kq.head.set_mood(mood);
            crate::registry::show(kq);
        }
        self.release_plain();
        if kq.head.mailbox.has_post() {
            crate::mailbox::deliver(kq, epfd);
        }
    }

    /// Gives the lock back; nothing that waiters must know has changed.
    #[inline(always)]
    pub(crate) fn release_plain(self) {
        self.kq.head.lock.release();
    }

    /// Brings the kernel's side up to date when something changed, then releases.
    pub(crate) fn settle_and_release(mut self, epfd: c_int) -> Result<(), Errno> {
        let state = self.state();
        let result = if state.dirty {
            state.settle(epfd)
        } else {
            Ok(())
        };
        self.release(epfd);
        result
    }
}
